"""The bench's devices with their outside in reach: what the contract tests build where a real board has wires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.bench.devices import Harness
from drivers.bench.link import memory_links
from drivers.bench.wire import Message
from firmware.hal import Event


class Outside:
    """The world's end of a link in memory: what the devices said, and a way to speak to them."""

    def __init__(self) -> None:
        terminal_side, self._link = memory_links()
        self.harness = Harness(terminal_side, lambda _reason: None)
        self.heard: list[Message] = []
        self._link.listen(self.heard.append, lambda _reason: None)

    def say(self, message: Message) -> None:
        """Speak to the devices."""
        self._link.send(message)


class Events:
    """An EventSink that keeps what was posted; with `room` it is full after so many events."""

    def __init__(self, room: int = 1000) -> None:
        self.posted: list[Event] = []
        self._room = room

    def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
        if len(self.posted) >= self._room:
            return False
        self.posted.append(event)
        if taken is not None:
            taken()
        return True


async def settled() -> None:
    """Let everything that is on its way arrive."""
    await asyncio.sleep(0.05)
