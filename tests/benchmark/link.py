"""Measurements of the link to an acquirer: connections cold and resumed, and one exchange beside a bare stream."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import Final
from zoneinfo import ZoneInfo

from drivers.link.channel import StreamChannel
from drivers.link.framing import LengthPrefix
from drivers.link.tcp import TcpWay
from drivers.link.tls import Credentials, client_context
from drivers.system import SystemClock
from firmware.host.session import Matching, Received, Timeouts, exchange
from firmware.units import Millis
from tests.benchmark.measures import Measure, median
from tests.certificates import ADDRESS, authority
from tests.contract.host_wiring import server_context

RUNS: Final = 300
CONNECTS: Final = 50
FRAME: Final = bytes(200)
PATIENCE: Final = Millis(5_000)


def measure_link() -> Iterator[Measure]:
    """Measure against an echo on this machine; its own work is part of every number."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_measure(Path(folder)))


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            size = await reader.readexactly(2)
            writer.write(size + await reader.readexactly(int.from_bytes(size, "big")))
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def _measure(folder: Path) -> list[Measure]:
    ca = authority().write(folder / "ca.pem")
    tls = server_context(folder)
    plain = await asyncio.start_server(_echo, ADDRESS, 0)
    secured = await asyncio.start_server(_echo, ADDRESS, 0, ssl=tls)
    ports = [int(server.sockets[0].getsockname()[1]) for server in (plain, secured)]
    measures = [
        await _connects("TLS connect, message and close, cold", ports[1], ca, resumed=False),
        await _connects("TLS connect, message and close, resumed", ports[1], ca, resumed=True),
        await _exchanges("exchange of 200 bytes over TCP", ports[0], None),
        await _exchanges("exchange of 200 bytes over TLS", ports[1], ca),
    ]
    plain.close()
    secured.close()
    return measures


Work = Callable[[], Awaitable[object]]


async def _side_by_side(ours: Work, bare: Work, runs: int) -> tuple[list[float], list[float]]:
    """Time both in turns, so that whatever else the machine does falls on both alike; the first turn warms up."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 1):
        for work, times in zip((ours, bare), found, strict=True):
            began = perf_counter_ns()
            await work()
            times.append((perf_counter_ns() - began) / 1e6)
    return found[0][1:], found[1][1:]


async def _connects(name: str, port: int, ca: Path, *, resumed: bool) -> Measure:
    """Connect, exchange a message and close; where resumed, each connection offers the session of the one before."""
    kept = client_context(Credentials(ca)), client_context(Credentials(ca))
    ready: list[ssl.SSLContext] = [client_context(Credentials(ca)) for _ in range(0 if resumed else 2 * CONNECTS + 2)]

    async def ours() -> None:
        channel = StreamChannel([TcpWay(ADDRESS, port, kept[0] if resumed else ready.pop())], LengthPrefix())
        await channel.connect(PATIENCE)
        await channel.send(FRAME, PATIENCE)
        await channel.receive(PATIENCE)
        await channel.close()

    async def bare() -> None:
        reader, writer = await asyncio.open_connection(ADDRESS, port, ssl=kept[1] if resumed else ready.pop())
        writer.write(len(FRAME).to_bytes(2, "big") + FRAME)
        await reader.readexactly(2 + len(FRAME))
        writer.close()
        await writer.wait_closed()

    found, peer = await _side_by_side(ours, bare, CONNECTS)
    return Measure(name, median(found), "ms", CONNECTS, peer="asyncio stream", peer_value=median(peer))


async def _exchanges(name: str, port: int, ca: Path | None) -> Measure:
    """Exchanges on one connection, beside the same bytes through `asyncio.open_connection`."""
    context = None if ca is None else client_context(Credentials(ca))
    channel = StreamChannel([TcpWay(ADDRESS, port, context)], LengthPrefix())
    reader, writer = await asyncio.open_connection(ADDRESS, port, ssl=context)
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    matching = Matching(FRAME.__eq__, lambda _frame: None)
    timeouts = Timeouts(PATIENCE, PATIENCE)

    async def ours() -> None:
        ending = await exchange(channel, clock, FRAME, timeouts=timeouts, matching=matching, before_send=lambda: None)
        assert ending == Received(FRAME)

    async def bare() -> None:
        writer.write(len(FRAME).to_bytes(2, "big") + FRAME)
        await writer.drain()
        await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))

    found, peer = await _side_by_side(ours, bare, RUNS)
    await channel.close()
    writer.close()
    await writer.wait_closed()
    return Measure(name, median(found), "ms", RUNS, peer="asyncio stream", peer_value=median(peer))
