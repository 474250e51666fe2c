"""What the kernel's events mean: characters of a reader that passes for a keyboard, keys of a keypad."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.hid.events import EventReader, KeyMoved, packed
from drivers.hid.typing import Typist, keystrokes

SHIFT = 42


def typed(text: str) -> bytes:
    """The kernel's events of a reader that types `text`."""
    events = b""
    for code, shifted in keystrokes(text):
        down, up = packed(code, 1), packed(code, 0)
        events += packed(SHIFT, 1) + down + up + packed(SHIFT, 0) if shifted else down + up
    return events


@given(st.text("0123456789=;?%^/ABCxyz+&-:._\r", max_size=40), st.integers(1, 50))
def test_what_is_typed_is_read_in_any_pieces(text: str, piece: int) -> None:
    typist, events = Typist(), typed(text)
    read = b"".join(typist.feed(events[start : start + piece]) for start in range(0, len(events), piece))
    assert read == text.encode()


def test_repeats_and_other_events_are_no_movements() -> None:
    repeat, other = packed(2, 2), packed(2, 1, kind=4)
    assert EventReader().feed(packed(2, 1) + repeat + other + packed(2, 0)) == [KeyMoved(2, True), KeyMoved(2, False)]


def test_shift_of_a_reader_that_is_gone_is_forgotten() -> None:
    typist = Typist()
    typist.feed(packed(SHIFT, 1))
    typist.forget()
    assert typist.feed(packed(2, 1)) == b"1"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_harm(data: bytes) -> None:
    assert isinstance(Typist().feed(data), bytes)
