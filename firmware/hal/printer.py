"""The receipt printer: documents in, paper out, and an honest word about whether it came out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firmware.surfaces import Document
from firmware.units import Millis


class Paper(StrEnum):
    """What the printer says about its paper."""

    OK = "ok"
    NEAR_END = "near_end"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The state of the printer; a printer that does not answer is not online and its paper is unknown."""

    online: bool
    cover_open: bool = False
    paper: Paper = Paper.UNKNOWN


class Printer(Protocol):
    """A receipt printer with a completion handshake. One job at a time; calls must not overlap."""

    async def status(self, timeout_ms: Millis = Millis(300)) -> PrinterStatus:
        """Ask the printer how it is. Never raises: no answer within the time is `online=False`."""
        ...

    async def print(self, document: Document, job: int) -> None:
        """Print `document` as job number `job` (0 to 999999) and return when the printer has confirmed its end.

        Must ask for the status first and send nothing to a printer that is out of paper, open or offline.
        Raises: PaperOut, CoverOpen, PrinterOffline, PrinterSilent, NotPrintable, and nothing else; their `started`
        tells whether bytes were sent.
        Every wait inside is bounded by the document's length and the printer's speed.
        """
        ...

    async def finish(self, job: int, timeout_ms: Millis) -> None:
        """Wait on for the confirmation of a job that `print` left started, without sending it again.

        Returns when the printer has confirmed it. Raises as `print`; PrinterOffline means that the rest is lost and
        the copy must be printed anew.
        """
        ...

    async def close(self) -> None:
        """Let go of the printer; may be called more than once."""
        ...
