"""Field 55, clearing data, receipt and report hold what each needs, and nothing that is the cardholder's alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.cryptogram import Cryptogram
from firmware.emv.purposes import (
    CLEARING,
    FIELD_55,
    SCRIPT_NOTICE,
    CvmLine,
    ReceiptFacts,
    clearing_data,
    field_55,
    masked_tags,
    receipt_facts,
    reversal_data,
    script_data,
    session_card,
    session_pan,
)
from firmware.emv.session import Session
from firmware.emv.tlv import parse
from tests.firmware.emv.scripted import session

PAN = "6200000000000005"
CARD = {
    0x84: "A000000333010101",
    0x50: b"UnionPay Debit".hex(),
    0x5A: PAN,
    0x5F34: "01",
    0x57: PAN + "D30122010000000000000F",
    0x82: "1400",
    0x9F26: "1122334455667788",
    0x9F27: "80",
    0x9F36: "0021",
    0x9F10: "06010A03A00000",
    0x9F37: "01020304",
}


def finished() -> Session:
    s, _ = session()
    for tag, value in CARD.items():
        s.store.replace_from_card(tag, bytes.fromhex(value))
    s.tvr = Tvr.ODA_NOT_PERFORMED
    s.tsi = Tsi.CARD_RISK_MANAGEMENT_PERFORMED
    s.cvm_results = bytes.fromhex("1E0300")
    s.publish_registers()
    s.store.set(0x9F02, bytes.fromhex("000000001234"))
    return s


def test_field_55_has_its_tags_in_order_and_leaves_out_what_is_not_there() -> None:
    tags = [each.tag for each in parse(field_55(finished()), "field 55")]

    assert tags == [0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9F02, 0x82, 0x9F34, 0x84]
    assert tags == [tag for tag in FIELD_55 if tag in tags]


def test_field_55_leaves_out_an_empty_value() -> None:
    s = finished()
    s.store.replace_from_card(0x9F10, b"")

    assert 0x9F10 not in [each.tag for each in parse(field_55(s), "field 55")]


@pytest.mark.rule(26)
def test_clearing_data_adds_response_code_and_script_results() -> None:
    s = finished()
    s.store.set(0x8A, b"00")
    s.store.set(0x9F5B, bytes.fromhex("2000000000"))

    tags = {each.tag: each.value.hex() for each in parse(clearing_data(s), "clearing data")}

    assert (tags[0x8A], tags[0x9F5B]) == ("3030", "2000000000")
    assert list(tags) == [tag for tag in CLEARING if tag in tags]


def test_field_55_and_clearing_data_hold_no_account_number() -> None:
    assert not {0x5A, 0x57, 0x5F20} & {*FIELD_55, *CLEARING}


def test_receipt_facts_of_an_online_sale() -> None:
    s = finished()
    s.store.set(0x8A, b"00")

    assert receipt_facts(s) == ReceiptFacts(
        aid="A000000333010101",
        label="UnionPay Debit",
        pan="620000******0005",
        sequence_number="01",
        cryptogram_kind=Cryptogram.ARQC,
        cryptogram="1122334455667788",
        cid="80",
        atc="0021",
        tvr="8000000000",
        tsi="2000",
        response_code="00",
        cvm=CvmLine.SIGNATURE,
        needs_signature=True,
    )


def test_receipt_facts_of_a_card_that_gave_nothing_are_empty() -> None:
    s, _ = session()

    assert receipt_facts(s) == ReceiptFacts(
        *("", "", "", "", None, "", "", "", "0000000000", "0000", "", CvmLine.NONE), needs_signature=False
    )


@pytest.mark.rule(5)
def test_receipt_facts_prefer_the_preferred_name_where_its_letters_can_be_shown() -> None:
    s = finished()
    s.store.replace_from_card(0x9F12, "Débit".encode("latin-1"))
    assert receipt_facts(s).label == "UnionPay Debit"

    s.store.replace_from_card(0x9F11, b"\x01")
    assert receipt_facts(s).label == "Débit"


@pytest.mark.rule(18)
@pytest.mark.parametrize(
    ("results", "line", "signs"),
    [
        ("010302", CvmLine.OFFLINE_PIN, False),
        ("440302", CvmLine.OFFLINE_PIN, False),
        ("420300", CvmLine.ONLINE_PIN, False),
        ("030300", CvmLine.OFFLINE_PIN, True),
        ("450300", CvmLine.OFFLINE_PIN, True),
        ("5E0300", CvmLine.SIGNATURE, True),
        ("1F0302", CvmLine.NO_CVM, False),
        ("3F0000", CvmLine.NONE, False),
        ("3F0001", CvmLine.NONE, False),
        ("1E0301", CvmLine.NONE, False),
        ("200002", CvmLine.NONE, False),
    ],
)
def test_receipt_facts_tell_the_verification(results: str, line: CvmLine, signs: bool) -> None:
    s = finished()
    s.cvm_results = bytes.fromhex(results)

    facts = receipt_facts(s)

    assert (facts.cvm, facts.needs_signature) == (line, signs)


def test_masked_tags_hide_what_is_the_cardholders() -> None:
    s = finished()
    s.store.replace_from_card(0x5F20, b"DOE/JANE")
    s.store.replace_from_card(0xDF7F, bytes.fromhex(PAN))

    tags = masked_tags(s, testing=False)

    assert {tag for tag, value in tags.items() if value == "****"} == {"57", "5A", "5F20", "DF7F"}
    assert tags["9F26"] == "1122334455667788"
    assert PAN not in str(tags)


def test_masked_tags_of_a_test_card_show_all() -> None:
    tags = masked_tags(finished(), testing=True)

    assert tags["5A"] == PAN
    assert list(tags)[:4] == ["50", "57", "5A", "5F34"]


@given(st.binary(max_size=12), st.binary(max_size=40), st.binary(max_size=20), st.binary(max_size=2))
def test_receipt_facts_of_any_card_are_printable(number: bytes, label: bytes, name: bytes, table: bytes) -> None:
    s = finished()
    for tag, value in ((0x5A, number), (0x50, label), (0x9F12, name), (0x9F11, table)):
        s.store.replace_from_card(tag, value)

    facts = receipt_facts(s)

    assert facts.label.isprintable()
    assert facts.pan == "" or "*" * (len(facts.pan) - 10) in facts.pan


def test_session_pan_is_the_cards_number_without_padding() -> None:
    s = finished()
    s.store.replace_from_card(0x5A, bytes.fromhex("620000000000000005FF"))

    pan = session_pan(s)

    assert pan.reveal() == "620000000000000005"
    assert "00000000" not in f"{pan}"


def test_session_card_is_what_a_message_names() -> None:
    s = finished()
    s.store.replace_from_card(0x5F24, bytes.fromhex("301231"))
    card = session_card(s)
    assert (card.pan.reveal(), card.expiry, card.sequence) == (PAN, "3012", 1)
    assert card.track2 is not None
    assert card.track2.reveal() == PAN + "D30122010000000000000"
    assert PAN not in repr(card)


@pytest.mark.parametrize("track2", ["", "62AB", PAN + "D", PAN + "D" + "1" * 21, "FFFF"])
def test_session_card_with_no_proper_track_2_or_sequence_leaves_them_out(track2: str) -> None:
    s = finished()
    s.store.replace_from_card(0x57, bytes.fromhex(track2 if len(track2) % 2 == 0 else track2 + "F"))
    s.store.replace_from_card(0x5F34, b"\x0a")
    card = session_card(s)
    assert (card.track2, card.sequence, card.expiry) == (None, None, "")


@pytest.mark.parametrize("odd", ["", "FF", "0A", "0001", "999999"])
def test_sequence_number_that_is_no_two_digits_is_left_out(odd: str) -> None:
    s = finished()
    s.store.replace_from_card(0x5F34, bytes.fromhex(odd))
    assert session_card(s).sequence is None


def test_session_card_without_a_sequence_number_has_none() -> None:
    s, _ = session()
    s.store.replace_from_card(0x5A, bytes.fromhex(PAN))
    assert session_card(s).sequence is None


def test_reversal_and_script_data_tell_what_became_of_scripts() -> None:
    s = finished()
    assert [each.tag for each in parse(reversal_data(s), "reversal")] == [0x95, 0x9F10, 0x9F36]
    s.script_results = bytes.fromhex("2000000000")
    assert [each.tag for each in parse(reversal_data(s), "reversal")] == [0x95, 0x9F10, 0x9F36, 0xDF31]
    told = parse(script_data(s), "script notice")
    assert [each.tag for each in told][:-1] == [tag for tag in SCRIPT_NOTICE if s.store.get(tag)]
    assert told[-1].value == s.script_results


@pytest.mark.parametrize("purpose", [script_data, reversal_data, clearing_data])
def test_results_of_very_many_scripts_leave_room_in_a_message(purpose: Callable[[Session], bytes]) -> None:
    s = finished()
    s.script_results = bytes(range(200))
    s.store.set(0x9F5B, s.script_results)
    s.store.replace_from_card(0x84, bytes(16))
    s.store.replace_from_card(0x9F10, bytes(32))
    s.store.set(0x8A, b"Y1")
    assert len(purpose(s)) <= 255
    assert bytes(range(75)) in purpose(s)
