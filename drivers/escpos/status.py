"""What a printer sends back, as values: a parser without input or output of its own.

The printer's answers carry no length and no name; they are told apart by bits that never change:
real-time status `0xx1xx10`, the first byte of automatic status `0xx1xx00` (then three `0xx0xxxx`), an answer to GS r or
GS I `0xx0xxxx`, XON 11h, XOFF 13h, and blocks `37h identifier ... 00h`. Anything else is skipped and counted.
Source: Epson ESC/POS command reference, DLE EOT, GS a, GS r, GS ( H; bit table of Citizen iDP-3221.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BLOCK_HEADER: Final = 0x37
BLOCK_MAX: Final = 64
COMPLETION_IDENTIFIER: Final = 0x22
COMPLETION_LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class RealTimeStatus:
    """The answer to DLE EOT n; it does not tell n."""

    value: int

    @property
    def offline(self) -> bool:
        """For n = 1: the printer is offline, for whatever cause."""
        return bool(self.value & 0x08)

    @property
    def cover_open(self) -> bool:
        """For n = 2."""
        return bool(self.value & 0x04)

    @property
    def stopped_for_paper(self) -> bool:
        """For n = 2: printing stands still because the paper ended."""
        return bool(self.value & 0x20)

    @property
    def failed(self) -> bool:
        """For n = 2: an error, such as a jammed cutter or a hot head."""
        return bool(self.value & 0x40)

    @property
    def paper_near_end(self) -> bool:
        """For n = 4."""
        return bool(self.value & 0x0C)

    @property
    def paper_out(self) -> bool:
        """For n = 4."""
        return bool(self.value & 0x60)


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """The four bytes that a printer with GS a pushes on a change."""

    value: bytes


@dataclass(frozen=True, slots=True)
class TransmittedStatus:
    """The answer to GS r, sent when all before it was taken from the buffer."""

    value: int


@dataclass(frozen=True, slots=True)
class JobCompleted:
    """The answer to GS ( H function 48, with the four bytes of the job's tag."""

    tag: bytes


@dataclass(frozen=True, slots=True)
class FlowControl:
    """The printer asks for a pause, or ends it."""

    ready: bool


Report = RealTimeStatus | AutomaticStatus | TransmittedStatus | JobCompleted | FlowControl


class StatusParser:
    """Takes bytes in any pieces and gives reports; it holds at most one unfinished block."""

    def __init__(self) -> None:
        self._pending = b""
        self.skipped = 0

    def feed(self, data: bytes) -> list[Report]:
        """Return the reports that `data` completes, in order. Never raises; `skipped` counts what made no sense."""
        reports: list[Report] = []
        for byte in data:
            report = self._take(byte)
            if report is not None:
                reports.append(report)
        return reports

    def _take(self, byte: int) -> Report | None:
        if self._pending and not self._continues(byte):
            self.skipped += len(self._pending)
            self._pending = b""
        if self._pending:
            self._pending += bytes([byte])
            return self._finished()
        return self._begin(byte)

    def _continues(self, byte: int) -> bool:
        """Tell whether `byte` can follow what is pending; a fragment is given up when another answer cuts in."""
        if self._pending[0] == BLOCK_HEADER:
            return len(self._pending) < BLOCK_MAX and (byte == 0 or 0x20 <= byte <= 0x7E)
        return byte & 0x90 == 0

    def _begin(self, byte: int) -> Report | None:
        fixed = byte & 0x93
        if byte == BLOCK_HEADER or fixed == 0x10:
            self._pending = bytes([byte])
            return None
        if fixed == 0x12:
            return RealTimeStatus(byte)
        if byte in {0x11, 0x13}:
            return FlowControl(ready=byte == 0x11)
        if byte & 0x90 == 0:
            return TransmittedStatus(byte)
        self.skipped += 1
        return None

    def _finished(self) -> Report | None:
        whole = self._pending
        if whole[0] != BLOCK_HEADER:
            if len(whole) < 4:
                return None
            self._pending = b""
            return AutomaticStatus(whole)
        if whole[-1] != 0:
            return None
        self._pending = b""
        body = whole[1:-1]
        if len(body) == COMPLETION_LENGTH and body[0] == COMPLETION_IDENTIFIER:
            return JobCompleted(body[1:])
        self.skipped += len(whole)
        return None
