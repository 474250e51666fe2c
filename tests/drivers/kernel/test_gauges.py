"""When gauges are read: only where somebody asks, not again while they are fresh; stale readings are never shown."""

from __future__ import annotations

import asyncio

from drivers.kernel.gauges import FRESH_S, STALE_S, KernelGauges
from firmware.hal import Readings
from tests.virtual_time import run_virtually


class Sensor:
    """Counts how often it is looked at, and shows that."""

    def __init__(self) -> None:
        self.looks = 0

    def look(self) -> Readings:
        self.looks += 1
        return Readings(battery_percent=self.looks)


def test_gauges_are_read_when_asked_for_and_not_while_they_are_fresh() -> None:
    async def scene() -> None:
        sensor = Sensor()
        gauges = KernelGauges(sensor.look)
        await asyncio.sleep(3_600)
        assert sensor.looks == 0
        assert gauges.read() == Readings()
        await asyncio.sleep(0.1)
        assert [gauges.read() for _ in range(9)] == [Readings(1)] * 9
        await asyncio.sleep(FRESH_S)
        assert (gauges.read(), sensor.looks) == (Readings(1), 2)
        await asyncio.sleep(0.1)
        assert gauges.read() == Readings(2)

    run_virtually(scene())


def test_readings_that_are_stale_are_none() -> None:
    async def scene() -> None:
        sensor = Sensor()
        gauges = KernelGauges(sensor.look)
        gauges.read()
        await asyncio.sleep(STALE_S + 1)
        assert gauges.read() == Readings()
        await asyncio.sleep(0.1)
        assert gauges.read() == Readings(2)

    run_virtually(scene())
