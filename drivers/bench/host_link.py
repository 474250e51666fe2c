"""A host channel in memory: the terminal's side, and a far end whose acquirer answers and whose line can be spoilt.

Time is the event loop's, so days of exchanges pass at once on virtual time. Faults belong to the far end: what they do
is what a real line does, seen from the terminal.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from firmware.hal.errors import LinkError, LinkLost, LinkRefused, LinkTimedOut
from firmware.units import Millis

Answer = Callable[[bytes], Awaitable[bytes | None]]
"""An acquirer: given a message, it returns its answer, or None where it stays silent."""

PREFIX_BYTES: Final = 2
WAITING_MAX: Final = 64
"""Messages that wait to be received; more would not fit a line's buffers."""


@dataclass(frozen=True, slots=True)
class LineFaults:
    """How the line is spoilt. Times are milliseconds; bytes are counted in both directions, length prefixes included.

    `silent_connect` lets a connection neither come about nor fail. `lose_after` ends the connection behind that byte:
    a message that is not through by then does not arrive. `half_open` swallows what is sent and tells nobody. `answer`
    is delayed by `delay_ms`, comes twice when `duplicated`, with a wrong byte when `garbled`.
    """

    refuse_connect: bool = False
    silent_connect: bool = False
    connect_ms: int = 0
    lose_after: int | None = None
    half_open: bool = False
    delay_ms: int = 0
    duplicated: bool = False
    garbled: bool = False


class FarEnd:
    """The acquirer's end of the line, for those who play the outside."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._faults = LineFaults()
        self._carried = 0
        self._connection: _Connection | None = None
        self._working: set[asyncio.Task[None]] = set()
        self.connections = 0
        """How many connections came about so far."""

    @property
    def faults(self) -> LineFaults:
        """How the line is spoilt now."""
        return self._faults

    @faults.setter
    def faults(self, faults: LineFaults) -> None:
        self._faults = faults
        self._carried = 0

    def hang_up(self) -> None:
        """End the connection that stands."""
        if self._connection is not None:
            self._connection.end()

    def say(self, message: bytes) -> None:
        """Send a message that nobody asked for."""
        if self._connection is not None:
            self._deliver(self._connection, message)

    async def accept(self, connection: _Connection) -> None:
        """Let the terminal connect, or not. Raises: LinkRefused."""
        if self._faults.silent_connect:
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(self._faults.connect_ms / 1000)
        if self._faults.refuse_connect:
            raise LinkRefused("the simulated acquirer: nothing listens there")
        self._connection = connection
        self.connections += 1

    def hear(self, connection: _Connection, message: bytes) -> None:
        """Take a message that the terminal sent."""
        if not self._faults.half_open and self._carries(connection, len(message)):
            task = asyncio.get_running_loop().create_task(self._work(connection, message))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def _work(self, connection: _Connection, message: bytes) -> None:
        answer = await self._answer(message)
        await asyncio.sleep(self._faults.delay_ms / 1000)
        if answer is None or self._faults.half_open:
            return
        if self._faults.garbled:
            middle = len(answer) // 2
            answer = answer[:middle] + bytes([answer[middle] ^ 0x55]) + answer[middle + 1 :]
        for _ in range(2 if self._faults.duplicated else 1):
            self._deliver(connection, answer)

    def _deliver(self, connection: _Connection, message: bytes) -> None:
        if not connection.ended and self._carries(connection, len(message)) and len(connection.waiting) < WAITING_MAX:
            connection.waiting.append(message)
            connection.news.set()

    def _carries(self, connection: _Connection, size: int) -> bool:
        """Count a message against `lose_after`, and tell whether the whole of it passed."""
        self._carried += PREFIX_BYTES + size
        limit = self._faults.lose_after
        if limit is not None and self._carried >= limit:
            connection.end()
        return limit is None or self._carried <= limit


class _Connection:
    """One connection: what waits to be received, and whether it is over."""

    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque()
        self.news = asyncio.Event()
        self.ended = False

    def end(self) -> None:
        self.ended = True
        self.news.set()


class SimulatedChannel:
    """A `HostChannel` to a `FarEnd` in the same process."""

    def __init__(self, far_end: FarEnd) -> None:
        self._far_end = far_end
        self._connection: _Connection | None = None
        self._dialling: asyncio.Task[LinkError | None] | None = None

    async def connect(self, timeout_ms: Millis) -> None:
        """Connect where not connected; callers share one attempt, as on a real line."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1000
        while self._connection is None or self._connection.ended:
            joined = self._dialling is not None
            dialling = self._dialling or loop.create_task(self._dial(deadline))
            self._dialling = dialling
            await asyncio.wait({dialling}, timeout=deadline - loop.time())
            if not dialling.done():
                raise LinkTimedOut(f"the simulated acquirer: no connection in {timeout_ms} ms")
            if dialling.cancelled():
                raise LinkLost("the connection was closed while it was being made")
            error = dialling.result()
            if error is not None and not (joined and loop.time() < deadline):
                raise error

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        """Send one message; a line in memory takes it at once."""
        assert 1 <= len(message) <= 65_535, len(message)
        assert timeout_ms >= 0, timeout_ms
        connection = self._connection
        if connection is None or connection.ended:
            raise LinkLost("the simulated acquirer: there is no connection")
        self._far_end.hear(connection, message)

    async def receive(self, timeout_ms: Millis) -> bytes:
        """Return the next message."""
        connection = self._connection
        if connection is None:
            raise LinkLost("the simulated acquirer: there is no connection")
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                while not connection.waiting:
                    if connection.ended:
                        raise LinkLost("the simulated acquirer: the connection ended without a message")
                    connection.news.clear()
                    await connection.news.wait()
        except TimeoutError:
            raise LinkTimedOut(f"the simulated acquirer: no message in {timeout_ms} ms") from None
        return connection.waiting.popleft()

    async def close(self) -> None:
        """End the connection, also one that is still being made."""
        if self._dialling is not None:
            self._dialling.cancel()
            self._dialling = None
        if self._connection is not None:
            self._connection.end()
            self._connection = None

    async def _dial(self, deadline: float) -> LinkError | None:
        """Connect until `deadline`; the error is returned, for all who wait."""
        connection = _Connection()
        try:
            async with asyncio.timeout_at(deadline):
                await self._far_end.accept(connection)
        except LinkRefused as exc:
            return exc
        except TimeoutError:
            return LinkTimedOut("the simulated acquirer: no connection in time")
        finally:
            if self._dialling is asyncio.current_task():
                self._dialling = None
        self._connection = connection
        return None


def channel_pair(answer: Answer) -> tuple[SimulatedChannel, FarEnd]:
    """A channel, and the far end that it leads to."""
    far_end = FarEnd(answer)
    return SimulatedChannel(far_end), far_end
