"""Messages are told apart on a wire however its bytes arrive, and a broken frame is never taken for a message."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.link.framing import NOISE_MAX, Framing, FramingBroken, Length, LengthPrefix, SerialBlock

PREFIXES = [LengthPrefix(length, inclusive=inclusive) for length in Length for inclusive in (False, True)]
FRAMINGS: list[Framing] = [*PREFIXES, *map(SerialBlock, PREFIXES)]

messages = st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("prefix", "wire"),
    [
        (LengthPrefix(), b"\x00\x03abc"),
        (LengthPrefix(inclusive=True), b"\x00\x05abc"),
        (LengthPrefix(Length.ASCII), b"0003abc"),
        (LengthPrefix(Length.ASCII, inclusive=True), b"0007abc"),
        (LengthPrefix(Length.BCD), b"\x00\x03abc"),
    ],
)
def test_length_stands_in_front_as_agreed(prefix: LengthPrefix, wire: bytes) -> None:
    assert prefix.wrap(b"abc") == wire
    assert prefix.take(bytearray(wire)) == b"abc"


def test_length_in_bcd_is_written_in_decimal_digits() -> None:
    assert LengthPrefix(Length.BCD).wrap(bytes(1234))[:2] == b"\x12\x34"


def test_serial_block_has_stx_length_etx_and_lrc() -> None:
    block = SerialBlock(LengthPrefix(Length.BCD)).wrap(b"abc")

    assert block == b"\x02\x00\x03abc\x03" + bytes([0x03 ^ 0x61 ^ 0x62 ^ 0x63 ^ 0x03])
    assert reduce(xor, block[1:]) == 0


@given(framing=st.sampled_from(FRAMINGS), sent=messages, data=st.data())
def test_messages_cut_anywhere_arrive_whole(framing: Framing, sent: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(map(framing.wrap, sent))
    received, taken = bytearray(), []
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        received += wire[:size]
        wire = wire[size:]
        while (message := framing.take(received)) is not None:
            taken.append(message)

    assert taken == sent
    assert not received


@given(framing=st.sampled_from(FRAMINGS), wire=st.binary(max_size=300))
def test_any_bytes_are_messages_or_broken(framing: Framing, wire: bytes) -> None:
    received = bytearray(wire)
    try:
        while (message := framing.take(received)) is not None:
            assert 1 <= len(message) <= len(wire)
    except FramingBroken as broken:
        assert str(broken)  # noqa: PT017 - that it may be raised is the point


@given(message=st.binary(min_size=1, max_size=60), data=st.data())
def test_serial_block_with_one_wrong_byte_is_never_a_message(message: bytes, data: st.DataObject) -> None:
    framing = SerialBlock(LengthPrefix())
    block = bytearray(framing.wrap(message))
    block[data.draw(st.integers(0, len(block) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        assert framing.take(block) is None
    except FramingBroken as broken:
        assert str(broken)  # noqa: PT017 - None, where the length grew, and broken are both right


@pytest.mark.parametrize(
    ("framing", "wire"),
    [
        (LengthPrefix(), b"\0\0"),
        (LengthPrefix(inclusive=True), b"\0\2"),
        (LengthPrefix(inclusive=True), b"\0\0"),
        (LengthPrefix(Length.ASCII), b"0000"),
        (LengthPrefix(Length.ASCII), b"00x4"),
        (LengthPrefix(Length.ASCII), b" 123"),
        (LengthPrefix(Length.BCD), b"\x0a\x00"),
        (SerialBlock(LengthPrefix()), b"\x02\0\1a\x04\0"),
        (SerialBlock(LengthPrefix()), b"\x02\0\1a\x03\0"),
        (SerialBlock(LengthPrefix()), b"\x02\0\0"),
        (SerialBlock(LengthPrefix()), b"\xff" * (NOISE_MAX + 1)),
    ],
)
def test_frame_against_the_agreement_is_broken(framing: Framing, wire: bytes) -> None:
    with pytest.raises(FramingBroken):
        framing.take(bytearray(wire))


def test_noise_in_front_of_a_serial_block_is_passed_over() -> None:
    framing = SerialBlock(LengthPrefix())
    received = bytearray(b"\xff\x00\x06" + framing.wrap(b"abc"))

    assert framing.take(received) == b"abc"
    assert not received


@pytest.mark.parametrize(
    ("prefix", "most"),
    [
        (LengthPrefix(), 65_535),
        (LengthPrefix(inclusive=True), 65_533),
        (LengthPrefix(Length.ASCII), 9_999),
        (LengthPrefix(Length.BCD), 9_999),
    ],
)
def test_message_longer_than_a_length_can_say_is_refused(prefix: LengthPrefix, most: int) -> None:
    assert prefix.take(bytearray(prefix.wrap(bytes(most)))) == bytes(most)
    with pytest.raises(FramingBroken):
        prefix.wrap(bytes(most + 1))
