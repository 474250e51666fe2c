"""One thread for calls that block: PC/SC has no others, and a card may let each of them hang.

Python's own executor waits for its threads when the process ends. A terminal whose reader hangs must end all the same,
so the thread here is a daemon, and whoever has waited long enough leaves the call behind and goes on with another
worker.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """Calls what it is given, one after the other, off the event loop."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        Thread(target=self._work, name="pcsc", daemon=True).start()

    def call(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Call `work` when the calls before it are done; what it returns or raises, the future does.

        A cancelled future drops the result; the call itself cannot be stopped.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - whatever the work raised is its caller's
                _settle(loop, future, lambda error=error: future.set_exception(error))  # type: ignore[misc]
            else:
                _settle(loop, future, lambda: future.set_result(result))

        self._jobs.put(job)
        return future

    def end(self, last: Callable[[], None]) -> asyncio.Future[None]:
        """Call `last`, then let the thread end; nothing may be called after it."""
        ended = self.call(last)
        self._jobs.put(None)
        return ended

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _settle(loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], settle: Callable[[], None]) -> None:
    """Hand a result to the loop, if it still runs and anyone still waits."""
    with contextlib.suppress(RuntimeError):  # The loop is closed: the process is ending.
        loop.call_soon_threadsafe(lambda: None if future.done() else settle())
