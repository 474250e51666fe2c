"""The terminal's one line to its acquirer: opened early, used by one exchange at a time, hung up before it is stale.

An acquirer drops a connection that is idle for some ten seconds. A question sent into that moment would be a silence
and a reversal, so the terminal hangs up first. What an exchange is stands in `session`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from firmware.hal import Clock, HostChannel
from firmware.hal.errors import LinkError
from firmware.host.session import Ending, Matching, NotSent, Timeouts, exchange
from firmware.units import Millis


@dataclass(frozen=True, slots=True)
class LineTimes:
    """The times of one acquirer; `idle_ms` is less than the time after which it hangs up itself."""

    timeouts: Timeouts
    idle_ms: Millis


class Line:
    """One channel and the order in which it is used."""

    def __init__(self, channel: HostChannel, clock: Clock, times: LineTimes) -> None:
        self._channel = channel
        self._clock = clock
        self._times = times
        self._turn = asyncio.Lock()
        self._preparing: asyncio.Task[None] | None = None
        self._hanging_up: asyncio.Task[None] | None = None
        self._shut = False

    def wait_as(self, timeouts: Timeouts) -> None:
        """Wait as long as `timeouts` says, from the next exchange on."""
        self._times = replace(self._times, timeouts=timeouts)

    def prepare(self) -> None:
        """Begin to connect while a person still types; returns at once, may be called with every key.

        A failure is not told here: the exchange that follows tries again, and tells. A connection that is kept already
        is not kept longer: the acquirer counts from the last byte, not from the last key.
        """
        at_work = self._turn.locked() or (self._preparing is not None and not self._preparing.done())
        if not (self._shut or at_work or self._hanging_up is not None):
            self._preparing = asyncio.get_running_loop().create_task(self._connect())

    async def exchange(self, frame: bytes, matching: Matching, before_send: Callable[[], None]) -> Ending:
        """Exchange one message when the exchanges before this one are over; see `session.exchange`."""
        try:
            async with self._turn:
                self._cancel_hanging_up()
                if self._shut:
                    return NotSent("the line to the acquirer is shut")
                return await exchange(
                    self._channel,
                    self._clock,
                    frame,
                    timeouts=self._times.timeouts,
                    matching=matching,
                    before_send=before_send,
                )
        finally:
            self._keep_for_now()

    async def hang_up(self) -> None:
        """End the connection now: the day is over, or nothing follows. The next use opens a new one."""
        self._cancel_hanging_up()
        await self._channel.close()

    async def shut(self) -> None:
        """End the connection for good, as tamper wants: what waits for an answer is silent, nothing more is sent."""
        self._shut = True
        await self.hang_up()

    async def _connect(self) -> None:
        try:
            await self._channel.connect(self._times.timeouts.connect_ms)
        except LinkError:
            return
        self._keep_for_now()

    def _keep_for_now(self) -> None:
        """Hang up after the idle time, unless an exchange has begun that keeps the connection itself."""
        if not self._turn.locked():
            self._cancel_hanging_up()
            self._hanging_up = asyncio.get_running_loop().create_task(self._hang_up_later())

    def _cancel_hanging_up(self) -> None:
        if self._hanging_up is not None:
            self._hanging_up.cancel()
            self._hanging_up = None

    async def _hang_up_later(self) -> None:
        await self._clock.sleep(self._times.idle_ms)
        self._hanging_up = None
        await self._channel.close()
