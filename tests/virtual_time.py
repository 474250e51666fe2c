"""An event loop on virtual time with seeded scheduling: days of business in seconds, the same every time.

Nothing here waits. When no callback is ready the clock jumps to the next timer; when there is no timer either, and
nothing can arrive from outside, the run is stuck and `Stuck` says so. Tasks that are ready together take their turns in
an order drawn from the seed; plain callbacks keep the order that asyncio promises. Work for an executor runs at once,
in place, so that no thread can make two runs differ.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

from firmware.units import Millis

T = TypeVar("T")


class Stuck(AssertionError):
    """Nothing is scheduled and nothing can arrive: the program waits for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that never sleeps: where there is nothing to read it lets the loop's clock jump ahead."""

    def __init__(self, jump: Callable[[float | None], None], shuffle: Callable[[], None]) -> None:
        super().__init__()
        self._jump = jump
        self._shuffle = shuffle

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout != 0:
            self._jump(timeout)
        self._shuffle()
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose `time()` is virtual; `seed` decides which of the ready tasks goes first."""

    def __init__(self, seed: int = 0) -> None:
        self._virtual_s = 0.0
        self._random = random.Random(seed)
        super().__init__(_JumpingSelector(self._jump, self._shuffle))

    def time(self) -> float:
        return self._virtual_s

    def _jump(self, timeout_s: float | None) -> None:
        if timeout_s is None:
            raise Stuck("nothing is scheduled and nothing can arrive")
        self._virtual_s += max(timeout_s, 1e-6)

    def _shuffle(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        places = [place for place, handle in enumerate(ready) if _is_task_step(handle)]
        if len(places) > 1:
            steps = [ready[place] for place in places]
            self._random.shuffle(steps)
            for place, step in zip(places, steps, strict=True):
                ready[place] = step

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever the work raised is its caller's
            future.set_exception(error)
        return future


def _is_task_step(handle: Any) -> bool:
    return isinstance(getattr(handle._callback, "__self__", None), asyncio.Task)


def run_virtually(main: Coroutine[Any, Any, T], seed: int = 0) -> T:
    """Run `main` to its end on a new virtual-time loop and return its result; tasks left over are cancelled."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(seed)) as runner:
        return runner.run(main)


class VirtualClock:
    """The hal's Clock on the running loop's time; `shift` lets the time of day jump, as a bad clock battery does."""

    def __init__(self, start: datetime = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)) -> None:
        self._start = start
        self._shift = timedelta()
        self._zone = timezone(timedelta(hours=8))

    def shift(self, by: timedelta) -> None:
        """Move the time of day by `by`, forward or back; elapsed time is not touched."""
        self._shift += by

    def now(self) -> datetime:
        return self.right_time() + self._shift

    def right_time(self) -> datetime:
        """The time of day as all others have it, however this clock was shifted."""
        elapsed = timedelta(milliseconds=self.elapsed_ms())
        return (self._start + elapsed).astimezone(self._zone)

    def elapsed_ms(self) -> Millis:
        return Millis(round(asyncio.get_running_loop().time() * 1000))

    async def sleep(self, duration_ms: Millis) -> None:
        await asyncio.sleep(duration_ms / 1000)


class SeededEntropy:
    """The hal's Entropy, repeatable by its seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)
