"""The scanner of the hal, behind whatever sends its codes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from drivers.listening import Listener
from drivers.scanner.code import CodeReader
from firmware.hal import CodeScanned, EventSink

PAUSE_S: Final = 0.3
"""After this pause the end of a code will not come any more."""


class LineScanner:
    """`read` turns what the device sends into the characters that it means; `forget` is told when it goes."""

    def __init__(
        self,
        open_line: Callable[[], int],
        read: Callable[[bytes], bytes] = bytes,
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self._read = read
        self._forget = forget
        self._codes = CodeReader()
        self._sink: EventSink | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._listener = Listener(open_line, self._hear, self._lost)

    def start(self, sink: EventSink) -> None:
        """Begin to post; a scanner that is unplugged is waited for."""
        self._sink = sink
        self._listener.start()

    async def close(self) -> None:
        """Stop posting and let go of the device."""
        self._sink = None
        self._lost()
        await self._listener.close()

    def _hear(self, data: bytes) -> None:
        self._wait_no_more()
        for code in self._codes.feed(self._read(data)):
            if self._sink is not None:
                self._sink.post(CodeScanned(code))
        if self._codes.reading:
            self._pause = asyncio.get_running_loop().call_later(PAUSE_S, self._codes.forget)

    def _lost(self) -> None:
        self._wait_no_more()
        self._forget()
        self._codes.forget()

    def _wait_no_more(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
