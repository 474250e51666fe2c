"""The acquirer behind real sockets: two bytes of length and a message, answered in the order in which they come.

Owned here: connections, their limits and how faults look on a socket. Each connection waits for its own answers;
the host itself is asked by one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Final

from drivers.bench.acquirer.host import Host
from drivers.bench.acquirer.playing import play
from drivers.bench.web import PortTaken
from firmware.host.codec import MESSAGE_BYTES_MAX

PREFIX_BYTES: Final = 2
IDLE_S: Final = 120.0
"""How long a connection may say nothing, and how long an answer may take to leave."""
CONNECTIONS_MAX: Final = 256


class AcquirerServer:
    """Listens for terminals; with `tls`, over TLS."""

    def __init__(self, host: Host, address: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._address = address
        self._port = port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    async def start(self) -> None:
        """Listen; port 0 takes any that is free. Raises: PortTaken."""
        try:
            self._server = await asyncio.start_server(self._connected, self._address, self._port, ssl=self._tls)
        except OSError as exc:
            raise PortTaken(f"cannot listen on {self._address} port {self._port}: {exc.strerror or exc}") from exc
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None, "asyncio runs each connection in a task"
        self._talks.add(talk)
        try:
            if len(self._talks) <= CONNECTIONS_MAX:
                await self._talk(reader, _Line(writer))
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            self._talks.discard(talk)

    async def _talk(self, reader: asyncio.StreamReader, line: _Line) -> None:
        while True:
            async with asyncio.timeout(IDLE_S):
                size = int.from_bytes(await reader.readexactly(PREFIX_BYTES), "big")
                if not 0 < size <= MESSAGE_BYTES_MAX:
                    return
                message = await reader.readexactly(size)
            if line.deaf:
                continue
            answer = await play(self._host, message, line)
            if answer is not None and not line.deaf:
                line.say(answer)
            async with asyncio.timeout(IDLE_S):
                await line.sent()


class _Line:
    """One connection, as a fault wants it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.deaf = False

    async def wait(self, milliseconds: int) -> None:
        await asyncio.sleep(milliseconds / 1000)

    def hang_up(self) -> None:
        self._writer.transport.abort()

    def go_deaf(self) -> None:
        self.deaf = True

    def say(self, message: bytes) -> None:
        self._writer.write(len(message).to_bytes(PREFIX_BYTES, "big") + message)

    async def sent(self) -> None:
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()
