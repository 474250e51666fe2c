"""The stripe reader of the hal, behind whatever sends its swipes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from drivers.listening import Listener
from drivers.stripe.swipe import SwipeReader
from firmware.hal import EventSink, StripeSwiped
from firmware.units import Track2

PAUSE_S: Final = 0.3
"""After this pause a swipe has ended, whether its CR came or not."""


class LineStripeReader:
    """`read` turns what the device sends into the characters that it means; `forget` is told when it goes."""

    def __init__(
        self,
        open_line: Callable[[], int],
        read: Callable[[bytes], bytes] = bytes,
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self._read = read
        self._forget = forget
        self._swipes = SwipeReader()
        self._sink: EventSink | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._listener = Listener(open_line, self._hear, self._lost)

    def start(self, sink: EventSink) -> None:
        """Begin to post; a reader that is unplugged is waited for."""
        self._sink = sink
        self._listener.start()

    async def close(self) -> None:
        """Stop posting and let go of the device."""
        self._sink = None
        self._wait_no_more()
        await self._listener.close()
        self._swipes.end()

    def _hear(self, data: bytes) -> None:
        self._wait_no_more()
        for track2 in self._swipes.feed(self._read(data)):
            self._post(track2)
        if self._swipes.swiping:
            self._pause = asyncio.get_running_loop().call_later(PAUSE_S, self._paused)

    def _paused(self) -> None:
        self._post(self._swipes.end())

    def _lost(self) -> None:
        """A reader unplugged in the middle of a swipe could not read it."""
        self._wait_no_more()
        self._forget()
        if self._swipes.swiping:
            self._swipes.end()
            self._post(None)

    def _post(self, track2: str | None) -> None:
        if self._sink is not None:
            self._sink.post(StripeSwiped(None if track2 is None else Track2(track2)))

    def _wait_no_more(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
