"""The panel on pins: tones, a switch that chatters, a drawer whose magnet must not burn, pins that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.gpio.library import vendor_errors
from drivers.gpio.panel import DRAWER_RESTS, PanelWiring
from drivers.gpio.switch import LOOKS, LOOKS_MAX, SwitchJudge
from firmware.hal import Beep, Lights, TamperDetected
from firmware.hal.errors import DeviceMissing
from tests.drivers.gpio.panel_rig import WIRING, PanelRig
from tests.virtual_time import run_virtually

Scene = Callable[[PanelRig], Awaitable[None]]


def played(scene: Scene, wiring: PanelWiring = WIRING) -> PanelRig:
    """Play a scene on a panel that is started and closed."""

    async def whole() -> PanelRig:
        rig = PanelRig(wiring)
        rig.panel.start(rig.events)
        await scene(rig)
        await rig.panel.close()
        return rig

    return run_virtually(whole())


@pytest.mark.parametrize(
    ("beep", "sounded"),
    [(Beep.KEY, [2100, 0]), (Beep.OK, [1900, 0, 1900, 0, 2500, 0]), (Beep.ERROR, [420, 0, 330, 0])],
)
def test_sound_ends_by_itself(beep: Beep, sounded: list[int]) -> None:
    async def scene(rig: PanelRig) -> None:
        rig.panel.beep(beep)
        await asyncio.sleep(2)
        assert rig.sounded() == sounded

    played(scene)


def test_new_sound_cuts_the_one_before() -> None:
    async def scene(rig: PanelRig) -> None:
        rig.panel.beep(Beep.OK)
        await asyncio.sleep(0.05)
        rig.panel.beep(Beep.KEY)
        await asyncio.sleep(2)
        assert rig.sounded() == [1900, 2100, 0]

    played(scene)


def test_buzzer_of_a_single_tone_is_switched() -> None:
    async def scene(rig: PanelRig) -> None:
        rig.panel.beep(Beep.KEY)
        levels = [rig.pins.driven(18)]
        await asyncio.sleep(1)
        assert [*levels, rig.pins.driven(18)] == [1, 0]

    played(scene, replace(WIRING, buzzer_active=True))


def test_panel_closed_while_it_sounds_is_quiet_and_lets_go_of_what_may_rest() -> None:
    async def scene(rig: PanelRig) -> None:
        rig.panel.light(Lights(error=True))
        rig.panel.attend(waiting=True)
        rig.panel.beep(Beep.ATTENTION)
        rig.panel.open_drawer()

    rig = played(scene)
    assert rig.sounded() == [1300, 0]
    assert [rig.pins.driven(pin) for pin in (18, 23, 24, 25)] == [None, None, None, 0]
    assert rig.lights() == Lights(error=True)


def test_lights_of_a_board_that_sinks_their_current_shine_at_a_low_level() -> None:
    async def scene(rig: PanelRig) -> None:
        assert rig.lights() == Lights()
        rig.panel.light(Lights(ok=True))
        assert (rig.lights(), rig.pins.driven(27), rig.pins.driven(4)) == (Lights(ok=True), 0, 1)

    played(scene, replace(WIRING, lights_high=False))


def test_drawer_is_pulsed_once_and_rests_before_the_next_time() -> None:
    async def scene(rig: PanelRig) -> None:
        for _ in range(3):
            rig.panel.open_drawer()
            assert rig.drawer() == 1
            await asyncio.sleep(0.101)
            assert rig.drawer() == 0
            rig.panel.open_drawer()
            assert rig.drawer() == 0
            await asyncio.sleep(0.1 * DRAWER_RESTS)

    played(scene)


def test_drawer_behind_a_relay_that_switches_at_a_low_level_rests_at_a_high_one() -> None:
    async def scene(rig: PanelRig) -> None:
        assert rig.drawer() == 1
        rig.panel.open_drawer()
        assert rig.drawer() == 0

    assert played(scene, replace(WIRING, drawer_high=False)).drawer() == 1


def test_spike_on_the_switch_destroys_nothing_and_the_switch_is_watched_on() -> None:
    async def scene(rig: PanelRig) -> None:
        for _ in range(3):
            rig.open_enclosure()
            await asyncio.sleep(0.011)
            rig.shut_enclosure()
            await asyncio.sleep(1)
            assert rig.events.posted == []
        rig.open_enclosure()
        await asyncio.sleep(0.03)
        assert rig.events.posted == [TamperDetected()]
        rig.shut_enclosure()
        await asyncio.sleep(1)
        rig.open_enclosure()
        await asyncio.sleep(1)

    assert played(scene).events.posted == [TamperDetected()]


def test_switch_that_chatters_without_end_counts_as_open() -> None:
    async def scene(rig: PanelRig) -> None:
        for _ in range(120):
            rig.open_enclosure()
            await asyncio.sleep(0.005)
            rig.shut_enclosure()
            await asyncio.sleep(0.005)
        assert rig.events.posted == [TamperDetected()]

    played(scene)


def test_edge_that_was_lost_is_made_good_when_the_watchdog_is_fed() -> None:
    async def scene(rig: PanelRig) -> None:
        rig.pins.remove_event_detect(24)
        rig.panel.feed_watchdog()
        rig.open_enclosure()
        await asyncio.sleep(1)
        assert rig.events.posted == []
        rig.panel.feed_watchdog()
        await asyncio.sleep(0.03)
        assert rig.events.posted == [TamperDetected()]

    played(scene)


def test_panel_at_rest_touches_no_pin() -> None:
    async def scene(rig: PanelRig) -> None:
        rig.panel.light(Lights(ready=True))
        rig.panel.beep(Beep.KEY)
        await asyncio.sleep(1)
        calls = rig.pins.calls
        rig.panel.light(Lights(ready=True))
        await asyncio.sleep(3_600)
        assert rig.pins.calls == calls

    played(scene)


def test_board_without_any_of_it_does_nothing() -> None:
    async def scene(rig: PanelRig) -> None:
        rig.panel.beep(Beep.OK)
        rig.panel.light(Lights(ok=True))
        rig.panel.attend(waiting=True)
        rig.panel.open_drawer()
        rig.panel.feed_watchdog()

    assert played(scene, PanelWiring()).pins.calls == 2


TOUCHES: list[Callable[[PanelRig], Any]] = [
    lambda rig: rig.panel.beep(Beep.OK),
    lambda rig: rig.panel.light(Lights(ok=True)),
    lambda rig: rig.panel.attend(waiting=True),
    lambda rig: rig.panel.open_drawer(),
    lambda rig: rig.panel.feed_watchdog(),
    lambda rig: rig.open_enclosure(),
]


@pytest.mark.parametrize("touch", TOUCHES)
def test_pins_that_fail_later_are_told_once(touch: Callable[[PanelRig], Any]) -> None:
    async def scene(rig: PanelRig) -> None:
        rig.pins.broken = True
        for _ in range(2):
            touch(rig)
            await asyncio.sleep(1)
        assert rig.failures == ["panel: a pin can no longer be used: the chip is gone"]

    assert played(scene).events.posted == []


def test_pins_that_fail_at_the_start_are_device_missing() -> None:
    async def scene() -> None:
        rig = PanelRig()
        rig.pins.broken = True
        with pytest.raises(DeviceMissing, match="panel: the tamper switch: the chip is gone"):
            rig.panel.start(rig.events)
        with pytest.raises(DeviceMissing, match="panel: the chip is gone"):
            type(rig.panel)(rig.pins, WIRING, rig.failures.append)
        await rig.panel.close()

    assert RuntimeError in vendor_errors()
    run_virtually(scene())


def test_judge_of_a_switch_that_never_rests_calls_it_open_in_the_end() -> None:
    judge = SwitchJudge()
    judged = [judge.judge(seen_open=bool(look % 2)) for look in range(LOOKS_MAX)]
    assert judged == [None] * (LOOKS_MAX - 1) + [True]


@given(st.lists(st.booleans(), min_size=LOOKS_MAX, max_size=LOOKS_MAX))
def test_judge_always_comes_to_an_end_and_never_calls_a_shut_switch_open(looks: list[bool]) -> None:
    judge, seen = SwitchJudge(), []
    for look in looks:
        seen.append(look)
        judged = judge.judge(seen_open=look)
        if judged is not None:
            break
    assert judged is not None
    assert not judged or all(seen[-LOOKS:]) or len(seen) == LOOKS_MAX
    assert judged or not any(seen[-LOOKS:])
