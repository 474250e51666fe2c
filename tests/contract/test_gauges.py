"""What `firmware.hal.Gauges` says the gauges must do, asked of all gauges that there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.bench.devices import BenchGauges
from drivers.bench.wire import GaugesRead
from firmware.hal import Gauges, Readings
from tests.contract.bench_wiring import Outside, settled
from tests.virtual_time import run_virtually

Weather = Callable[[Readings], None]


def bench() -> tuple[Gauges, Weather]:
    outside = Outside()
    return BenchGauges(outside.harness), lambda readings: outside.say(GaugesRead(readings))


every_gauges = pytest.mark.parametrize("build", [bench])
Build = Callable[[], tuple[Gauges, Weather]]


@every_gauges
def test_gauges_read_before_anything_is_known_answer_at_once(build: Build) -> None:
    async def scene() -> None:
        gauges, _weather = build()
        assert gauges.read() == Readings()

    run_virtually(scene())


@every_gauges
@pytest.mark.parametrize("readings", [Readings(7, 4_800, 71, 90), Readings(temperature_c=-20), Readings()])
def test_gauges_read_after_a_change_show_it(build: Build, readings: Readings) -> None:
    async def scene() -> None:
        gauges, weather = build()
        weather(Readings(50, 5_000, 20, 40))
        weather(readings)
        await settled()
        assert gauges.read() == readings

    run_virtually(scene())
