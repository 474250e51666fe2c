"""The real-time commands, picked out of the stream as they arrive, whatever they stand in the middle of.

A printer obeys them before it looks at its buffer; that is how it answers while it is out of paper.
Source: Epson ESC/POS command reference, DLE EOT, DLE ENQ, DLE DC4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CLEAR_BUFFER: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


@dataclass(frozen=True, slots=True)
class StatusQuestion:
    """DLE EOT n: answer at once with one byte."""

    number: int


@dataclass(frozen=True, slots=True)
class Recover:
    """DLE ENQ n, or DLE DC4 8: go on after an error; `clears` forgets the buffer."""

    clears: bool


class RealTimeListener:
    """Takes bytes in any pieces; remembers the last few only."""

    def __init__(self) -> None:
        self._tail = b""

    def hear(self, data: bytes) -> list[StatusQuestion | Recover]:
        """Return the real-time commands that `data` completes, in order."""
        heard: list[StatusQuestion | Recover] = []
        for byte in data:
            self._tail = (self._tail + bytes([byte]))[-len(CLEAR_BUFFER) :]
            if self._tail[-3:-1] == b"\x10\x04" and 1 <= byte <= 4:
                heard.append(StatusQuestion(byte))
            elif self._tail[-3:-1] == b"\x10\x05" and byte in {1, 2}:
                heard.append(Recover(clears=byte == 2))
            elif self._tail == CLEAR_BUFFER:
                heard.append(Recover(clears=True))
        return heard
