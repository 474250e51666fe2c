"""Bytes and fields: fillers, limits, and nothing but digits where digits belong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware.host.codec import MESSAGE_BYTES_MAX, Codec, numbers
from firmware.host.errors import BadMessage
from firmware.host.field_table import TABLES
from firmware.host.profile import Family
from tests.firmware.host.questions import PROFILES

CUP = Codec(PROFILES["cup"])
PLAIN = Codec(PROFILES["plain87"])


def _message(bitmap: str, *parts: str) -> bytes:
    return bytes.fromhex("".join(("0210", bitmap, *parts)).replace(" ", ""))


def test_field_22_fills_at_its_right_and_field_23_at_its_left() -> None:
    assert CUP.encode({"t": "0210", "22": "051", "23": "001"}) == _message("0000060000000000", "0510", "0001")


@pytest.mark.parametrize("filler", ["0", "F"])
@pytest.mark.parametrize("own", ["0", "F"])
def test_both_fillers_are_understood_whichever_is_ours(own: str, filler: str) -> None:
    codec = Codec(replace(PROFILES["cup"], filler=own))
    message = _message(
        "4000060100000000", f"19 622424290000011312 3{filler}", f"051{filler}", f"{filler}001", f"03123{filler}"
    )
    fields = codec.decode(message)
    assert fields["2"] == "6224242900000113123"
    assert (fields["22"], fields["23"], fields["32"]) == ("051", "001", "123")


@pytest.mark.parametrize("own", ["0", "F"])
def test_an_odd_count_of_digits_is_filled_as_the_profile_says(own: str) -> None:
    codec = Codec(replace(PROFILES["cup"], filler=own))
    message = codec.encode({"t": "0210", "32": "123"})
    assert message == _message("0000000100000000", f"03 123{own}")


@pytest.mark.parametrize("filler", ["1", "A", "D"])
def test_any_other_filler_is_refused(filler: str) -> None:
    with pytest.raises(BadMessage, match="field 22"):
        CUP.decode(_message("0000040000000000", f"051{filler}"))
    with pytest.raises(BadMessage, match="field 23"):
        CUP.decode(_message("0000020000000000", f"{filler}001"))


@pytest.mark.parametrize(
    ("message", "fact"),
    [
        (b"", "field t"),
        (b"\x02", "field t"),
        (b"\x02\x10\x00", "field p"),
        (_message("0020000000000000", "0000"), "field 11"),
        (_message("0020000000000000", "00000A"), "field 11: not digits"),
        (_message("0020000000000000", "000001 00"), "Extra"),
        (_message("0020000000000000", "000010 00"), "Extra"),
        (_message("0000040000000000", "0510 00"), "Extra"),
        (_message("0000000100000000", "04 1230 00"), "Extra"),
        (_message("0000000100000000", "03 1230 00"), "Extra"),
        (_message("0000000020000000", "04 123F 00"), "Extra"),
        (_message("0000000020000000", "38" + "00" * 19), "larger"),
        (_message("0000000020000000", "3A"), "field 35"),
        (_message("0080000000000000", "00"), "not in the table"),
        (_message("8000000000000000", "8000000000000000"), "not in the table|field"),
        (_message("8000000000000000", "0000000000000001", "00" * 8), "not in the table"),
        (bytes.fromhex("0A10") + bytes(8), "message type"),
        (_message("0000040000000000", "05"), "field 22"),
        (_message("0000000100000000", "03"), "field 32"),
    ],
)
def test_what_is_no_message_is_refused_with_its_field(message: bytes, fact: str) -> None:
    with pytest.raises(BadMessage, match=fact):
        CUP.decode(message)


def test_a_message_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(BadMessage, match="more than"):
        CUP.decode(bytes(MESSAGE_BYTES_MAX + 1))


def test_an_error_holds_nothing_of_the_message() -> None:
    card = "6224242900000113"
    with pytest.raises(BadMessage) as refused:
        CUP.decode(_message("4020000000000000", f"16 {card}", "00"))
    error: BaseException | None = refused.value
    assert error is not None
    assert card not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize("track", [b"6224*", b"62 4="])
def test_a_track_of_other_characters_is_refused(track: bytes) -> None:
    with pytest.raises(BadMessage, match="track"):
        PLAIN.decode(b"02100000000020000000" + b"%02d" % len(track) + track)


def test_a_length_in_characters_must_be_digits() -> None:
    for length in (b"-1", b" 5", b"+5", b"1_"):
        with pytest.raises(BadMessage, match="field 35"):
            PLAIN.decode(b"02100000000020000000" + length + b"62242")


def test_fields_that_do_not_fit_are_a_fault_of_the_program() -> None:
    with pytest.raises(AssertionError, match="field 11"):
        CUP.encode({"t": "0200", "11": "1234567"})


def test_field_numbers_are_told_in_order() -> None:
    assert numbers(["t", "p", "11", "2", "1", "128"]) == [2, 11, 128]


@pytest.mark.parametrize("family", Family)
def test_each_field_stands_once_in_its_table_and_in_order(family: Family) -> None:
    found = [each.number for each in TABLES[family]]
    assert found == sorted(set(found))


def test_forms_read_as_in_the_standards() -> None:
    forms = {each.number: (each.kind, each.most, each.length_digits) for each in TABLES[Family.CUP]}
    assert forms[2] == ("n", 19, 2)
    assert forms[3] == ("n", 6, 0)
    assert forms[35] == ("z", 37, 2)
    assert forms[42] == ("ans", 15, 0)
    assert forms[48] == ("n", 322, 3)
    assert forms[55] == ("b", 255, 3)
