"""The judge of swipes: whole ones give track 2, halves and damaged ones none, noise nothing at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.stripe.swipe import SWIPE_MAX, SwipeReader, lrc

TRACK2 = "6210948000000004=49122010000000000"
TRACK1 = "%B6210948000000004^TEST/CARD^4912201000?"


def swiped(*pieces: bytes) -> list[str | None]:
    reader = SwipeReader()
    return [swipe for piece in pieces for swipe in reader.feed(piece)]


def with_lrc(track: str) -> str:
    return f";{track}?{chr(lrc(track.encode()))}"


@pytest.mark.parametrize(
    "line",
    [
        f";{TRACK2}?\r",
        f";{TRACK2}?\r\n",
        f"{TRACK1};{TRACK2}?\r",
        f"{with_lrc(TRACK2)}\r",
        f"{TRACK1}{with_lrc(TRACK2)}+1=2?\r",
    ],
)
def test_swipe_in_any_manner_of_reader_gives_its_track_2(line: str) -> None:
    assert swiped(line.encode()) == [TRACK2]


def test_lrc_is_that_of_the_standard() -> None:
    # ;1? : B xor 1 xor F, five bits of which four are the data.
    assert chr(lrc(b"1")) == "5"


@pytest.mark.parametrize(
    "line",
    [
        ";E?\r",
        f"{TRACK1}\r",
        f";{TRACK2}\r",
        f";{TRACK2[:20]}\r",
        f";{TRACK2}?{chr(lrc(TRACK2.encode()) ^ 1)}\r",
        ";?\r",
        f";{TRACK2}0000?\r",
        f";{TRACK2[:5]}\x00{TRACK2[5:]}?\r",
        ";" + "1" * 1000 + "?\r",
    ],
)
def test_swipe_that_is_damaged_is_unreadable(line: str) -> None:
    assert swiped(line.encode()) == [None]


def test_noise_between_swipes_is_passed_over() -> None:
    assert swiped(b"\x00\xff~12\r\n", f";{TRACK2}?\r".encode(), b"\r\n\r\n", f";{TRACK2}?\r".encode()) == [TRACK2] * 2


def test_half_a_swipe_ends_by_its_pause_and_leaves_nothing() -> None:
    reader = SwipeReader()
    assert reader.feed(f";{TRACK2[:12]}".encode()) == []
    assert [reader.swiping, reader.end(), reader.swiping] == [True, None, False]
    assert reader.feed(f";{TRACK2}?\r".encode()) == [TRACK2]
    assert TRACK2[:8].encode() not in bytes(reader._held)


@given(st.binary(max_size=600), st.integers(1, 40))
def test_any_bytes_in_any_pieces_give_the_same_and_no_more_than_a_swipe_is_held(data: bytes, piece: int) -> None:
    reader = SwipeReader()
    found = [swipe for start in range(0, len(data), piece) for swipe in reader.feed(data[start : start + piece])]
    assert found == swiped(data)
    assert len(reader._held) <= SWIPE_MAX + 1
