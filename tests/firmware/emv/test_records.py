"""The records of the AFL are read whole and once, and what is signed of them is kept byte for byte."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.errors import CardDataError, CommandRefused, KernelLimit
from firmware.emv.records import read_records
from firmware.emv.session import Session
from firmware.emv.tlv import encode
from firmware.hal.errors import CardError, CardRemoved
from tests.firmware.emv.scripted import session

PAN, EXPIRY = "5A086228480000000001", "5F2403301231"
CDOLS = "8C039F0206 8D028A02"
GOOD = PAN + EXPIRY + CDOLS.replace(" ", "")


def template(content: str, tag: int = 0x70) -> str:
    return encode(tag, bytes.fromhex(content)).hex().upper()


def read(sfi: int, number: int, answer: str) -> str:
    return f"> 00B2{number:02X}{sfi << 3 | 4:02X}00\n< {answer}\n"


def records(afl: str, script: str) -> Session:
    s, card = session(script)
    s.afl = bytes.fromhex(afl)
    asyncio.run(read_records(s))
    card.check_finished()
    return s


def refused(afl: str, script: str = "") -> CardDataError:
    with pytest.raises(CardDataError) as error:
        records(afl, script)
    return error.value


@pytest.mark.rule(7, 8)
def test_records_are_read_in_the_order_of_the_afl() -> None:
    script = (
        read(2, 3, template(PAN) + "9000")
        + read(2, 4, template(EXPIRY) + "9000")
        + read(1, 1, template(CDOLS) + "9000")
    )
    s = records("10030401 08010101", script)

    assert s.store.card(0x5A) == bytes.fromhex("6228480000000001")
    assert s.store.card(0x8D) == bytes.fromhex("8A02")
    assert s.static_data == bytes.fromhex(PAN + CDOLS)


@pytest.mark.rule(8)
@pytest.mark.parametrize("sfi", [1, 10])
def test_of_a_file_of_the_books_the_templates_value_is_signed(sfi: int) -> None:
    s = records(f"{sfi << 3:02X}010101", read(sfi, 1, template(GOOD) + "9000"))

    assert s.static_data == bytes.fromhex(GOOD)


@pytest.mark.rule(8)
@pytest.mark.parametrize("sfi", [11, 30])
def test_of_a_file_of_others_the_whole_record_is_signed(sfi: int) -> None:
    s = records(f"{sfi << 3:02X}010101", read(sfi, 1, template(GOOD) + "9000"))

    assert s.static_data == bytes.fromhex(template(GOOD))
    assert s.store.card(0x5F24) == bytes.fromhex("301231")


@pytest.mark.rule(8)
def test_only_the_first_records_of_an_entry_are_signed() -> None:
    script = (
        read(1, 1, template(PAN) + "9000")
        + read(1, 2, template(EXPIRY) + "9000")
        + read(1, 3, template(CDOLS) + "9000")
    )

    assert records("08010302", script).static_data == bytes.fromhex(PAN + EXPIRY)
    assert records("08010300", script).static_data == b""


@pytest.mark.rule(8)
def test_signed_length_of_two_bytes_is_not_part_of_what_is_signed() -> None:
    long = GOOD + encode(0x9F05, bytes(120)).hex()

    assert records("08010101", read(1, 1, template(long) + "9000")).static_data == bytes.fromhex(long)


@pytest.mark.rule(8)
@pytest.mark.parametrize(("sfi", "answer"), [(1, "61025A00"), (1, ""), (10, "5A00"), (11, "61025A00"), (30, "")])
def test_signed_record_that_is_no_template_fails_the_authentication_only(sfi: int, answer: str) -> None:
    script = read(sfi, 1, f"{answer} 9000") + read(2, 1, template(GOOD) + "9000")

    assert records(f"{sfi << 3:02X}010101 10010101", script).static_data is None


@pytest.mark.rule(8)
def test_signed_record_of_others_with_a_broken_template_fails_the_authentication_only() -> None:
    script = read(11, 1, "70055A02 9000") + read(1, 1, template(GOOD) + "9000")

    assert records("58010101 08010101", script).static_data is None


@pytest.mark.rule(7)
@pytest.mark.parametrize("answer", ["", "5A00", "70055A02", "70035A0201", "7000 7000", "77025A00"])
def test_record_of_the_books_that_is_malformed_ends_the_transaction(answer: str) -> None:
    error = refused("08010100", read(1, 1, f"{answer} 9000"))

    assert error.place == "record 1 of SFI 1"


def test_signed_record_of_the_books_with_a_broken_template_ends_the_transaction() -> None:
    assert refused("10020201", read(2, 2, "70055A02 9000")).place == "record 2 of SFI 2"


@pytest.mark.rule(7)
@pytest.mark.parametrize("answer", ["", "DEADBEEF", "70055A02"])
def test_record_of_others_that_is_not_signed_need_not_be_understood(answer: str) -> None:
    script = read(21, 7, f"{answer} 9000") + read(1, 1, template(GOOD) + "9000")

    assert records("A8070700 08010101", script).static_data == bytes.fromhex(GOOD)


@pytest.mark.rule(7)
@pytest.mark.parametrize(
    "afl",
    [
        "",
        "080101",
        "0801010108",
        "00010100",  # SFI 0.
        "F8010100",  # SFI 31.
        "08000100",  # No record 0.
        "08020100",  # The last before the first.
        "08010102",  # More signed than there are.
        "08010304",
        "08010101 10000000",  # A good entry does not save a bad one.
    ],
)
def test_malformed_afl_is_refused_before_anything_is_read(afl: str) -> None:
    error = refused(afl)

    assert (error.place, error.tag) == ("AFL", 0x94)


@pytest.mark.rule(7)
@pytest.mark.parametrize("afl", ["F0010101", "08FFFF01", "0A010101"])
def test_entry_at_the_edge_of_what_is_allowed_is_read(afl: str) -> None:
    file, first = bytes.fromhex(afl)[:2]

    assert records(afl, read(file >> 3, first, template(GOOD) + "9000")).static_data


@pytest.mark.rule(7)
@pytest.mark.parametrize("status", ["6A83", "6A82", "6283", "6300", "6985", "6F00"])
def test_record_that_the_card_refuses_ends_the_transaction(status: str) -> None:
    with pytest.raises(CommandRefused) as error:
        records("08010200", read(1, 1, template(PAN) + "9000") + read(1, 2, status))

    assert (error.value.command, error.value.status) == ("READ RECORD", int(status, 16))


@pytest.mark.rule(7)
@pytest.mark.parametrize("again", [PAN, "5A086228480000000002"])
def test_object_in_two_records_ends_the_transaction(again: str) -> None:
    error = refused("08010200", read(1, 1, template(GOOD) + "9000") + read(1, 2, template(again) + "9000"))

    assert (error.place, error.tag) == ("record 2 of SFI 1", 0x5A)


@pytest.mark.rule(7)
def test_object_twice_in_one_record_ends_the_transaction() -> None:
    assert refused("08010100", read(1, 1, template(GOOD + EXPIRY) + "9000")).tag == 0x5F24


@pytest.mark.rule(7)
def test_unknown_objects_are_passed_over_even_twice() -> None:
    script = read(1, 1, template(GOOD + "DF0101AA") + "9000") + read(1, 2, template("DF0101BBDF0101CC") + "9000")
    s = records("08010202", script)

    assert s.store.card(0xDF01) is None
    assert s.static_data == bytes.fromhex(GOOD + "DF0101AADF0101BBDF0101CC")


def test_objects_in_a_template_inside_are_kept() -> None:
    s = records("08010100", read(1, 1, template(GOOD + template("9F080200308E00", 0x73)) + "9000"))

    assert s.store.card(0x9F08) == bytes.fromhex("0030")


@pytest.mark.rule(7)
@pytest.mark.parametrize(("missing", "tag"), [(PAN, 0x5A), (EXPIRY, 0x5F24), ("8C039F0206", 0x8C), ("8D028A02", 0x8D)])
def test_mandatory_data_that_is_missing_ends_the_transaction(missing: str, tag: int) -> None:
    error = refused("08010100", read(1, 1, template(GOOD.replace(missing, "")) + "9000"))

    assert (error.tag, error.fact) == (tag, "mandatory data is missing")


@pytest.mark.parametrize(
    ("good", "bad", "tag"),
    [
        (PAN, "5A05622848FFFF", 0x5A),
        (PAN, "5A0A62284800000000000012", 0x5A),
        (PAN, "5A08622848000000A001", 0x5A),
        (EXPIRY, "5F24023012", 0x5F24),
        (EXPIRY, "5F2403A01231", 0x5F24),
    ],
)
def test_mandatory_data_that_cannot_be_read_ends_the_transaction(good: str, bad: str, tag: int) -> None:
    error = refused("08010100", read(1, 1, template(GOOD.replace(good, bad)) + "9000"))

    assert error.tag == tag
    assert error.fact != "mandatory data is missing"


@pytest.mark.rule(7, 8, 28)
def test_script_of_files_of_the_books_and_of_others() -> None:
    script = Path(__file__).parent / "scripts" / "records" / "files_of_the_books_and_of_others.txt"
    s = records("08010201 A0010101 10030300", script.read_text("utf-8"))

    assert s.static_data == bytes.fromhex("5A086228480000000001 5F2403301231 5F3400 7004DF0101AA")
    assert s.store.card(0x9F08) == bytes.fromhex("0030")


@pytest.mark.rule(28)
def test_card_taken_between_records_goes_up() -> None:
    with pytest.raises(CardRemoved):
        records("08010200", read(1, 1, template(PAN) + "9000") + "> 00B2020C00\n! removed\n")


def test_afl_that_asks_for_more_than_any_card_may_is_stopped() -> None:
    endless = "> *\n< 7000 9000\n" * 400

    with pytest.raises(KernelLimit):
        records("0801FF00 1001FF00", endless)


@given(
    answers=st.lists(st.one_of(st.binary(max_size=60), st.just(bytes.fromhex(template(GOOD)))), min_size=3, max_size=3)
)
def test_any_records_end_in_mandatory_data_or_card_error(answers: list[bytes]) -> None:
    s, _ = session("".join(f"> *\n< {answer.hex()}9000\n" for answer in answers))
    s.afl = bytes.fromhex("08010201 58010101")
    try:
        asyncio.run(read_records(s))
    except CardError:
        return
    assert s.store.card(0x5A)
    assert s.static_data is None or len(s.static_data) <= sum(map(len, answers))
