"""The issuer's answer reaches the card by EXTERNAL AUTHENTICATE where the card knows it, else by CDOL2."""

from __future__ import annotations

import asyncio

import pytest

from firmware.emv.bits import Aip, Tsi, Tvr
from firmware.emv.issuer import IssuerAnswer, OwnResponse, authenticate_issuer, respond
from firmware.hal.errors import CardRemoved
from tests.firmware.emv.scripted import session

ARPC = bytes.fromhex("1122334455667788") + b"00"
SENT = "> 0082 0000 0A 1122334455667788 3030\n"


@pytest.mark.rule(25)
def test_authenticate_issuer_with_arpc_the_card_accepts_sets_performed_only() -> None:
    s, card = session(SENT + "< 9000")
    s.aip = Aip.ISSUER_AUTHENTICATION

    asyncio.run(authenticate_issuer(s, IssuerAnswer("00", ARPC)))

    card.check_finished()
    assert (s.tsi, s.tvr) == (Tsi.ISSUER_AUTHENTICATION_PERFORMED, Tvr(0))


@pytest.mark.rule(25)
@pytest.mark.parametrize("status", ["6300", "6985", "6982"])
def test_authenticate_issuer_with_arpc_the_card_refuses_sets_both_bits_and_goes_on(status: str) -> None:
    s, card = session(SENT + f"< {status}")
    s.aip = Aip.ISSUER_AUTHENTICATION

    asyncio.run(authenticate_issuer(s, IssuerAnswer("00", ARPC)))

    card.check_finished()
    assert (s.tsi, s.tvr) == (Tsi.ISSUER_AUTHENTICATION_PERFORMED, Tvr.ISSUER_AUTHENTICATION_FAILED)


@pytest.mark.rule(25)
def test_authenticate_issuer_where_card_cannot_sends_nothing_and_keeps_91_for_cdol2() -> None:
    s, _ = session()

    asyncio.run(authenticate_issuer(s, IssuerAnswer("00", ARPC)))

    assert s.commands.count == 0
    assert s.store.get(0x91) == ARPC
    assert (s.tsi, s.tvr) == (Tsi(0), Tvr(0))


@pytest.mark.rule(25)
def test_authenticate_issuer_without_91_sends_nothing() -> None:
    s, _ = session()
    s.aip = Aip.ISSUER_AUTHENTICATION

    asyncio.run(authenticate_issuer(s, IssuerAnswer("00")))

    assert s.commands.count == 0
    assert s.store.get(0x91) is None
    assert (s.tsi, s.tvr) == (Tsi(0), Tvr(0))


@pytest.mark.parametrize("length", [1, 7, 17, 300])
def test_authenticate_issuer_with_91_of_wrong_length_fails_without_a_command(length: int) -> None:
    s, _ = session()
    s.aip = Aip.ISSUER_AUTHENTICATION

    asyncio.run(authenticate_issuer(s, IssuerAnswer("00", bytes(length))))

    assert s.commands.count == 0
    assert s.tvr == Tvr.ISSUER_AUTHENTICATION_FAILED


def test_authenticate_issuer_with_card_removed_raises() -> None:
    s, _ = session(SENT + "! removed")
    s.aip = Aip.ISSUER_AUTHENTICATION

    with pytest.raises(CardRemoved):
        asyncio.run(authenticate_issuer(s, IssuerAnswer("00", ARPC)))


@pytest.mark.rule(23)
@pytest.mark.parametrize("code", ["00", "05", "Z9"])
def test_authenticate_issuer_keeps_the_issuers_response_code(code: str) -> None:
    s, _ = session()

    asyncio.run(authenticate_issuer(s, IssuerAnswer(code)))

    assert s.store.get(0x8A) == code.encode()


@pytest.mark.rule(23)
def test_respond_writes_the_terminals_own_code() -> None:
    s, _ = session()

    respond(s, OwnResponse.UNABLE_TO_GO_ONLINE_APPROVED)

    assert s.store.get(0x8A) == b"Y3"


@pytest.mark.parametrize(("code", "approved"), [("00", True), ("10", True), ("11", True), ("01", False), ("51", False)])
def test_answer_approves_by_its_code(code: str, approved: bool) -> None:
    assert IssuerAnswer(code).approved is approved


@pytest.mark.parametrize("code", ["", "0", "000", "0 ", "好的"])
def test_answer_with_malformed_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="two letters or digits"):
        IssuerAnswer(code)


def test_answer_from_data_takes_apart_what_the_issuer_sends_to_its_card() -> None:
    script = bytes.fromhex("720F9F1804000000018606841600000400")
    answer = IssuerAnswer.from_data("A2", bytes.fromhex("9108" + "11" * 8) + script, approves=True)
    assert (answer.issuer_authentication, answer.scripts) == (b"\x11" * 8, script)
    assert answer.approved


@pytest.mark.parametrize("data", ["91", "9108FF", "", "8A023030"])
def test_answer_from_malformed_or_foreign_data_proves_and_does_nothing(data: str) -> None:
    answer = IssuerAnswer.from_data("00", bytes.fromhex(data), approves=False)
    assert (answer.issuer_authentication, answer.scripts, answer.approved) == (b"", b"", False)
