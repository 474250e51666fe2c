"""A data object list gets exactly the bytes that it asks for, filled by the format of each element."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.dol import VALUES_MAX, DolEntry, fill_dol, parse_dol
from firmware.emv.errors import CardDataError
from firmware.emv.tags import ELEMENTS


def filled(dol: str, **values: str) -> str:
    known = {int(tag.removeprefix("t"), 16): bytes.fromhex(value) for tag, value in values.items()}
    return fill_dol(parse_dol(bytes.fromhex(dol), "PDOL"), known.get).hex().upper()


def nothing(tag: int) -> bytes | None:
    return None


def test_list_is_read_as_tags_and_lengths() -> None:
    entries = parse_dol(bytes.fromhex("9F0206 9A03 DF810104 5F2A02"), "PDOL")

    assert entries == (DolEntry(0x9F02, 6), DolEntry(0x9A, 3), DolEntry(0xDF8101, 4), DolEntry(0x5F2A, 2))


def test_empty_list_asks_for_nothing() -> None:
    assert parse_dol(b"", "PDOL") == ()
    assert fill_dol((), nothing) == b""


@pytest.mark.parametrize(
    ("dol", "fact"),
    [
        ("9F", "the list is cut off"),
        ("9F02", "the list is cut off"),
        ("9A", "the list is cut off"),
        ("9A039F81", "the list is cut off"),
        ("DF81810104", "a tag in the list is longer than three bytes"),
        ("9F02FD", "the list asks for more than a command can carry"),
        ("9F02F0 9A0D", "the list asks for more than a command can carry"),
    ],
)
def test_malformed_list_is_refused_by_place(dol: str, fact: str) -> None:
    with pytest.raises(CardDataError) as refused:
        parse_dol(bytes.fromhex(dol), "CDOL1")

    assert (refused.value.fact, refused.value.place) == (fact, "CDOL1")


def test_list_that_fills_a_command_is_taken() -> None:
    assert len(fill_dol(parse_dol(bytes.fromhex("9F02FC"), "PDOL"), nothing)) == VALUES_MAX


@pytest.mark.rule(6)
@pytest.mark.parametrize(
    ("dol", "values", "expected"),
    [
        ("9F0206", {"t9F02": "000000001234"}, "000000001234"),
        ("9F0204", {"t9F02": "000000001234"}, "00001234"),  # Numeric keeps the right.
        ("9F0207", {"t9F02": "000000001234"}, "00000000001234"),  # Numeric is padded at its left.
        ("9F1A01", {"t9F1A": "0156"}, "56"),
        ("5A04", {"t5A": "6228480000000001"}, "62284800"),  # Compressed numeric keeps the left.
        ("5A0A", {"t5A": "6228480000000001"}, "6228480000000001FFFF"),  # And is padded with F.
        ("9F3702", {"t9F37": "11223344"}, "1122"),  # Binary keeps the left.
        ("9F3706", {"t9F37": "11223344"}, "112233440000"),  # And is padded at its right.
        ("9F1E04", {"t9F1E": "5442303030303031"}, "54423030"),  # Text keeps the left.
        ("9F1E0A", {"t9F1E": "5442303030303031"}, "54423030303030310000"),
        ("9F0200 9A03", {"t9F02": "000000001234", "t9A": "260314"}, "260314"),
        ("5A00", {"t5A": "6228480000000001"}, ""),
    ],
)
def test_value_is_fitted_by_its_format(dol: str, values: dict[str, str], expected: str) -> None:
    assert filled(dol, **values) == expected


@pytest.mark.rule(6)
@pytest.mark.parametrize(
    ("dol", "values"),
    [
        ("9F0206", {}),  # Not available.
        ("5A06", {"t5A": ""}),  # An object of no length counts as absent, and is not F.
        ("DF810106", {"tDF8101": "AABBCCDDEEFF"}),  # Unknown to the terminal, whoever gave it.
        ("7006", {"t70": "AABBCCDDEEFF"}),  # A template.
        ("BF0C06", {"tBF0C": "AABBCCDDEEFF"}),
        ("BF1A06", {"tBF1A": "AABBCCDDEEFF"}),  # A template, and unknown.
    ],
)
def test_unknown_constructed_or_absent_object_is_zeros(dol: str, values: dict[str, str]) -> None:
    assert filled(dol, **values) == "00" * 6


@pytest.mark.rule(6)
def test_values_stand_in_the_order_of_the_list() -> None:
    assert filled("9A03 DF810102 9F0203 9C01", t9A="260314", t9F02="000000001234", t9C="00") == "260314000000123400"


ENTRIES = st.lists(
    st.builds(DolEntry, st.one_of(st.sampled_from(sorted(ELEMENTS)), st.just(0xDF8101)), st.integers(0, 24)),
    max_size=10,
)


@given(entries=ENTRIES, value=st.one_of(st.none(), st.binary(max_size=32)))
def test_every_value_is_exactly_as_long_as_asked(entries: list[DolEntry], value: bytes | None) -> None:
    assert len(fill_dol(entries, lambda _tag: value)) == sum(entry.length for entry in entries)


@given(entries=ENTRIES)
def test_list_is_read_as_it_was_written(entries: list[DolEntry]) -> None:
    written = b"".join(bytes.fromhex(f"{entry.tag:X}{entry.length:02X}") for entry in entries)

    assert parse_dol(written, "PDOL") == tuple(entries)


@given(data=st.binary(max_size=300))
def test_any_bytes_give_a_list_within_limits_or_card_data_error(data: bytes) -> None:
    try:
        entries = parse_dol(data, "PDOL")
    except CardDataError:
        return
    assert len(fill_dol(entries, lambda _tag: b"\x01")) <= VALUES_MAX
    assert len(entries) <= len(data)
