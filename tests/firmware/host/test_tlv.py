"""Tags and values as acquirers write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.host.errors import BadAnswer
from firmware.host.tlv import OBJECTS_MAX, find, only, read, write


@pytest.mark.parametrize("tag", [0x95, 0x9F26, 0xDF31, 0x5F51, 0xDF8102])
@pytest.mark.parametrize("length", [0, 1, 127, 128, 255])
def test_what_is_written_is_read(tag: int, length: int) -> None:
    value = bytes(range(length))
    assert list(read(write(tag, value) + write(0x82, b"\1\2"))) == [(tag, value), (0x82, b"\1\2")]


def test_a_length_of_two_bytes_is_read() -> None:
    assert find(b"\xdf\x02\x82\x01\x00" + bytes(256), 0xDF02) == bytes(256)


@pytest.mark.parametrize(
    ("data", "fact"),
    [
        ("9F", "tag is cut off"),
        ("9F81", "tag is cut off"),
        ("9F26", "length of a data object is cut off"),
        ("9583", "one to three"),
        ("9580", "one to three"),
        ("958201", "cut off"),
        ("9502AA", "past the end"),
    ],
)
def test_what_is_cut_off_is_refused(data: str, fact: str) -> None:
    with pytest.raises(BadAnswer, match=fact):
        list(read(bytes.fromhex(data)))


def test_too_many_objects_are_refused() -> None:
    assert len(list(read(b"\x95\x00" * OBJECTS_MAX))) == OBJECTS_MAX
    with pytest.raises(BadAnswer, match="too many"):
        list(read(b"\x95\x00" * (OBJECTS_MAX + 1)))


def test_what_is_not_there_is_empty() -> None:
    assert find(write(0x95, b"\1"), 0x9F26) == b""


def test_a_choice_has_its_own_order() -> None:
    data = write(0x9F36, b"\0\1") + write(0x9A, b"\1") + write(0x95, b"\2")
    assert only(data, (0x95, 0x9F36, 0xDF31)) == write(0x95, b"\2") + write(0x9F36, b"\0\1")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadAnswer):
        assert sum(len(value) for _, value in read(data)) <= len(data)
