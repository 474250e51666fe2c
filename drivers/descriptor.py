"""A non-blocking descriptor on the event loop: a serial line, a printer's device file, a socket; bytes in and out.

No thread is needed and nothing is buffered here: what the kernel does not take is told.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable
from typing import Any, Final

from firmware.units import Millis

READ_MAX: Final = 4_096
EMPTY_S: Final = 0.05
"""How long to leave a device alone that has answered a read with nothing: it would do so again at once."""


class LineEnded(OSError):
    """The other end is gone: unplugged, or closed."""


class Descriptor:
    """Owns a descriptor. One reader and one writer at a time; every call but `close` may raise OSError.

    A read of nothing is the end, but not of every device: with `empty_is_end=False` it means that there is nothing yet.
    """

    def __init__(self, number: int, *, empty_is_end: bool = True) -> None:
        """Take the descriptor over."""
        os.set_blocking(number, False)
        self._number = number
        self._empty_is_end = empty_is_end
        self._close = weakref.finalize(self, os.close, number)

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        """Hand `data` to the kernel, and return how many of its bytes it took within the time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1000
        sent = 0
        while sent < len(data):
            try:
                sent += os.write(self._number, data[sent:])
            except BlockingIOError:
                left_s = deadline - loop.time()
                if left_s <= 0 or not await self._ready(loop.add_writer, loop.remove_writer, left_s):
                    break
        return sent

    async def read(self, timeout_ms: Millis) -> bytes:
        """Return 1 to 4096 bytes as soon as there are any; b"" if nothing came in the time. Raises: LineEnded."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1000
        while True:
            try:
                data = os.read(self._number, READ_MAX)
            except BlockingIOError:
                left_s = deadline - loop.time()
                if left_s <= 0 or not await self._ready(loop.add_reader, loop.remove_reader, left_s):
                    return b""
                continue
            if data:
                return data
            if self._empty_is_end:
                raise LineEnded("the other end is gone")
            left_s = deadline - loop.time()
            if left_s <= 0:
                return b""
            await asyncio.sleep(min(EMPTY_S, left_s))

    def forget_input(self) -> None:
        """Throw away what was received and not read."""
        try:
            while os.read(self._number, READ_MAX):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """Let go; may be called more than once."""
        self._close()

    async def _ready(self, watch: Callable[..., Any], unwatch: Callable[[int], Any], within_s: float) -> bool:
        """Wait until the kernel says that the descriptor is ready; False where the time ends first."""
        ready = asyncio.Event()
        watch(self._number, ready.set)
        try:
            async with asyncio.timeout(within_s):
                await ready.wait()
        except TimeoutError:
            return False
        finally:
            unwatch(self._number)
        return True
