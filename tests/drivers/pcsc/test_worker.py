"""The worker does calls in order, off the loop, and hangs alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from threading import Event, current_thread, main_thread

import pytest

from drivers.pcsc.worker import Worker
from firmware.hal.errors import CardMute


def test_calls_are_done_in_order_in_another_thread() -> None:
    done: list[int] = []

    async def main() -> None:
        worker = Worker()
        first, second = worker.call(lambda: done.append(1)), worker.call(lambda: current_thread() is main_thread())
        assert await second is False
        assert first.done()
        await worker.end(lambda: done.append(2))

    asyncio.run(main())
    assert done == [1, 2]


def test_what_a_call_raises_its_caller_gets() -> None:
    def fail() -> None:
        raise CardMute("no answer")

    async def main() -> None:
        worker = Worker()
        with pytest.raises(CardMute, match="no answer"):
            await worker.call(fail)
        await worker.end(lambda: None)

    asyncio.run(main())


def test_call_left_behind_is_followed_by_the_last_one() -> None:
    hanging, done = Event(), Event()

    async def main() -> None:
        worker = Worker()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await worker.call(lambda: hanging.wait(5))
        ended = worker.end(done.set)
        assert not done.is_set()
        hanging.set()
        await ended

    asyncio.run(main())
    assert done.is_set()


def test_call_that_hangs_for_ever_does_not_keep_the_process() -> None:
    program = (
        "import asyncio, threading\n"
        "from drivers.pcsc.worker import Worker\n"
        "async def main():\n"
        "    Worker().call(threading.Event().wait)\n"
        "asyncio.run(main())\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=20, check=False).returncode == 0
