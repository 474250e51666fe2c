"""What `firmware.hal.Gauges` says the gauges must do, asked of all gauges that there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from drivers.bench.devices import BenchGauges
from drivers.bench.wire import GaugesRead
from drivers.kernel.gauges import KernelGauges
from drivers.kernel.sensors import Choice
from drivers.kernel.sensors import readings as readings_below
from firmware.hal import Gauges, Readings
from tests.contract.bench_wiring import Outside, settled
from tests.drivers.kernel.sys_tree import SysTree
from tests.virtual_time import run_virtually

Weather = Callable[[Readings], None]


def bench(_folder: Path) -> tuple[Gauges, Weather]:
    outside = Outside()
    return BenchGauges(outside.harness), lambda readings: outside.say(GaugesRead(readings))


def kernel(folder: Path) -> tuple[Gauges, Weather]:
    return KernelGauges(partial(readings_below, folder, Choice()), fresh_s=0.0), SysTree(folder).show


every_gauges = pytest.mark.parametrize("build", [bench, kernel])
Build = Callable[[Path], tuple[Gauges, Weather]]


@every_gauges
def test_gauges_read_before_anything_is_known_answer_at_once(tmp_path: Path, build: Build) -> None:
    async def scene() -> None:
        gauges, _weather = build(tmp_path)
        assert gauges.read() == Readings()

    run_virtually(scene())


@every_gauges
@pytest.mark.parametrize(
    "readings", [Readings(7, 4_800, 71, 90), Readings(temperature_c=-20), Readings(supply_low=True), Readings()]
)
def test_gauges_read_after_a_change_show_it(tmp_path: Path, build: Build, readings: Readings) -> None:
    async def scene() -> None:
        gauges, weather = build(tmp_path)
        weather(Readings(50, 5_000, 20, 40))
        weather(readings)
        await settled()
        gauges.read()
        await settled()
        assert gauges.read() == readings

    run_virtually(scene())
