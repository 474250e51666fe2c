"""The card is told what it asks for, and its profile and files come back in either form."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.bits import Aip
from firmware.emv.errors import CardDataError, CommandRefused
from firmware.emv.initiate import initiate, publish_terminal_data
from firmware.emv.session import Session, TransactionType
from firmware.hal.errors import CardError, CardRemoved
from firmware.units import Money
from tests.firmware.emv.scripted import APPLICATION, CNY, PARAMETERS, bare, session

GPO = "> 80A80000 02 8300 00\n"


def initiated(answer: str, *, pdol: str = "", command: str = GPO, **request: object) -> tuple[bool, Session]:
    s, card = session(f"{command}< {answer}", **request)  # type: ignore[arg-type]
    if pdol:
        s.store.replace_from_card(0x9F38, bytes.fromhex(pdol))
    accepted = asyncio.run(initiate(s))
    card.check_finished()
    return accepted, s


@pytest.mark.rule(7)
def test_card_without_pdol_is_sent_8300() -> None:
    accepted, s = initiated("8006 7C00 08010100 9000")

    assert accepted
    assert s.pdol_values == b""
    assert s.aip == Aip.SDA | Aip.DDA | Aip.CARDHOLDER_VERIFICATION | Aip.TERMINAL_RISK_MANAGEMENT | (
        Aip.ISSUER_AUTHENTICATION
    )
    assert s.afl == bytes.fromhex("08010100")


def test_format_1_gives_profile_and_files_without_tags() -> None:
    _, s = initiated("800A 5900 08010100 10010301 9000")

    assert s.store.card(0x82) == b"\x59\x00"
    assert s.store.card(0x94) == s.afl == bytes.fromhex("0801010010010301")


def test_format_2_gives_objects_in_any_order_and_others_too() -> None:
    _, s = initiated("7715 940408010100 82025900 9F3602001A DF0101AA 7000 9000")

    assert (s.aip, s.afl) == (Aip(0x5900), bytes.fromhex("08010100"))
    assert s.store.card(0x9F36) == b"\x00\x1a"
    assert s.store.card(0xDF01) is None


def test_bits_of_the_profile_that_are_not_known_are_kept() -> None:
    _, s = initiated("8006 FFFF 08010100 9000")

    assert s.aip.value == 0xFFFF


@pytest.mark.rule(6)
def test_pdol_is_filled_with_what_the_terminal_says() -> None:
    values = "000000001234 0156 7FFFFFFF 22"
    command = f"> 80A80000 0F 830D {values.replace('7FFFFFFF', '........')} 00\n"
    _, s = initiated("8006590008010100 9000", pdol="9F0206 9F1A02 9F3704 9F3501", command=command)

    assert s.pdol_values == bytes.fromhex("000000001234 0156") + (s.store.get(0x9F37) or b"") + b"\x22"


@pytest.mark.rule(6)
def test_long_pdol_has_its_length_in_two_bytes() -> None:
    _, s = initiated("8006590008010100 9000", pdol="9F0280", command=f"> 80A80000 83 838180 {'00' * 126} 1234 00\n")

    assert len(s.pdol_values) == 128


@pytest.mark.rule(4)
def test_refusal_of_the_conditions_asks_for_another_application() -> None:
    accepted, s = initiated("6985")

    assert not accepted
    assert s.afl == b""


@pytest.mark.parametrize("status", ["6984", "6A81", "6283", "6300", "6D00", "6F00"])
def test_any_other_refusal_ends_the_transaction(status: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        initiated(bare(status))

    assert (refused.value.command, refused.value.status) == ("GET PROCESSING OPTIONS", int(status, 16))


@pytest.mark.parametrize(
    ("answer", "tag"),
    [
        ("", None),
        ("8006", 0x80),
        ("5A00", None),
        ("7700 7700", None),
        ("8000", 0x94),
        ("800159", 0x94),
        ("80025900", 0x94),
        ("7700", 0x82),
        ("770482025900", 0x94),
        ("7706940408010100", 0x82),
        ("770982015994040801 0100", 0x82),
        ("770B 8203590000 940408010100", 0x82),
        ("770E 82025900 82025900 940408010100", 0x82),
    ],
)
def test_answer_that_is_malformed_or_lacks_something_is_refused(answer: str, tag: int | None) -> None:
    with pytest.raises(CardDataError) as refused:
        initiated(f"{answer} 9000")

    assert refused.value.tag == tag
    assert refused.value.place == "answer to GET PROCESSING OPTIONS"


def test_malformed_pdol_is_refused_before_anything_is_sent() -> None:
    s, _ = session("> *\n< 9000")
    s.store.replace_from_card(0x9F38, b"\x9f")

    with pytest.raises(CardDataError, match="PDOL"):
        asyncio.run(initiate(s))
    assert s.commands.count == 0


def test_object_of_the_fci_that_comes_again_is_refused() -> None:
    s, _ = session(f"{GPO}< 770A 82025900 940408010100 9000".replace("770A", "770D").replace("9000", "870101 9000"))
    s.store.replace_from_card(0x87, b"\x01")

    with pytest.raises(CardDataError, match="twice"):
        asyncio.run(initiate(s))


@pytest.mark.rule(28)
def test_card_taken_meanwhile_goes_up() -> None:
    s, _ = session(f"{GPO}! removed")

    with pytest.raises(CardRemoved):
        asyncio.run(initiate(s))


def test_terminal_data_is_as_its_tags_carry_it() -> None:
    s, _ = session(kind=TransactionType.CASHBACK, amount=Money(123_456, CNY), cashback=Money(100_00, CNY), sequence=42)
    publish_terminal_data(s)

    assert {f"{tag:X}": value.hex().upper() for tag, value in s.store.snapshot().items() if tag != 0x9F37} == {
        "81": "0001E240",
        "95": "0000000000",
        "9A": "260314",
        "9B": "0000",
        "9C": "09",
        "5F2A": "0156",
        "5F36": "02",
        "9F01": "012345678901",
        "9F02": "000000123456",
        "9F03": "000000010000",
        "9F04": "00002710",
        "9F15": "5411",
        "9F16": b"898110000000001".hex().upper(),
        "9F1A": "0156",
        "9F1B": "0000C350",
        "9F1C": b"10000001".hex().upper(),
        "9F1E": b"TB000001".hex().upper(),
        "9F21": "092653",
        "9F33": "E0F8C8",
        "9F35": "22",
        "9F39": "05",
        "9F40": "F000F0A001",
        "9F41": "00000042",
    }


def test_unpredictable_number_is_fresh_each_time() -> None:
    s, _ = session()
    numbers = set()
    for _ in range(20):
        publish_terminal_data(s)
        numbers.add(s.store.get(0x9F37))

    assert len(numbers) == 20
    assert {len(number or b"") for number in numbers} == {4}


def test_amount_beyond_four_bytes_is_given_in_digits_only() -> None:
    s, _ = session(amount=Money(999_999_999_999, CNY))
    publish_terminal_data(s)

    assert s.store.get(0x9F02) == bytes.fromhex("999999999999")
    assert s.store.get(0x81) is None


def test_floor_limit_beyond_four_bytes_is_the_largest() -> None:
    endless = replace(PARAMETERS, applications=(replace(APPLICATION, floor_limit_minor=999_999_999_999),))
    s, _ = session(parameters=endless)
    publish_terminal_data(s)

    assert s.store.get(0x9F1B) == b"\xff\xff\xff\xff"


@given(answer=st.binary(max_size=80), pdol=st.binary(max_size=20))
def test_any_bytes_end_in_a_profile_or_card_error(answer: bytes, pdol: bytes) -> None:
    s, _ = session(f"> *\n< {answer.hex()}9000")
    s.store.replace_from_card(0x9F38, pdol)
    try:
        assert asyncio.run(initiate(s))
    except CardError:
        return
    assert s.afl
