"""What a stripe reader sends for one swipe, and the track 2 in it: a judge without input or output of its own.

A swipe is up to three tracks, each from its start sentinel (`%`, `;`, `+`) to `?`, after which some readers send the
LRC, and a CR or LF ends it. A reader that could not read a track sends an `E` in it, or nothing of it.
Source: ISO/IEC 7811-2 (coding of track 2, LRC), ISO/IEC 7813 (its 37 characters).
"""

from __future__ import annotations

import re
from typing import Final

SWIPE_MAX: Final = 256
"""Three tracks of 79, 40 and 107 characters, and their ends."""
_TRACK2: Final = re.compile(rb";([0-9=]{1,37})\?([0-?])?(?=[%+\r\n]|$)")
_STARTS: Final = b"%;+"
_ENDS: Final = b"\r\n"


class SwipeReader:
    """Takes bytes in any pieces and gives a track 2 for each swipe, None for one that could not be read."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._swiping = False

    @property
    def swiping(self) -> bool:
        """Whether a swipe has begun and not ended."""
        return self._swiping

    def feed(self, data: bytes) -> list[str | None]:
        """Return the swipes that `data` ends, in order. Noise between swipes is passed over."""
        swipes: list[str | None] = []
        for byte in data:
            if self._swiping and byte in _ENDS:
                swipes.append(self.end())
            elif self._swiping or byte in _STARTS:
                self._swiping = True
                if len(self._held) <= SWIPE_MAX:
                    self._held.append(byte)
        return swipes

    def end(self) -> str | None:
        """End the swipe that has begun, as its pause does where no CR came; what is held is wiped."""
        self._swiping = False
        try:
            return _track2(self._held)
        finally:
            self._held[:] = bytes(len(self._held))
            self._held.clear()


def _track2(swipe: bytearray) -> str | None:
    found = None if len(swipe) > SWIPE_MAX else _TRACK2.search(swipe)
    if found is None:
        return None
    if found[2] is not None and found[2][0] != lrc(found[1]):
        return None
    return found[1].decode("ascii")


def lrc(track: bytes) -> int:
    """The LRC of a track 2 with its sentinels, as the character that readers send for it (ISO/IEC 7811-2)."""
    result = 0
    for character in b";" + track + b"?":
        result ^= character & 0x0F
    return 0x30 | result
