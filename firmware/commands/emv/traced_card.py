"""A card that is listened to: every command with its answer and how long the card took for it.

Owned here: a PIN is hidden the moment it passes, so that nothing after this file can write one down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from firmware.hal import Card, CardReader
from firmware.hal.errors import CardError, CardGarbled, CardMute, CardRemoved, ReaderMissing
from firmware.units import Millis

FAULTS: Final[Mapping[str, type[CardError]]] = {
    "removed": CardRemoved,
    "mute": CardMute,
    "garbled": CardGarbled,
    "reader_missing": ReaderMissing,
}
"""How a trace calls what a card does instead of answering."""
HIDDEN: Final = "**"
"""Stands for one byte that is not shown."""
_VERIFY: Final = 0x20
_HEADER_AND_LC: Final = 5


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and its end: an answer, or the fault that came instead.

    `command` is in hex, a PIN as `HIDDEN`; it is empty for the reset, whose answer is the ATR. `ms` is the card's time.
    """

    command: str
    answer: bytes = field(repr=False)
    fault: str
    ms: float


def command_text(command: bytes) -> str:
    """The command in hex; the data of VERIFY hidden, in the clear or enciphered: test cards have known keys.

    Source: Book 3 §6.5.12.
    """
    if command[1] != _VERIFY:
        return command.hex().upper()
    return command[:_HEADER_AND_LC].hex().upper() + HIDDEN * len(command[_HEADER_AND_LC:])


class TracedCard:
    """Honours the hal's Card over the card in a reader's slot, once `power_on` was called."""

    def __init__(self, reader: CardReader, stopwatch_ns: Callable[[], int]) -> None:
        self._reader = reader
        self._stopwatch_ns = stopwatch_ns
        self._card: Card | None = None
        self.exchanges: list[Exchange] = []

    @property
    def atr(self) -> bytes:
        """The answer to reset, empty before."""
        return b"" if self._card is None else self._card.atr

    @property
    def transmit_ms(self) -> float:
        """The card's time for all commands, without the reset."""
        return sum(each.ms for each in self.exchanges if each.command)

    async def power_on(self, timeout_ms: Millis) -> None:
        """Power the card. Raises: as `CardReader.power_on`."""
        started = self._stopwatch_ns()
        try:
            self._card = await self._reader.power_on(timeout_ms)
        except CardError as error:
            self._note("", started, error)
            raise
        self._note("", started, self._card.atr)

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        """Send one command. Raises: as `Card.transmit`."""
        assert self._card is not None, "the card has no power"
        started = self._stopwatch_ns()
        try:
            answer = await self._card.transmit(command, timeout_ms)
        except CardError as error:
            self._note(command_text(command), started, error)
            raise
        self._note(command_text(command), started, answer)
        return answer

    async def power_off(self) -> None:
        """Take the power from the card."""
        if self._card is not None:
            await self._card.power_off()

    def _note(self, command: str, started_ns: int, end: bytes | CardError) -> None:
        ms = (self._stopwatch_ns() - started_ns) / 1e6
        if isinstance(end, bytes):
            self.exchanges.append(Exchange(command, end, "", ms))
        else:
            self.exchanges.append(Exchange(command, b"", _fault(end), ms))


def _fault(error: CardError) -> str:
    """How a trace calls it; an error that a reader has no right to is called after the least harmful."""
    return next((name for name, kind in FAULTS.items() if isinstance(error, kind)), "garbled")
