"""Power for a whole terminal: every effect it has passes here, and at any of them the power may go.

An effect is a write or a sync of the storage, a message that leaves for the world (frame, beep, bytes for the printer)
or one that comes from it (key, printer's answer), a question to the acquirer or its answer. Each is told before and
after it is had, so that cutting at every count covers both sides of every effect.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from drivers.bench.link import Link
from drivers.bench.wire import FrameShown, Message, PrinterBytes
from firmware.hal import HostChannel
from firmware.surfaces import Frame
from firmware.units import Millis
from tests.power.storage import Disk, PowerLosingNvram, PowerLosingSealer, PowerLosingVfs, PowerLost
from tests.shop import Storage

DIRECTORY: Final = Path("counter")
_VFS: Final = PowerLosingVfs("counter")
"""One file system for all runs, with a fresh disk for each: SQLite never forgets a file system."""


class Outage:
    """Counts the effects of a terminal and cuts its power at one of them."""

    def __init__(self, *, seed: int = 0) -> None:
        self.disk = Disk(self.tell, seed=seed)
        self.cut_at: int | None = None
        self.effects = 0
        self.kinds: Counter[str] = Counter()
        self.lost = asyncio.Event()
        self.frames: list[Frame] = []
        """Every frame that the world was shown, over all boots: what the merchant was told."""
        self.printed = bytearray()
        """Every byte that has left for the printer."""
        self.asked: list[bytes] = []
        """Every message that was to leave for the acquirer."""
        self.trouble: Callable[[str], None] = lambda _name: None
        """Called for every effect of the storage; may raise an error of the disk."""

    def storage(self) -> Storage:
        """The terminal's storage on the disk of this run."""
        _VFS.disk = self.disk
        nvram, sealer = PowerLosingNvram(self.disk), PowerLosingSealer(self.disk)
        return Storage(DIRECTORY, nvram, sealer, _VFS.encrypted_name)

    def tell(self, name: str) -> None:
        """Take note of one side of an effect. Raises: PowerLost."""
        if self.lost.is_set():
            raise PowerLost
        self.effects += 1
        self.kinds[name.removesuffix(" done")] += 1
        if self.effects == self.cut_at:
            self.cut()
            raise PowerLost
        self.trouble(name)

    def cut(self) -> None:
        """Take the power away, here and now."""
        self.disk.cut()
        self.lost.set()

    def restore(self) -> None:
        """Give the power back, with what the disk has kept; the count begins anew and nothing is cut."""
        self.cut_at = None
        self.effects = 0
        self.lost = asyncio.Event()
        self.disk.restart(self.tell)

    def wire(self, link: Link) -> Link:
        """The terminal's side of the wire, with the power in it."""
        return _PoweredLink(link, self)

    def line(self, channel: HostChannel) -> HostChannel:
        """The terminal's side of the line to the acquirer, with the power in it."""
        return _PoweredChannel(channel, self)


class _PoweredLink:
    """A link that dies with its terminal: nothing leaves and nothing arrives without power."""

    def __init__(self, link: Link, outage: Outage) -> None:
        self._link = link
        self._outage = outage
        self._lost = outage.lost

    def listen(self, receive: Callable[[Message], None], ended: Callable[[str], None]) -> None:
        def deliver(message: Message) -> None:
            if self._lost.is_set():
                return
            with contextlib.suppress(PowerLost):
                self._outage.tell(f"receive {type(message).__name__}")
                receive(message)

        self._link.listen(deliver, ended)

    def send(self, message: Message) -> None:
        if self._lost.is_set():
            raise PowerLost
        name = f"send {type(message).__name__}"
        self._outage.tell(name)
        self._link.send(message)
        if isinstance(message, FrameShown):
            self._outage.frames.append(message.frame)
        elif isinstance(message, PrinterBytes):
            self._outage.printed += message.data
        self._outage.tell(f"{name} done")

    def close(self) -> None:
        self._link.close()


class _PoweredChannel:
    """A line to the acquirer that dies with its terminal; what has left before the cut arrives all the same."""

    def __init__(self, channel: HostChannel, outage: Outage) -> None:
        self._channel = channel
        self._outage = outage
        self._lost = outage.lost

    async def connect(self, timeout_ms: Millis) -> None:
        self._require_power()
        await self._channel.connect(timeout_ms)
        self._require_power()

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        self._tell("ask the acquirer")
        self._outage.asked.append(message)
        await self._channel.send(message, timeout_ms)
        self._tell("ask the acquirer done")

    async def receive(self, timeout_ms: Millis) -> bytes:
        self._require_power()
        message = await self._channel.receive(timeout_ms)
        self._tell("hear the acquirer")
        return message

    async def close(self) -> None:
        await self._channel.close()

    def _tell(self, name: str) -> None:
        self._require_power()
        self._outage.tell(name)

    def _require_power(self) -> None:
        """A line that was made before the cut belongs to a process that is dead."""
        if self._lost.is_set():
            raise PowerLost


def left_behind(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A task of a terminal whose power is gone dies of it, and nobody asks how; anything else is told."""
    if not isinstance(context.get("exception"), PowerLost):
        loop.default_exception_handler(context)
