"""The bytes of one connection: what came in, what still has to leave, and how it ended.

An asyncio protocol for sockets, TLS and serial lines alike. A serial line has one transport for each direction.
"""

from __future__ import annotations

import asyncio
from typing import Final

RECEIVED_MAX: Final = 2 * 65_536
"""Bytes kept before the far end is made to wait: more than any one message, so a reader never starves."""
CLOSING_S: Final = 0.5
"""How long a connection may take to say good-bye."""


class Wire(asyncio.Protocol):
    """One connection, from its opening to its end."""

    def __init__(self) -> None:
        self.received: Final = bytearray()
        self.ended = False
        self.error: Exception | None = None
        """Why it ended; None where the far end hung up in order, or we did."""
        self._reading: asyncio.ReadTransport | None = None
        self._writing: asyncio.WriteTransport | None = None
        self._ends: list[asyncio.BaseTransport] = []
        self._open_ends = 0
        self._news = asyncio.Event()
        self._flushed = asyncio.Event()
        self._flushed.set()
        self._closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take up a socket, or one direction of a serial line: the one that reads comes first."""
        self._ends.append(transport)
        self._open_ends += 1
        if self._reading is None:
            assert isinstance(transport, asyncio.ReadTransport), transport
            self._reading = transport
        if isinstance(transport, asyncio.WriteTransport):
            self._writing = transport
            transport.set_write_buffer_limits(high=1, low=0)

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self.received.extend(data)
        if len(self.received) > RECEIVED_MAX and self._reading is not None:
            self._reading.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        """The far end has hung up: what it cannot read is not worth sending."""
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes or goes any more; a serial line that has lost one direction loses the other."""
        self._end(exc)
        self._open_ends -= 1
        if self._open_ends:
            self._let_go()
        else:
            self._closed.set()

    def pause_writing(self) -> None:
        """The system takes no more for now."""
        self._flushed.clear()

    def resume_writing(self) -> None:
        """The system has taken everything."""
        self._flushed.set()

    def write(self, data: bytes) -> None:
        """Hand `data` to the system; `flushed` tells when it took all of it."""
        assert self._writing is not None, "written before it was opened"
        self._writing.write(data)

    async def flushed(self) -> None:
        """Wait until everything written was taken, or the connection ended."""
        await self._flushed.wait()

    async def news(self) -> None:
        """Wait until something came since the last wait, or the connection ended."""
        if not self.ended:
            if self._reading is not None and len(self.received) <= RECEIVED_MAX:
                self._reading.resume_reading()
            self._news.clear()
            await self._news.wait()

    def abort(self) -> None:
        """End the connection at once; what had not left does not leave."""
        self._end(None)
        self._let_go()

    async def close(self) -> None:
        """End the connection in order, and by force where the far end does not answer the good-bye."""
        self._end(None)
        for end in self._ends:
            end.close()
        try:
            async with asyncio.timeout(CLOSING_S):
                await self._closed.wait()
        except TimeoutError:
            self._let_go()

    def _let_go(self) -> None:
        for end in self._ends:
            if isinstance(end, asyncio.WriteTransport):
                end.abort()
            else:
                end.close()

    def _end(self, error: Exception | None) -> None:
        if not self.ended:
            self.ended, self.error = True, error
        self._news.set()
        self._flushed.set()
