"""The bench terminal's socket for the line to the acquirer: the bench says where the line leads, and may unplug it.

The terminal boots and sells for cash without knowing. Who connects before the bench has said anything waits for that,
as for a network that is still coming up.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from drivers.bench.devices import Harness
from drivers.bench.wire import HostLine
from drivers.link.channel import StreamChannel
from drivers.link.framing import LengthPrefix
from drivers.link.tcp import TcpWay
from firmware.errors import ConfigError
from firmware.hal.errors import LinkLost, LinkRefused, LinkTimedOut
from firmware.units import Millis

ADDRESS: Final = "127.0.0.1"
WHERE: Final = "the bench's acquirer"


class BenchHost:
    """A `HostChannel` to wherever the bench lets the line lead."""

    def __init__(self, harness: Harness) -> None:
        self._line = HostLine()
        self._told = asyncio.Event()
        self._channel: StreamChannel | None = None
        self._closing: set[asyncio.Task[None]] = set()
        harness.on(HostLine, self._plugged)

    async def connect(self, timeout_ms: Millis) -> None:
        """Connect over the line that is plugged in; without one there is no connection to be had."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1000
        try:
            async with asyncio.timeout_at(deadline):
                await self._told.wait()
        except TimeoutError:
            raise LinkTimedOut(f"{WHERE}: no line in {timeout_ms} ms") from None
        if self._channel is None:
            self._channel = _channel(self._line)
        await self._channel.connect(Millis(max(0, int((deadline - loop.time()) * 1000))))

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        """Send over the connection that stands."""
        await self._standing().send(message, timeout_ms)

    async def receive(self, timeout_ms: Millis) -> bytes:
        """Receive from the connection that stands."""
        return await self._standing().receive(timeout_ms)

    async def close(self) -> None:
        """End the connection; the line stays plugged in."""
        if self._channel is not None:
            await self._channel.close()

    def _standing(self) -> StreamChannel:
        if self._channel is None:
            raise LinkLost(f"{WHERE}: there is no connection")
        return self._channel

    def _plugged(self, line: HostLine) -> None:
        """Another line, or none: the connection over the one before is over."""
        self._line = line
        self._told.set()
        channel, self._channel = self._channel, None
        if channel is not None:
            closing = asyncio.get_running_loop().create_task(channel.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


def _channel(line: HostLine) -> StreamChannel:
    """The channel over a line. Raises: LinkRefused - it is unplugged, or its CA cannot be read."""
    if line.port is None:
        raise LinkRefused(f"{WHERE}: the line is unplugged")
    from drivers.link.tls import Credentials, client_context  # noqa: PLC0415 - TLS is not needed to start

    try:
        context = client_context(Credentials(Path(line.ca)))
    except ConfigError as exc:
        raise LinkRefused(f"{WHERE}: {exc}") from exc
    return StreamChannel([TcpWay(ADDRESS, line.port, context)], LengthPrefix())
