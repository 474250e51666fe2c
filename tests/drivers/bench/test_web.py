"""The web server: its port, its limits, and its end."""

import asyncio
import contextlib
import socket

import pytest

from drivers.bench.acquirer_desk import AcquirerDesk
from drivers.bench.api import Api
from drivers.bench.pictures import Pictures
from drivers.bench.web import CONNECTIONS_MAX, PortTaken, WebServer
from drivers.bench.world import World
from tests.drivers.bench.http_client import FakePower, bench


def server(host: str, port: int) -> WebServer:
    world = World()
    return WebServer(Api(world, FakePower(world), Pictures(), AcquirerDesk(world, lambda _last: None)), host, port)


def test_port_taken_is_refused_with_its_number() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)) as refused:
            asyncio.run(server("127.0.0.1", port).start())
    assert refused.value.exit_status == 75


def test_host_that_is_not_here_is_refused() -> None:
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1"):
        asyncio.run(server("192.0.2.1", 0).start())


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:8583"), ("0.0.0.0", "http://127.0.0.1:8583"), ("::1", "http://[::1]:8583")],
)
def test_address_of_a_server_can_be_opened(host: str, address: str) -> None:
    assert server(host, 8583).address == address


def test_connections_beyond_the_limit_are_turned_away_and_room_comes_back() -> None:
    async def scene() -> None:
        async with bench() as place:
            open_ones = [await asyncio.open_connection("127.0.0.1", place.port) for _ in range(CONNECTIONS_MAX)]
            assert (await place.get("/api/state")).status == 503
            for _reader, writer in open_ones:
                writer.close()
                await writer.wait_closed()
            answers = [(await place.get("/api/state")).status for _ in range(5)]
            assert answers[-1] == 200

    asyncio.run(scene())


def test_server_closed_ends_a_stream_of_events() -> None:
    async def scene() -> None:
        async with bench() as place:
            reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
            writer.write(f"GET /api/events HTTP/1.1\r\nHost: {place.host}\r\n\r\n".encode())
            await reader.readuntil(b"event: state")
        async with asyncio.timeout(5):
            with contextlib.suppress(ConnectionError):
                await reader.read()
            assert reader.at_eof() or reader.exception() is not None
        writer.close()

    asyncio.run(scene())
