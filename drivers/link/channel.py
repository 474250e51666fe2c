"""A host channel over streams of bytes: one connection, opened by the first of its ways that answers.

This file owns the rules of the connection: who waits for what and how long, when it is over, which way is tried first.
Ways (TCP, TLS, serial) only open it. Deadlines are kept in the event loop's monotonic time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from drivers.link.failures import failure
from drivers.link.framing import Framing, FramingBroken
from drivers.link.wire import Wire
from firmware.hal.errors import LinkError, LinkLost, LinkTimedOut
from firmware.units import Millis

DETOUR_S: Final = 600
"""How long the way that answered is tried first, before the first one is again."""


class Way(Protocol):
    """One way to the acquirer; `where` is its name in messages."""

    @property
    def where(self) -> str:
        """The address or the device."""
        ...

    async def open(self) -> Wire:
        """Open a connection; the caller limits the time by cancelling. Raises: OSError, ValueError."""
        ...


class StreamChannel:
    """A `HostChannel` over the first of `ways` that answers."""

    def __init__(self, ways: Sequence[Way], framing: Framing) -> None:
        assert ways, "no way to the acquirer"
        self._ways = tuple(ways)
        self._framing = framing
        self._wire: Wire | None = None
        self._where = ways[0].where
        self._dialling: asyncio.Task[LinkError | None] | None = None
        self._detour: Way | None = None
        self._detour_until = 0.0

    async def connect(self, timeout_ms: Millis) -> None:
        """Connect where not connected; callers share one attempt.

        An attempt that another caller began with less time does not spend this caller's: a second one follows it.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1000
        while self._wire is None or self._wire.ended:
            joined = self._dialling is not None
            dialling = self._dialling or loop.create_task(self._dial(deadline))
            self._dialling = dialling
            await asyncio.wait({dialling}, timeout=deadline - loop.time())
            if not dialling.done():
                raise LinkTimedOut(f"{self._ways[0].where}: no connection in {timeout_ms} ms")
            if dialling.cancelled():
                raise LinkLost("the connection was closed while it was being made")
            error = dialling.result()
            if error is not None and not (joined and loop.time() < deadline):
                raise error

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        """Send one message; one that did not leave whole ends the connection."""
        wire, sent = self._standing(), False
        try:
            wire.write(self._framing.wrap(message))
            async with asyncio.timeout(timeout_ms / 1000):
                await wire.flushed()
            self._check(wire)
            sent = True
        except FramingBroken as exc:
            raise LinkLost(str(exc)) from None
        except TimeoutError:
            raise LinkTimedOut(f"{self._where}: it took no message in {timeout_ms} ms") from None
        finally:
            if not sent:
                wire.abort()

    async def receive(self, timeout_ms: Millis) -> bytes:
        """Return the next message; what arrived of it stays for the next call when the time is over."""
        wire = self._standing(with_unread=True)
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                while (message := self._framing.take(wire.received)) is None:
                    self._check(wire)
                    await wire.news()
        except FramingBroken as exc:
            wire.abort()
            wire.received.clear()
            raise LinkLost(f"{self._where}: {exc}") from None
        except TimeoutError:
            raise LinkTimedOut(f"{self._where}: no message in {timeout_ms} ms") from None
        return message

    async def close(self) -> None:
        """End the connection, also one that is still being made."""
        wire, self._wire = self._wire, None
        if self._dialling is not None:
            self._dialling.cancel()
            self._dialling = None
        if wire is not None:
            await wire.close()

    def _standing(self, *, with_unread: bool = False) -> Wire:
        if self._wire is None:
            raise LinkLost(f"{self._where}: there is no connection")
        if not (with_unread and self._wire.received):
            self._check(self._wire)
        return self._wire

    def _check(self, wire: Wire) -> None:
        if wire.ended:
            if wire.error is not None:
                raise failure(self._where, wire.error) from wire.error
            where = "in the middle of a message" if wire.received else "without a message"
            raise LinkLost(f"{self._where}: the connection ended {where}")

    async def _dial(self, deadline: float) -> LinkError | None:
        """Open the first way that answers; each gets an equal share of the time that is left. The error is returned."""
        loop, failures = asyncio.get_running_loop(), []
        ways = self._in_order(loop.time())
        try:
            for tried, way in enumerate(ways):
                share = (deadline - loop.time()) / (len(ways) - tried)
                try:
                    async with asyncio.timeout(share):
                        self._wire = await way.open()
                except (OSError, ValueError) as exc:
                    failures.append(failure(way.where, exc))
                else:
                    self._chosen(way, loop.time())
                    return None
        finally:
            if self._dialling is asyncio.current_task():
                self._dialling = None
        return type(failures[0])("; ".join(str(each) for each in failures))

    def _in_order(self, now: float) -> tuple[Way, ...]:
        if self._detour is None or now >= self._detour_until:
            return self._ways
        return (self._detour, *(way for way in self._ways if way is not self._detour))

    def _chosen(self, way: Way, now: float) -> None:
        self._where = way.where
        if way is self._ways[0]:
            self._detour = None
        elif way is not self._detour or now >= self._detour_until:
            self._detour, self._detour_until = way, now + DETOUR_S
