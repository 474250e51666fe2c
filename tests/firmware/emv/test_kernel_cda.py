"""A cryptogram whose signature is bad is worth nothing: a TC approves nothing, an ARQC is never sent."""

from __future__ import annotations

import asyncio

import pytest

from drivers.bench.cards import TestCard
from firmware.emv.bits import Tsi, Tvr
from firmware.emv.commands import Commands
from firmware.emv.cryptogram import Cryptogram
from firmware.emv.kernel import complete, process
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.purposes import clearing_data, field_55, masked_tags, receipt_facts
from firmware.emv.session import Session
from firmware.emv.tlv import parse
from firmware.units import Millis
from tests.firmware.emv.test_with_cards import CardInReader, Case
from tests.firmware.emv.transactions import played, script

OFFLINE_FEN = 1_234
ONLINE_FEN = 60_000


class TamperedCard(CardInReader):
    """A card whose answers to GENERATE AC are changed on their way, by one bit of the signature; remembers each P1."""

    def __init__(self, card: TestCard, *, tampered: int) -> None:
        super().__init__(card)
        self._tampered = tampered
        self.asked: list[int] = []

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        answer = await super().transmit(command, timeout_ms)
        if command[1] != 0xAE:
            return answer
        self.asked.append(command[2])
        at = answer.find(b"\x9f\x4b")
        if len(self.asked) != self._tampered or at < 0:
            return answer
        return answer[: at + 20] + bytes([answer[at + 20] ^ 1]) + answer[at + 21 :]


def tampered_case(fen: int, tampered: int) -> tuple[Case, TamperedCard]:
    case = Case("cda", fen=fen)
    card = TamperedCard(case.card, tampered=tampered)
    case.session.commands = Commands(card, Millis(1_000))
    return case, card


def tells_no_approval(s: Session) -> None:
    """Receipt, messages and report call what the terminal declined an AAC, without a cryptogram of the card's."""
    facts = receipt_facts(s)
    assert (facts.cryptogram_kind, facts.cid, facts.cryptogram) == (Cryptogram.AAC, "00", "")
    for data in (clearing_data(s), field_55(s)):
        objects = {each.tag: each.value for each in parse(data, "the test")}
        assert objects[0x9F27] == b"\x00"
        assert 0x9F26 not in objects
        assert Tvr.CDA_FAILED.to_data()[0] & objects[0x95][0]
    assert masked_tags(s, testing=False)["9F27"] == "00"


@pytest.mark.rule(12)
def test_good_signatures_are_asked_for_and_taken_both_times() -> None:
    case, card = tampered_case(ONLINE_FEN, tampered=0)

    first = case.process()
    last = case.complete(case.approval())

    assert (first.verdict, last.verdict) == (Verdict.GO_ONLINE, Verdict.APPROVED)
    assert card.asked == [0x90, 0x50]
    assert Tsi.ODA_PERFORMED in case.session.tsi


@pytest.mark.rule(12)
def test_tc_with_bad_signature_is_declined_offline() -> None:
    case, card = tampered_case(OFFLINE_FEN, tampered=1)

    outcome = case.process()

    assert (outcome.verdict, outcome.online, outcome.reversal) == (Verdict.DECLINED, False, False)
    assert "combined data authentication" in outcome.why
    assert card.asked == [0x50]
    assert case.session.tvr == Tvr.CDA_FAILED
    assert case.session.store.get(0x8A) == b"Z1"
    tells_no_approval(case.session)


@pytest.mark.rule(12)
def test_arqc_with_bad_signature_is_not_sent_and_the_card_is_told_no() -> None:
    case, card = tampered_case(ONLINE_FEN, tampered=1)

    outcome = case.process()

    assert outcome == Outcome(outcome.verdict, outcome.message, why=outcome.why)
    assert outcome.verdict is Verdict.DECLINED
    assert card.asked == [0x90, 0x00]
    assert Tvr.CDA_FAILED in case.session.tvr
    assert case.session.store.card(0x9F27) == b"\x00"


@pytest.mark.rule(12, 27)
def test_final_tc_with_bad_signature_is_declined_and_the_approval_reversed() -> None:
    case, card = tampered_case(ONLINE_FEN, tampered=2)
    case.process()

    outcome = case.complete(case.approval())

    assert (outcome.verdict, outcome.online, outcome.reversal) == (Verdict.DECLINED, True, True)
    assert "combined data authentication" in outcome.why
    assert card.asked == [0x90, 0x50]
    assert Tvr.CDA_FAILED in case.session.tvr
    tells_no_approval(case.session)
    assert case.session.store.get(0x8A) == b"00"


@pytest.mark.rule(12, 23)
def test_tc_without_signature_where_the_issuer_is_away_is_declined_with_z3() -> None:
    s, card = played(script("unable_to_go_online_approved").replace("80AE 4000", "80AE 5000"))
    asyncio.run(process(s))
    s.cda_requested = True

    outcome = asyncio.run(complete(s, None))

    card.check_finished()
    assert (outcome.verdict, outcome.online, outcome.reversal) == (Verdict.DECLINED, False, False)
    assert "combined data authentication" in outcome.why
    tells_no_approval(s)
    assert s.store.get(0x8A) == b"Z3"
