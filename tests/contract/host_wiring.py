"""Every kind of line to an acquirer with its far end in reach: a socket, TLS, a pseudo terminal, or memory."""

from __future__ import annotations

import asyncio
import os
import ssl
import termios
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from drivers.bench.host_link import FarEnd, LineFaults, SimulatedChannel
from drivers.bench.host_socket import BenchHost
from drivers.bench.wire import HostLine
from drivers.link.channel import StreamChannel
from drivers.link.framing import Framing, LengthPrefix, SerialBlock
from drivers.link.serial_line import SerialWay
from drivers.link.tcp import TcpWay
from drivers.link.tls import Credentials, client_context
from drivers.serial_line import SerialLine
from firmware.hal import HostChannel
from tests.certificates import ADDRESS, authority
from tests.contract.bench_wiring import Outside as Enclosure
from tests.virtual_time import run_virtually

HEARD_S = 5


class Outside(Protocol):
    """The acquirer's end of a line."""

    channel: HostChannel

    @property
    def connections(self) -> int:
        """How often the terminal has connected."""
        ...

    async def heard(self) -> bytes:
        """The next message that the terminal sent."""
        ...

    async def say(self, *messages: bytes) -> None:
        """Send messages, all at once."""
        ...

    async def hang_up(self) -> None:
        """End the connection; the next one may come about."""
        ...

    async def refuse(self) -> None:
        """End the connection, and let none come about any more."""
        ...


Wiring = Callable[[Path], AbstractAsyncContextManager[Outside]]
Scene = Callable[[Outside], Awaitable[None]]


class _Simulated:
    def __init__(self) -> None:
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._far_end = FarEnd(self._hear)
        self.channel: HostChannel = SimulatedChannel(self._far_end)

    @property
    def connections(self) -> int:
        return self._far_end.connections

    async def heard(self) -> bytes:
        return await asyncio.wait_for(self._heard.get(), HEARD_S)

    async def say(self, *messages: bytes) -> None:
        for message in messages:
            self._far_end.say(message)

    async def hang_up(self) -> None:
        self._far_end.hang_up()

    async def refuse(self) -> None:
        self._far_end.faults = LineFaults(refuse_connect=True)
        self._far_end.hang_up()

    async def _hear(self, message: bytes) -> None:
        self._heard.put_nowait(message)


@asynccontextmanager
async def simulated(_folder: Path) -> AsyncIterator[Outside]:
    """A line in memory."""
    yield _Simulated()


class Listener:
    """An acquirer's socket that keeps what it hears; with `tls` it speaks TLS."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []
        self._arrival = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.channel: HostChannel

    @property
    def connections(self) -> int:
        return len(self._writers)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def writer(self) -> asyncio.StreamWriter:
        """The connection that came last."""
        return self._writers[-1]

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, ADDRESS, 0, ssl=self._tls)

    async def heard(self) -> bytes:
        return await asyncio.wait_for(self._heard.get(), HEARD_S)

    async def say(self, *messages: bytes) -> None:
        await self.say_raw(b"".join(len(message).to_bytes(2, "big") + message for message in messages))

    async def say_raw(self, data: bytes) -> None:
        await self._arrived()
        self.writer.write(data)
        await self.writer.drain()

    async def hang_up(self) -> None:
        await self._arrived()
        self.writer.close()

    async def refuse(self) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in self._writers:
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _arrived(self) -> None:
        """A connection is there for the terminal a moment before it is here."""
        await asyncio.wait_for(self._arrival.wait(), HEARD_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self._arrival.set()
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                self._heard.put_nowait(await reader.readexactly(size))
        except (asyncio.IncompleteReadError, OSError):
            writer.close()


@asynccontextmanager
async def tcp(_folder: Path) -> AsyncIterator[Outside]:
    """A plain socket."""
    outside = Listener()
    await outside.listen()
    outside.channel = StreamChannel([TcpWay(ADDRESS, outside.port)], LengthPrefix())
    yield outside
    await outside.channel.close()
    await outside.stop()


def server_context(folder: Path, *, names: tuple[str, ...] = (ADDRESS,), days: int = 1) -> ssl.SSLContext:
    """The TLS of an acquirer whose certificate holds `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority().issue(folder, "acquirer", names=names, days=days))
    return context


@asynccontextmanager
async def tls(folder: Path) -> AsyncIterator[Outside]:
    """A socket with TLS."""
    outside = Listener(server_context(folder))
    await outside.listen()
    context = client_context(Credentials(authority().write(folder / "ca.pem")))
    outside.channel = StreamChannel([TcpWay(ADDRESS, outside.port, context)], LengthPrefix())
    yield outside
    await outside.channel.close()
    await outside.stop()


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Outside]:
    """The bench's line, which the terminal is told of."""
    listener = Listener(server_context(folder))
    await listener.listen()
    enclosure = Enclosure()
    listener.channel = BenchHost(enclosure.harness)
    enclosure.say(HostLine(listener.port, str(authority().write(folder / "ca.pem"))))
    yield listener
    await listener.channel.close()
    await listener.stop()


class Concentrator:
    """The far end of a serial line: a pseudo terminal whose name stays the same when it is plugged in anew."""

    def __init__(self, folder: Path, framing: Framing) -> None:
        self._device = folder / "line"
        self._framing = framing
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._received = bytearray()
        self._master = -1
        self.channel: HostChannel = StreamChannel([SerialWay(SerialLine(str(self._device)))], framing)
        self._plug_in()

    @property
    def connections(self) -> int:
        """A line cannot tell: there is one as soon as it is plugged in."""
        return 1

    async def heard(self) -> bytes:
        return await asyncio.wait_for(self._heard.get(), HEARD_S)

    async def say(self, *messages: bytes) -> None:
        await self.say_raw(b"".join(self._framing.wrap(message) for message in messages))

    async def say_raw(self, data: bytes) -> None:
        left = memoryview(data)
        async with asyncio.timeout(HEARD_S):
            while left:
                try:
                    left = left[os.write(self._master, left) :]
                except BlockingIOError:
                    await asyncio.sleep(0.001)

    async def hang_up(self) -> None:
        self.unplug()
        self._plug_in()

    async def refuse(self) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Take the line away."""
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            self._master = -1
            self._device.unlink()

    def _plug_in(self) -> None:
        self._master, slave = os.openpty()
        os.set_blocking(self._master, False)
        tty.setraw(slave, termios.TCSANOW)
        self._device.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._received.clear()
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def _read(self) -> None:
        try:
            self._received.extend(os.read(self._master, 65_536))
        except OSError:  # Nobody has the line open.
            return
        while (message := self._framing.take(self._received)) is not None:
            self._heard.put_nowait(message)


def _serial(framing: Callable[[], Framing]) -> Wiring:
    @asynccontextmanager
    async def wiring(folder: Path) -> AsyncIterator[Outside]:
        outside = Concentrator(folder, framing())
        yield outside
        await outside.channel.close()
        outside.unplug()

    return wiring


serial_length = _serial(LengthPrefix)
serial_block = _serial(lambda: SerialBlock(LengthPrefix()))


def play(wiring: Wiring, folder: Path, scene: Scene) -> None:
    """Play a scene over a line; one in memory needs no real time."""

    async def main() -> None:
        async with wiring(folder) as outside:
            await scene(outside)
            await outside.channel.close()

    if wiring is simulated:
        run_virtually(main())
    else:
        asyncio.run(main())
