"""The terminal's own time in a shop in memory: what it computes and waits for its storage, and nothing of the outside.

Whose work a callback of the loop is shows in its context, which tasks and timers inherit. What goes out to the world,
to a card in its hands or to the acquirer, is theirs from there on; what they say is the terminal's once it is taken.
The bench's wire counts as the outside: a terminal in service has none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from time import perf_counter_ns, thread_time_ns
from typing import Any, Final

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.host_link import FarEnd
from drivers.bench.link import Link
from drivers.bench.wire import Message
from tests.virtual_time import VirtualTimeLoop

_INSIDE: Final = ContextVar("_INSIDE", default=False)


class OwnTimeLoop(VirtualTimeLoop):
    """Virtual time, with two stopwatches that run while the terminal does: of the wall, and of the processor."""

    def __init__(self) -> None:
        self.own_ns = 0
        """Time that passed on the wall: computing, and waiting for the storage."""
        self.own_processor_ns = 0
        self._outside = copy_context()
        self._inside = copy_context()
        self._inside.run(_INSIDE.set, True)
        super().__init__()

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> asyncio.Handle:  # type: ignore[override]
        return super().call_soon(self._timed, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> asyncio.TimerHandle:  # type: ignore[override]
        return super().call_at(when, self._timed, callback, *args, context=context)

    def inside(self, work: Callable[..., object], *args: Any) -> Any:
        """Do what is the terminal's in the middle of somebody else's work."""
        return self._inside.copy().run(self._timed, work, *args)

    def outside(self, work: Callable[..., object], *args: Any) -> Any:
        """Do what is not the terminal's in the middle of its work."""
        if not _INSIDE.get():
            return work(*args)
        self._count(-1)
        try:
            return self._outside.copy().run(work, *args)
        finally:
            self._count(1)

    def _timed(self, callback: Callable[..., object], *args: Any) -> object:
        if not _INSIDE.get():
            return callback(*args)
        self._count(1)
        try:
            return callback(*args)
        finally:
            self._count(-1)

    def _count(self, direction: int) -> None:
        """Start the stopwatches (1), or stop them (-1)."""
        self.own_ns -= direction * perf_counter_ns()
        self.own_processor_ns -= direction * thread_time_ns()

    def wire(self, link: Link) -> Link:
        """The terminal's side of the wire, with the border in it."""
        return _Border(link, self)

    def far_end(self, acquirer: InMemoryAcquirer) -> InMemoryAcquirer:
        """The acquirer at a line with the border in it."""
        acquirer.far_end = _FarEnd(acquirer, self)
        return acquirer


class _Border:
    """A link whose two sides are told apart."""

    def __init__(self, link: Link, loop: OwnTimeLoop) -> None:
        self._link = link
        self._loop = loop

    def listen(self, receive: Callable[[Message], None], ended: Callable[[str], None]) -> None:
        self._loop.outside(
            self._link.listen,
            lambda message: self._loop.inside(receive, message),
            lambda why: self._loop.inside(ended, why),
        )

    def send(self, message: Message) -> None:
        self._loop.outside(self._link.send, message)

    def close(self) -> None:
        self._link.close()


class _FarEnd(FarEnd):
    """The acquirer's end, whose work is not the terminal's."""

    def __init__(self, answer: InMemoryAcquirer, loop: OwnTimeLoop) -> None:
        super().__init__(answer)
        self._loop = loop

    def hear(self, connection: Any, message: bytes) -> None:
        self._loop.outside(super().hear, connection, message)
