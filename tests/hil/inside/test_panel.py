"""The panel's driver through rpi-lgpio on the kernel's simulated pins: its wave, its pulse, its switch, its end."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from drivers.gpio.library import load_library
from drivers.gpio.panel import GpioPanel, PanelWiring
from firmware.hal import Beep, Lights, TamperDetected
from firmware.hal.errors import DeviceMissing
from tests.contract.bench_wiring import Events
from tests.hil.inside.gpio_sim import header
from tests.hil.inside.keypad_on_pins import CHIP
from tests.hil.inside.switches import GROUND, Crossing, Switches

BUZZER, TAMPER, DRAWER, READY, ERROR, HELD = 18, 24, 25, 4, 22, 7
WIRING = PanelWiring(buzzer=BUZZER, lights={"ready": READY, "error": ERROR}, tamper=TAMPER, drawer=DRAWER)
SHUT: Crossing = (TAMPER, GROUND)


class Rig:
    """A panel in an enclosure that is shut, and what it has posted."""

    def __init__(self) -> None:
        self.events = Events()
        self.failures: list[str] = []
        self.enclosure = Switches(header(), CHIP, (TAMPER,), (), SHUT)
        self.panel = GpioPanel(load_library(), WIRING, self.failures.append)

    async def levels(self, line: int, for_s: float) -> list[int]:
        """What a line has, looked at every millisecond."""
        found = []
        for _ in range(int(for_s * 1_000)):
            found.append(header().level(line))
            await asyncio.sleep(0.001)
        return found


def played(scene: Callable[[Rig], Awaitable[None]]) -> None:
    """Play a scene at a panel that is started, and closed at the end; it has not failed meanwhile."""

    async def whole() -> None:
        rig = Rig()
        try:
            await asyncio.sleep(0.01)
            rig.panel.start(rig.events)
            await scene(rig)
            await rig.panel.close()
            assert rig.failures == []
        finally:
            rig.enclosure.close()

    asyncio.run(whole())


def test_sound_is_a_wave_that_ends_by_itself() -> None:
    async def scene(rig: Rig) -> None:
        rig.panel.beep(Beep.ERROR)
        wave = await rig.levels(BUZZER, 0.1)
        assert 0.3 < sum(wave) / len(wave) < 0.7
        assert sum(one != other for one, other in pairwise(wave)) > 20
        await asyncio.sleep(1)
        assert set(await rig.levels(BUZZER, 0.05)) == {0}

    played(scene)


def test_drawer_is_pulsed_and_lights_shine_on_when_the_panel_is_closed() -> None:
    async def scene(rig: Rig) -> None:
        rig.panel.light(Lights(error=True))
        rig.panel.open_drawer()
        assert header().level(DRAWER) == 1
        await asyncio.sleep(0.09)
        assert header().level(DRAWER) == 1
        await asyncio.sleep(0.02)
        assert header().level(DRAWER) == 0
        rig.panel.beep(Beep.OK)

    played(scene)
    assert [header().level(line) for line in (READY, ERROR, BUZZER, DRAWER)] == [0, 1, 0, 0]


def test_spike_on_the_switch_is_nothing_and_an_opened_enclosure_is_told_once() -> None:
    async def scene(rig: Rig) -> None:
        rig.enclosure.open_switch(SHUT)
        await asyncio.sleep(0.004)
        rig.enclosure.close_switch(SHUT)
        await asyncio.sleep(0.5)
        assert rig.events.posted == []
        rig.enclosure.open_switch(SHUT)
        await asyncio.sleep(0.1)
        assert rig.events.posted == [TamperDetected()]
        rig.panel.feed_watchdog()
        await asyncio.sleep(0.1)
        assert rig.events.posted == [TamperDetected()]

    played(scene)


def test_pin_that_somebody_else_holds_is_a_missing_device() -> None:
    """Held through the kernel's own call: linux/gpio.h, GPIO_V2_GET_LINE_IOCTL, an input without options."""
    header()
    request = bytearray(592)
    struct.pack_into("=I", request, 0, HELD)
    struct.pack_into("=Q", request, 288, 4)
    struct.pack_into("=I", request, 560, 1)
    chip = os.open(CHIP, os.O_RDWR)
    fcntl.ioctl(chip, 0xC250_B407, request)
    (held,) = struct.unpack_from("=i", request, 588)
    try:
        with pytest.raises(DeviceMissing, match=r"panel: .*busy"):
            GpioPanel(load_library(), PanelWiring(drawer=HELD), print)
    finally:
        os.close(held)
        os.close(chip)
