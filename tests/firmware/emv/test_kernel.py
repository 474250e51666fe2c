"""Whole transactions, each one script of what terminal and card say: the order of the steps, and what it comes to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from firmware.emv.bits import Tsi
from firmware.emv.commands import Commands
from firmware.emv.kernel import process
from firmware.emv.outcome import Outcome, StandardMessage, Verdict
from firmware.emv.purposes import session_pan
from firmware.emv.session import Session, TransactionType
from firmware.units import Millis
from tests.firmware.emv.scripted import PARAMETERS, REQUEST, Person, ScriptedCard
from tests.firmware.emv.transactions import APPROVAL, BARE_APPROVAL, REFUSAL, played, run, script, tags


@pytest.mark.rule(23)
def test_offline_approved_sale_has_a_tc_and_y1() -> None:
    s, card = played(script("offline_approved"))

    outcome = run(s)

    card.check_finished()
    assert outcome == Outcome(Verdict.APPROVED, StandardMessage.APPROVED)
    assert tags(s, 0x8A, 0x9F27, 0x9F26, 0x95) == ["5931", "40", "A1" * 8, "8000000000"]
    assert s.tsi == Tsi.CV_PERFORMED | Tsi.TERMINAL_RISK_MANAGEMENT_PERFORMED | Tsi.CARD_RISK_MANAGEMENT_PERFORMED


@pytest.mark.rule(22, 23)
def test_offline_declined_sale_has_an_aac_and_z1() -> None:
    s, card = played(script("offline_declined"))

    outcome = run(s)

    card.check_finished()
    assert outcome == Outcome(Verdict.DECLINED, StandardMessage.DECLINED)
    assert tags(s, 0x8A, 0x9F27, 0x9F26) == ["5A31", "00", "A2" * 8]


@pytest.mark.rule(23, 25)
def test_sale_that_the_card_declines_at_once_ends_without_a_second_cryptogram() -> None:
    s, card = played(script("declined_by_card"))

    outcome = run(s)

    card.check_finished()
    assert outcome == Outcome(Verdict.DECLINED, StandardMessage.DECLINED)
    assert tags(s, 0x8A, 0x9F27) == ["5A31", "00"]


@pytest.mark.rule(24)
def test_sale_that_needs_the_issuer_waits_for_him() -> None:
    s, _ = played(script("online_approved"))

    outcome = asyncio.run(process(s))

    assert outcome == Outcome(Verdict.GO_ONLINE, StandardMessage.PLEASE_WAIT)
    assert tags(s, 0x9F27, 0x9F26, 0x9F36, 0x9F10) == ["80", "B1" * 8, "0021", "06010A03A00000"]
    assert s.store.get(0x8A) is None


@pytest.mark.rule(25, 26)
def test_online_approved_sale_authenticates_runs_scripts_and_gets_a_tc_in_this_order() -> None:
    s, card = played(script("online_approved"))

    outcome = run(s, APPROVAL)

    card.check_finished()
    assert outcome == Outcome(Verdict.APPROVED, StandardMessage.APPROVED, online=True)
    # The script of template 72 failed when the TC was made already: only the clearing data tells it.
    assert tags(s, 0x8A, 0x9F27, 0x9F26, 0x95, 0x9F5B) == [
        *("3030", "40", "B2" * 8, "8000000010", "200000000A" + "110000000A")
    ]
    assert Tsi.ISSUER_AUTHENTICATION_PERFORMED | Tsi.SCRIPT_PERFORMED in s.tsi


@pytest.mark.rule(26)
def test_online_declined_sale_gets_an_aac_and_runs_the_script_all_the_same() -> None:
    s, card = played(script("online_declined"))

    outcome = run(s, REFUSAL)

    card.check_finished()
    assert outcome == Outcome(Verdict.DECLINED, StandardMessage.DECLINED, online=True)
    assert tags(s, 0x8A, 0x9F27, 0x9F5B) == ["3531", "00", "200000000A"]


def test_online_referral_tells_the_person_to_call_the_bank() -> None:
    text = script("online_declined").replace("0F 3531", "0F 3032")
    s, card = played(text)

    outcome = run(s, replace(REFUSAL, response_code="02"))

    card.check_finished()
    assert outcome == Outcome(Verdict.DECLINED, StandardMessage.CALL_YOUR_BANK, online=True)


@pytest.mark.rule(25, 27)
def test_sale_that_the_card_declines_after_approval_is_reversed() -> None:
    s, card = played(script("card_declines_after_approval"))

    outcome = run(s, BARE_APPROVAL)

    card.check_finished()
    assert outcome == Outcome(Verdict.DECLINED, StandardMessage.DECLINED, online=True, reversal=True)
    assert tags(s, 0x95) == ["8000000040"]


@pytest.mark.rule(22, 23)
def test_unable_to_go_online_sale_that_card_allows_has_a_tc_and_y3() -> None:
    s, card = played(script("unable_to_go_online_approved"))

    outcome = run(s)

    card.check_finished()
    assert outcome == Outcome(Verdict.APPROVED, StandardMessage.APPROVED)
    assert tags(s, 0x8A, 0x9F27) == ["5933", "40"]


@pytest.mark.rule(23)
def test_unable_to_go_online_sale_that_card_refuses_has_z3_in_the_end() -> None:
    text = script("unable_to_go_online_approved").replace("8012 40 0021 E2", "8012 00 0021 E2")
    s, card = played(text)

    outcome = run(s)

    card.check_finished()
    assert outcome == Outcome(Verdict.DECLINED, StandardMessage.DECLINED)
    assert tags(s, 0x8A, 0x9F27) == ["5A33", "00"]


@pytest.mark.rule(22, 23)
def test_unable_to_go_online_sale_by_default_action_code_has_an_aac_and_z3() -> None:
    s, card = played(script("unable_to_go_online_declined"))

    outcome = run(s)

    card.check_finished()
    assert outcome == Outcome(Verdict.DECLINED, StandardMessage.DECLINED)
    assert tags(s, 0x8A, 0x9F27) == ["5A33", "00"]


REFUNDED = """
> 80AE 0000 20 000000001234 000000000000 0156 8000000000 0156 260314 20 ........ 3F0000 00
< 8012 00 0021 A2A2A2A2A2A2A2A2 06010A03A00000 9000
"""


def refund(last: str = REFUNDED, **options: Any) -> tuple[Session, ScriptedCard]:
    opening, _, _ = script("offline_declined").partition("# An AAC is asked for")
    return played(opening + last, kind=TransactionType.REFUND, **options)


def test_refund_reads_the_card_and_lets_it_go_with_an_aac() -> None:
    s, card = refund()

    outcome = run(s)

    card.check_finished()
    assert outcome == Outcome(Verdict.READ, StandardMessage.PLEASE_WAIT)
    assert tags(s, 0x8A, 0x9F27, 0x95) == ["", "00", "8000000000"]
    assert s.tsi == Tsi.CARD_RISK_MANAGEMENT_PERFORMED
    assert session_pan(s).reveal() == "6200000000000005"


def test_refund_to_an_expired_card_asks_the_person_nothing() -> None:
    person = Person()
    s, card = refund(REFUNDED.replace("260314", "400314"), at=REQUEST.at.replace(year=2040), person=person)

    assert run(s).verdict is Verdict.READ

    card.check_finished()
    assert person.asked == []


@pytest.mark.rule(24)
@pytest.mark.parametrize("answer", ["6985", f"8012 40 0021 {'A2' * 8} 06010A03A00000 9000"], ids=["refused", "a TC"])
def test_refund_whose_card_gives_no_aac_is_a_card_error(answer: str) -> None:
    s, card = refund(f"> 80AE 0000*\n< {answer}")

    outcome = run(s)

    card.check_finished()
    assert (outcome.verdict, outcome.stripe_allowed, outcome.reversal) == (Verdict.CARD_ERROR, False, False)


def test_refund_is_cancelled_until_the_aac_is_asked_for() -> None:
    s, card = refund()
    s.commands = Commands(card, Millis(1_000), cancelled=lambda: s.commands.count == 6)

    assert run(s).verdict is Verdict.CANCELLED


def test_offline_only_terminal_with_an_arqc_decides_without_issuer() -> None:
    text = script("unable_to_go_online_approved").replace("80AE 8000", "80AE 4000")
    offline_only = replace(PARAMETERS, terminal=replace(PARAMETERS.terminal, terminal_type=0x23))
    s, card = played(text, parameters=offline_only)

    outcome = asyncio.run(process(s))

    card.check_finished()
    assert outcome == Outcome(Verdict.APPROVED, StandardMessage.APPROVED)
    assert tags(s, 0x8A) == ["5933"]
