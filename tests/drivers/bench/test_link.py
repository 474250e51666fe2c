"""Both kinds of link keep order, deliver what came before a close, and tell once that the other side is gone."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import pytest

from drivers.bench.link import Link, inherited_link, memory_links, socket_link
from drivers.bench.wire import LINE_MAX, KeyTaken, Message, PrinterPower, WireError, encode


async def socket_links() -> tuple[Link, Link]:
    one, other = socket.socketpair()
    return await socket_link(one), await socket_link(other)


async def links_in_memory() -> tuple[Link, Link]:
    return memory_links()


both_kinds = pytest.mark.parametrize("make", [links_in_memory, socket_links])
Make = Callable[[], Awaitable[tuple[Link, Link]]]


class Ear:
    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.ends: list[str] = []
        self._changed = asyncio.Event()

    def listen(self, link: Link) -> None:
        link.listen(self._hear, self._end)

    def _hear(self, message: Message) -> None:
        self.heard.append(message)
        self._changed.set()

    def _end(self, reason: str) -> None:
        self.ends.append(reason)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@both_kinds
def test_many_messages_sent_arrive_in_order(make: Make) -> None:
    async def scene() -> None:
        terminal, world = await make()
        ear = Ear()
        for number in range(1, 1001):
            terminal.send(KeyTaken(number))
        ear.listen(world)
        await ear.until(lambda: len(ear.heard) == 1000)
        assert ear.heard == [KeyTaken(number) for number in range(1, 1001)]
        terminal.close()
        world.close()

    asyncio.run(scene())


@both_kinds
def test_side_closed_after_sending_is_heard_to_the_end(make: Make) -> None:
    async def scene() -> None:
        terminal, world = await make()
        ear = Ear()
        ear.listen(world)
        terminal.send(PrinterPower(on=True))
        terminal.close()
        terminal.send(PrinterPower(on=False))
        await ear.until(lambda: bool(ear.ends))
        assert ear.heard == [PrinterPower(on=True)]
        assert len(ear.ends) == 1
        world.send(PrinterPower(on=True))
        world.close()
        world.close()

    asyncio.run(scene())


@both_kinds
def test_side_that_closes_itself_hears_nothing_more(make: Make) -> None:
    async def scene() -> None:
        terminal, world = await make()
        near, far = Ear(), Ear()
        near.listen(terminal)
        far.listen(world)
        world.send(PrinterPower(on=True))
        terminal.close()
        await far.until(lambda: bool(far.ends))
        assert (near.heard, near.ends) == ([], [])
        world.close()

    asyncio.run(scene())


@both_kinds
def test_send_from_inside_a_receiver_is_not_delivered_inside_it(make: Make) -> None:
    async def scene() -> None:
        terminal, world = await make()
        ear = Ear()
        ear.listen(terminal)
        nested: list[int] = []

        def answer(_message: Message) -> None:
            world.send(KeyTaken(2))
            nested.append(len(ear.heard))

        world.listen(answer, lambda _reason: None)
        terminal.send(KeyTaken(1))
        await ear.until(lambda: bool(ear.heard))
        assert nested == [0]
        terminal.close()
        world.close()

    asyncio.run(scene())


@pytest.mark.parametrize("nonsense", [b"hello\n", b"x" * (LINE_MAX + 1)])
def test_nonsense_on_a_socket_ends_the_link_after_what_was_good(nonsense: bytes) -> None:
    async def scene() -> None:
        raw, other = socket.socketpair()
        link = await socket_link(other)
        ear = Ear()
        ear.listen(link)
        raw.sendall(encode(KeyTaken(1)) + nonsense)
        await ear.until(lambda: bool(ear.ends))
        assert ear.heard == [KeyTaken(1)]
        assert "sent" in ear.ends[0]
        raw.close()

    asyncio.run(scene())


def test_inherited_descriptor_that_is_a_file_is_refused() -> None:
    reading, writing = os.pipe()
    try:
        with pytest.raises(WireError, match="socket"):
            asyncio.run(inherited_link(reading))
    finally:
        os.close(reading)
        os.close(writing)
