"""The real-time commands, picked out of the stream as they arrive, whatever they stand in the middle of.

A printer obeys them before it looks at its buffer; that is how it answers while it is out of paper.
Source: Epson ESC/POS command reference, DLE EOT, DLE ENQ, DLE DC4.
"""

from __future__ import annotations

import re
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


COMMANDS: Final = re.compile(rb"\x10\x04([\x01-\x04])|\x10\x05([\x01\x02])|" + re.escape(CLEAR_BUFFER), re.DOTALL)


class RealTimeListener:
    """Takes bytes in any pieces; remembers the last few only."""

    def __init__(self) -> None:
        self._tail = b""

    def hear(self, data: bytes) -> list[StatusQuestion | Recover]:
        """Return the real-time commands that `data` completes, in order."""
        stream = self._tail + data
        heard: list[StatusQuestion | Recover] = []
        for found in COMMANDS.finditer(stream):
            if found.end() <= len(self._tail):
                continue
            question, recovery = found.groups()
            heard.append(StatusQuestion(question[0]) if question else Recover(clears=recovery != b"\x01"))
        self._tail = stream[-(len(CLEAR_BUFFER) - 1) :]
        return heard
