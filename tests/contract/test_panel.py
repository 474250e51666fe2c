"""What `firmware.hal.Panel` says beeper, lights and tamper switch must do, asked of every panel that there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from drivers.bench.devices import BenchPanel
from drivers.bench.wire import Attending, Beeped, LightsSet, Tampered
from firmware.hal import Beep, Lights, Panel, TamperDetected
from tests.contract.bench_wiring import Events, Outside, settled
from tests.drivers.gpio.panel_rig import PanelRig
from tests.virtual_time import run_virtually


@dataclass(frozen=True, slots=True)
class Senses:
    """What a person at the panel can do, hear and see."""

    open_enclosure: Callable[[], None]
    beeps: Callable[[], list[Beep]]
    lights: Callable[[], Lights]
    attending: Callable[[], list[bool]]


def bench() -> tuple[Panel, Senses]:
    outside = Outside()
    heard = outside.heard
    return BenchPanel(outside.harness), Senses(
        open_enclosure=lambda: outside.say(Tampered()),
        beeps=lambda: [message.beep for message in heard if isinstance(message, Beeped)],
        lights=lambda: [Lights(), *(message.lights for message in heard if isinstance(message, LightsSet))][-1],
        attending=lambda: [message.waiting for message in heard if isinstance(message, Attending)],
    )


def gpio() -> tuple[Panel, Senses]:
    rig = PanelRig()
    return rig.panel, Senses(rig.open_enclosure, rig.beeps, rig.lights, list)


every_panel = pytest.mark.parametrize("build", [bench, gpio])
Build = Callable[[], tuple[Panel, Senses]]


@every_panel
def test_every_beep_sounded_is_heard(build: Build) -> None:
    async def scene() -> None:
        panel, senses = build()
        for beep in Beep:
            panel.beep(beep)
        await settled()
        assert senses.beeps() == list(Beep)
        await panel.close()

    run_virtually(scene())


@every_panel
def test_lights_set_shine_on_when_the_panel_is_closed(build: Build) -> None:
    async def scene() -> None:
        panel, senses = build()
        panel.light(Lights(ready=True, error=True))
        await settled()
        assert senses.lights() == Lights(ready=True, error=True)
        await panel.close()
        await panel.close()
        await settled()
        assert senses.lights() == Lights(ready=True, error=True)

    run_virtually(scene())


@every_panel
def test_enclosure_opened_is_posted_once(build: Build) -> None:
    async def scene() -> None:
        panel, senses = build()
        events = Events()
        panel.start(events)
        assert events.posted == []
        senses.open_enclosure()
        await settled()
        assert events.posted == [TamperDetected()]
        await panel.close()

    run_virtually(scene())


@every_panel
def test_enclosure_open_before_the_start_is_posted_at_once(build: Build) -> None:
    async def scene() -> None:
        panel, senses = build()
        senses.open_enclosure()
        await settled()
        events = Events()
        panel.start(events)
        assert events.posted == [TamperDetected()]
        await panel.close()

    run_virtually(scene())


@every_panel
def test_attention_told_is_seen_where_the_board_can_show_it(build: Build) -> None:
    async def scene() -> None:
        panel, senses = build()
        panel.attend(True)
        panel.attend(False)
        panel.feed_watchdog()
        await settled()
        assert senses.attending() in ([True, False], [])
        await panel.close()

    run_virtually(scene())
