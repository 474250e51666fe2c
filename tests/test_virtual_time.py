"""The virtual-time loop keeps asyncio's promises, jumps instead of waiting, and repeats itself by seed."""

from __future__ import annotations

import asyncio

import pytest

from firmware.units import Millis
from tests.virtual_time import Stuck, VirtualClock, run_virtually


def test_sleep_a_day_long_takes_no_time_and_moves_the_clock() -> None:
    async def main() -> tuple[int, float]:
        clock = VirtualClock()
        before = clock.now()
        await clock.sleep(Millis(86_400_000))
        return clock.elapsed_ms(), (clock.now() - before).total_seconds()

    assert run_virtually(main()) == (86_400_000, 86_400.0)


def test_wait_for_nothing_is_reported_not_hung() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Stuck):
        run_virtually(main())


def _turns(seed: int) -> list[int]:
    async def main() -> list[int]:
        order: list[int] = []

        async def turn(number: int) -> None:
            for _ in range(3):
                order.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(turn(number) for number in range(5)))
        return order

    return run_virtually(main(), seed)


def test_tasks_same_seed_take_the_same_turns() -> None:
    assert _turns(7) == _turns(7)


def test_tasks_other_seed_take_other_turns() -> None:
    assert len({tuple(_turns(seed)) for seed in range(20)}) > 10


def test_callbacks_any_seed_keep_their_order() -> None:
    async def main() -> list[int]:
        order: list[int] = []
        for number in range(10):
            asyncio.get_running_loop().call_soon(order.append, number)
        await asyncio.sleep(0.001)
        return order

    for seed in range(20):
        assert run_virtually(main(), seed) == list(range(10))


def test_executor_work_is_done_in_place() -> None:
    async def main() -> int:
        return await asyncio.to_thread(lambda: 6 * 7)

    assert run_virtually(main()) == 42
