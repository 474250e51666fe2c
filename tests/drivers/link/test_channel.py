"""A channel over sockets goes another way where the first is dead, and never trusts a wire that broke its framing."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from drivers.link.channel import DETOUR_S, StreamChannel, Way
from drivers.link.failures import failure
from drivers.link.framing import LengthPrefix
from drivers.link.tcp import TcpWay
from drivers.link.wire import RECEIVED_MAX, Wire
from firmware.hal.errors import LinkError, LinkLost, LinkRefused, LinkTimedOut
from firmware.units import Millis
from tests.certificates import ADDRESS
from tests.contract.host_wiring import Listener
from tests.virtual_time import run_virtually

PATIENCE = Millis(5_000)


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[StreamChannel, Listener]]:
    listener = Listener()
    await listener.listen()
    channel = StreamChannel([TcpWay(ADDRESS, listener.port)], LengthPrefix())
    try:
        yield channel, listener
    finally:
        await channel.close()
        await listener.stop()


def closed_port() -> int:
    with socket.create_server((ADDRESS, 0)) as briefly:
        return int(briefly.getsockname()[1])


@pytest.mark.parametrize("data", [b"\0\0", b"\0\0\0\5hello"])
def test_length_of_nothing_ends_the_connection(data: bytes) -> None:
    async def scene() -> None:
        async with listening() as (channel, listener):
            await channel.connect(PATIENCE)
            await listener.say_raw(data)
            with pytest.raises(LinkLost, match="a length of nothing"):
                await channel.receive(PATIENCE)
            with pytest.raises(LinkLost):
                await channel.receive(PATIENCE)
            await channel.connect(PATIENCE)
            await channel.send(b"ask", PATIENCE)
            assert await listener.heard() == b"ask"

    asyncio.run(scene())


def test_message_cut_by_the_end_of_the_connection_is_lost() -> None:
    async def scene() -> None:
        async with listening() as (channel, listener):
            await channel.connect(PATIENCE)
            await listener.say_raw(b"\0\5hel")
            await listener.hang_up()
            with pytest.raises(LinkLost, match="in the middle of a message"):
                await channel.receive(PATIENCE)

    asyncio.run(scene())


def test_message_that_stands_before_the_end_is_received() -> None:
    async def scene() -> None:
        async with listening() as (channel, listener):
            await channel.connect(PATIENCE)
            await listener.say(b"answer")
            await listener.hang_up()
            assert await channel.receive(PATIENCE) == b"answer"
            with pytest.raises(LinkLost):
                await channel.receive(PATIENCE)

    asyncio.run(scene())


def test_message_that_comes_in_pieces_outlives_a_time_out() -> None:
    async def scene() -> None:
        async with listening() as (channel, listener):
            await channel.connect(PATIENCE)
            await listener.say_raw(b"\0\6ans")
            with pytest.raises(LinkTimedOut):
                await channel.receive(Millis(30))
            await listener.say_raw(b"wer")
            assert await channel.receive(PATIENCE) == b"answer"

    asyncio.run(scene())


def test_far_end_that_talks_without_end_fills_no_memory() -> None:
    async def scene() -> None:
        async with listening() as (channel, listener):
            await channel.connect(PATIENCE)
            message = bytes(60_000)
            talking = asyncio.create_task(listener.say(*[message] * 200))
            await asyncio.sleep(0.05)
            assert channel._wire is not None
            assert len(channel._wire.received) <= RECEIVED_MAX + 256 * 1024
            for _ in range(200):
                assert await channel.receive(PATIENCE) == message
            await talking

    asyncio.run(scene())


@asynccontextmanager
async def deaf() -> AsyncIterator[int]:
    """A listener that accepts and never reads."""
    with socket.create_server((ADDRESS, 0)) as server:
        server.setblocking(False)
        accepting = asyncio.create_task(asyncio.get_running_loop().sock_accept(server))
        yield int(server.getsockname()[1])
        connection, _ = await accepting
        connection.close()


async def flood(channel: StreamChannel, timeout_ms: Millis) -> None:
    for _ in range(1_000):
        await channel.send(bytes(65_535), timeout_ms)


def test_far_end_that_takes_nothing_times_the_sending_out_and_ends_the_connection() -> None:
    async def scene() -> None:
        async with deaf() as port:
            channel = StreamChannel([TcpWay(ADDRESS, port)], LengthPrefix())
            await channel.connect(PATIENCE)
            with pytest.raises(LinkTimedOut, match="took no message"):
                await flood(channel, Millis(50))
            with pytest.raises(LinkLost):
                await channel.send(b"ask", PATIENCE)
            await channel.close()

    asyncio.run(scene())


def test_sending_that_is_cancelled_ends_the_connection() -> None:
    async def scene() -> None:
        async with deaf() as port:
            channel = StreamChannel([TcpWay(ADDRESS, port)], LengthPrefix())
            await channel.connect(PATIENCE)
            sending = asyncio.create_task(flood(channel, PATIENCE))
            await asyncio.sleep(0.05)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            with pytest.raises(LinkLost):
                await channel.send(b"ask", PATIENCE)
            await channel.close()

    asyncio.run(scene())


def test_message_too_long_for_its_length_is_lost() -> None:
    async def scene() -> None:
        async with listening() as (channel, _listener):
            await channel.connect(PATIENCE)
            with pytest.raises(LinkLost, match="65536 bytes"):
                await channel.send(bytes(65_536), PATIENCE)

    asyncio.run(scene())


def test_second_address_is_taken_where_the_first_does_not_listen() -> None:
    async def scene() -> None:
        async with listening() as (_, listener):
            channel = StreamChannel([TcpWay(ADDRESS, closed_port()), TcpWay(ADDRESS, listener.port)], LengthPrefix())
            await channel.connect(PATIENCE)
            await channel.send(b"ask", PATIENCE)
            assert await listener.heard() == b"ask"
            await channel.close()

    asyncio.run(scene())


def test_address_that_drops_every_packet_times_out_and_the_second_is_taken() -> None:
    async def scene() -> None:
        with contextlib.ExitStack() as sockets:
            full = sockets.enter_context(socket.create_server((ADDRESS, 0), backlog=0))
            for _ in range(2):  # Behind a full queue the system answers no more.
                waiting = sockets.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(full.getsockname())
            async with listening() as (_, listener):
                dead = TcpWay(ADDRESS, full.getsockname()[1])
                with pytest.raises(LinkTimedOut):
                    await StreamChannel([dead], LengthPrefix()).connect(Millis(100))
                channel = StreamChannel([dead, TcpWay(ADDRESS, listener.port)], LengthPrefix())
                await channel.connect(Millis(2_000))
                await channel.send(b"ask", PATIENCE)
                assert await listener.heard() == b"ask"
                await channel.close()

    asyncio.run(scene())


def test_all_addresses_that_fail_are_named() -> None:
    async def scene() -> None:
        ports = closed_port(), closed_port()
        channel = StreamChannel([TcpWay(ADDRESS, port) for port in ports], LengthPrefix())
        with pytest.raises(LinkRefused) as caught:
            await channel.connect(PATIENCE)
        assert str(caught.value) == "; ".join(f"{ADDRESS}:{port}: nothing listens there" for port in ports)

    asyncio.run(scene())


class Road:
    """A way whose state a test decides: it fails with `error`, never ends where it is `blocked`, or opens."""

    def __init__(self, where: str, error: Exception | None = None, *, blocked: bool = False) -> None:
        self.where = where
        self.error = error
        self.blocked = blocked
        self.tried_at: list[float] = []

    async def open(self) -> Wire:
        loop = asyncio.get_running_loop()
        self.tried_at.append(loop.time())
        if self.error is not None:
            raise self.error
        if self.blocked:
            await loop.create_future()
        wire = Wire()
        wire.connection_made(_Pipe())
        return wire


class _Pipe(asyncio.Transport):
    """A transport to nowhere."""

    def __init__(self) -> None:
        super().__init__()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass


def over(roads: Sequence[Way]) -> StreamChannel:
    return StreamChannel(roads, LengthPrefix())


def test_first_address_that_says_nothing_leaves_half_of_the_time() -> None:
    async def scene() -> None:
        first, second = Road("first", blocked=True), Road("second")
        await over([first, second]).connect(Millis(10_000))
        assert (first.tried_at, second.tried_at) == ([0], [5])

    run_virtually(scene())


def test_addresses_that_all_say_nothing_time_out_in_time() -> None:
    async def scene() -> None:
        channel = over([Road("first", blocked=True), Road("second", blocked=True)])
        with pytest.raises(LinkTimedOut):
            await channel.connect(Millis(10_000))
        assert 10 <= asyncio.get_running_loop().time() < 10.1

    run_virtually(scene())


def test_address_that_answered_is_tried_first_for_a_while_and_then_the_first_again() -> None:
    async def scene() -> None:
        first, second = Road("first", ConnectionResetError()), Road("second")
        channel = over([first, second])
        for wait_s in (0, 10, DETOUR_S, 10):
            await asyncio.sleep(wait_s)
            await channel.connect(Millis(10_000))
            await channel.close()
        assert (len(first.tried_at), len(second.tried_at)) == (2, 4)
        first.error, second.error = None, ConnectionResetError()
        for wait_s in (0, 10):
            await asyncio.sleep(wait_s)
            await channel.connect(Millis(10_000))
            await channel.close()
        assert (len(first.tried_at), len(second.tried_at)) == (4, 5)

    run_virtually(scene())


def test_caller_with_more_time_tries_again_after_an_early_attempt_ran_out() -> None:
    async def scene() -> None:
        road = Road("only", blocked=True)
        channel = over([road])
        early = asyncio.create_task(channel.connect(Millis(1_000)))
        await asyncio.sleep(0.5)
        later = asyncio.create_task(channel.connect(Millis(10_000)))
        await asyncio.sleep(0.4)
        road.blocked = False
        with pytest.raises(LinkTimedOut):
            await early
        await later
        assert road.tried_at == [0, 1]
        await channel.close()

    run_virtually(scene())


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), LinkRefused, "nothing listens there"),
        (ConnectionResetError(errno.ECONNRESET, "x"), LinkLost, "it broke the connection"),
        (TimeoutError(), LinkTimedOut, "no answer in time"),
        (TimeoutError(errno.ETIMEDOUT, "x"), LinkLost, "it acknowledges nothing any more"),
        (OSError(errno.ENETUNREACH, "x"), LinkLost, "this terminal has no network"),
        (OSError(errno.EHOSTUNREACH, "x"), LinkLost, "no route leads there"),
        (OSError(errno.E2BIG, "too big"), LinkLost, r"the connection failed \(too big\)"),
        (socket.gaierror(socket.EAI_NONAME, "x"), LinkLost, "this name cannot be looked up"),
        (ssl.SSLError(1, "x"), LinkRefused, "TLS failed"),
        (ssl.SSLZeroReturnError(6, "x"), LinkLost, "it ended the connection"),
        (UnicodeError("label too long"), LinkLost, r"the connection failed \(UnicodeError\)"),
    ],
)
def test_error_of_the_system_becomes_one_of_ours_with_the_address(
    error: Exception, kind: type[LinkError], sentence: str
) -> None:
    found = failure("acquirer.example:5000", error)
    assert type(found) is kind
    with pytest.raises(kind, match=f"acquirer.example:5000: {sentence}"):
        raise found


def test_address_of_version_6_is_written_in_brackets() -> None:
    assert TcpWay("::1", 5000).where == "[::1]:5000"
