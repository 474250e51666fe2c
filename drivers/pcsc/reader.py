"""A chip card reader of any make, behind PC/SC: pcscd drives the hardware, this drives pcscd.

The slot is looked at five times a second, by a thread that wakes the event loop only when it sees a change. Unlike a
call that waits inside pcscd, that hangs nowhere when pcscd is killed or this process must end; what it costs is in
`make benchmark`.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import Final

from drivers.pcsc.card import PcscCard
from drivers.pcsc.choice import ReaderChoice
from drivers.pcsc.connection import Connection
from drivers.pcsc.slot_watch import Sight, SlotWatch
from drivers.pcsc.worker import Worker
from firmware.hal import CardInserted, CardTaken, EventSink
from firmware.hal.errors import CardMute, ReaderMissing
from firmware.units import Millis

_LOOK_EVERY_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 3.2
_CLOSE_S: Final = 0.5


class PcscReader:
    """One slot of one reader; `CardReader` tells what each method does."""

    def __init__(self, choice: ReaderChoice, *, look_every_s: float = _LOOK_EVERY_S) -> None:
        self._choice = choice
        self._look_every_s = look_every_s
        self._slot = SlotWatch(choice)
        self._watching: asyncio.Task[None] | None = None
        self._card: PcscCard | None = None

    @property
    def name(self) -> str:
        """What the board calls the reader; it stays the same while the reader is unplugged."""
        return self._choice.label

    def start(self, sink: EventSink) -> None:
        """Begin to watch the slot, once; a card in it is posted, an empty slot is not."""
        assert self._watching is None, "a reader is started once"
        self._watching = asyncio.get_running_loop().create_task(self._watch(sink), name="pcsc")

    async def power_on(self, timeout_ms: Millis) -> PcscCard:
        """Power the card in the slot; a card that had power loses it first.

        Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing.
        """
        before = asyncio.get_running_loop().time()
        if self._card is not None and not await self._card.ended(timeout_ms / 1000):
            raise CardMute(f"the reader {self.name!r} still waits for a card that says nothing")
        waited_ms = round((asyncio.get_running_loop().time() - before) * 1000)
        card = self._card = PcscCard(Connection(self._slot.reader))
        await card.power_on(Millis(max(1, timeout_ms - waited_ms)))
        return card

    async def close(self) -> None:
        """Stop watching, and take the power from the card, also where the watch has failed."""
        try:
            if self._watching is not None:
                self._watching.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._watching
        finally:
            if self._card is not None:
                await self._card.ended(_CLOSE_S)

    async def _watch(self, sink: EventSink) -> None:
        worker = Worker()
        seen = Sight()
        pause_s = self._look_every_s
        try:
            while True:
                try:
                    now = await worker.call(partial(self._slot.change, seen, self._look_every_s))
                except ReaderMissing:
                    self._tell(seen, Sight(), sink)
                    seen = Sight()
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                    await asyncio.sleep(pause_s)
                else:
                    self._tell(seen, now, sink)
                    seen = now
                    pause_s = self._look_every_s
        finally:
            self._slot.stop()
            worker.end(self._slot.close)

    def _tell(self, seen: Sight, now: Sight, sink: EventSink) -> None:
        """Post what has changed between two looks."""
        if seen.present and now != seen:
            if self._card is not None:
                self._card.let_go()
            sink.post(CardTaken(self.name))
        if now.present and now != seen:
            sink.post(CardInserted(self.name))
