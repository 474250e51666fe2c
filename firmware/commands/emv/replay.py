"""The card of a trace: it answers as the card did, as long as it is asked what the card was asked.

Owned here: nothing is guessed. The first command that differs ends the replay, by the line that it should have been.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from firmware.commands.emv.trace import RESULTS, Trace, TracedExchange, header_line
from firmware.commands.emv.traced_card import FAULTS, Exchange, command_text
from firmware.errors import TillberryError
from firmware.hal import CardInserted, EventSink
from firmware.units import Millis


class TraceDiffers(TillberryError):
    """The kernel does not do what it did when the trace was written; the message names file and line."""


class ReplayedCard:
    """Honours the hal's CardReader and Card over the exchanges of a trace; takes no time."""

    def __init__(self, path: Path, exchanges: Sequence[TracedExchange]) -> None:
        self._path = path
        self._left = deque(exchanges)
        self._last_line = exchanges[-1].line + 1
        self._atr = b""

    @property
    def name(self) -> str:
        """The name of the reader: there is none."""
        return "replay"

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._atr

    def start(self, sink: EventSink) -> None:
        """The card is in its slot."""
        sink.post(CardInserted(self.name))

    async def power_on(self, timeout_ms: Millis) -> ReplayedCard:
        """Answer the reset. Raises: CardError - as the card did."""
        del timeout_ms
        self._atr = _answer(self._left.popleft().exchange)
        return self

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        """Answer one command. Raises: CardError - as the card did; TraceDiffers - the card was not asked this."""
        del timeout_ms
        sent = command_text(command)
        if not self._left:
            raise TraceDiffers(f"{self._path}: line {self._last_line + 1}: the trace ends, got > {sent}")
        traced = self._left.popleft()
        if traced.exchange.command != sent:
            raise TraceDiffers(f"{self._path}: line {traced.line}: expected > {traced.exchange.command}, got > {sent}")
        return _answer(traced.exchange)

    async def power_off(self) -> None:
        """A traced card has no power to lose."""

    async def close(self) -> None:
        """There is nothing to let go."""

    def check_end(self, trace: Trace, results: dict[str, str]) -> None:
        """See that the card was asked all, that it came to the same, and of what was written. Raises: TraceDiffers."""
        if self._left:
            traced = self._left[0]
            expected = f"expected > {traced.exchange.command}"
            raise TraceDiffers(f"{self._path}: line {traced.line}: {expected}, got the end: {results['outcome']}")
        for name in RESULTS:
            if trace.results[name] != results[name]:
                place = f"{self._path}: line {header_line(name)}"
                raise TraceDiffers(f"{place}: # {name}: expected {trace.results[name]}, got {results[name]}")
        if not trace.intact:
            raise TraceDiffers(f"{self._path}: was altered since it was written, though it comes to the same")


def _answer(exchange: Exchange) -> bytes:
    if exchange.fault:
        raise FAULTS[exchange.fault]("as the trace has it")
    return exchange.answer
