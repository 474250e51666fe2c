"""A bench in this process, with a fake terminal inside and the real web server outside, and a client for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from drivers.bench.acquirer_desk import AcquirerDesk
from drivers.bench.api import Api
from drivers.bench.link import memory_links
from drivers.bench.pictures import Pictures
from drivers.bench.web import WebServer
from drivers.bench.world import World
from tests.drivers.bench.fake_terminal import FakeTerminal


class FakePower:
    """Power for terminals that live in this process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.terminal: FakeTerminal | None = None

    async def cut(self) -> None:
        if self.terminal is not None:
            self.terminal.die()
        self._world.detach()
        self.boot()

    def boot(self) -> None:
        terminal_side, world_side = memory_links()
        self.terminal = FakeTerminal(terminal_side)
        self._world.attach(world_side)
        self.terminal.start()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Bench:
    """The server's address and its world."""

    def __init__(self, world: World, power: FakePower, address: str) -> None:
        self.world = world
        self.power = power
        self.address = address
        self.host = address.removeprefix("http://")
        self.port = int(address.rpartition(":")[2])

    async def raw(self, request: bytes) -> Answer:
        """Send bytes and read the whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        writer.write_eof()
        async with asyncio.timeout(20):
            answer = await reader.read()
        writer.close()
        return parse(answer)

    async def call(self, method: str, path: str, body: bytes | object = b"", **headers: str) -> Answer:
        """Make one request; a body that is not bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = {"Host": self.host, "Content-Length": str(len(data))}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return await self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: bytes | object, **headers: str) -> Answer:
        return await self.call("POST", path, body, **headers)


def parse(answer: bytes) -> Answer:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(first.split(" ")[1]), headers, body)


@asynccontextmanager
async def bench(*, terminal: bool = True, patience_s: float = 5.0) -> AsyncIterator[Bench]:
    """A running bench on a free port; without a terminal it looks as during a boot that never ends."""
    world = World(patience_s)
    power = FakePower(world)
    pictures = Pictures()
    web = WebServer(Api(world, power, pictures, AcquirerDesk(world, lambda _last: None)), "127.0.0.1", 0)
    await web.start()
    if terminal:
        power.boot()
        await world.wait_for("idle", 5)
    try:
        yield Bench(world, power, web.address)
    finally:
        if power.terminal is not None:
            power.terminal.die()
        await web.close()
        pictures.close()
