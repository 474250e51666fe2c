"""The keypad on pins: asleep on an edge, awake while keys move, one key at a time for PINs, pins that fail."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from drivers.gpio.keypad import STUCK_SCAN_S
from drivers.gpio.library import vendor_errors
from drivers.gpio.matrix import STUCK_MS
from firmware.hal import Key, KeyPressed, KeysStuck
from firmware.hal.errors import DeviceMissing
from tests.drivers.gpio.keypad_hands import WIRING, Hands
from tests.virtual_time import run_virtually

Scene = Callable[[Hands], Awaitable[None]]


def played(scene: Scene, hands: Callable[[], Hands] = Hands) -> Hands:
    """Play a scene on a keypad that is started and closed; no two outputs were ever connected."""

    async def whole() -> Hands:
        made = hands()
        made.keypad.start(made.events)
        await scene(made)
        await made.keypad.close()
        return made

    made = run_virtually(whole())
    assert made.pins.shorts == 0
    return made


def keys_of(hands: Hands) -> list[Key]:
    return [event.key for event in hands.events.posted if isinstance(event, KeyPressed)]


def test_keypad_at_rest_touches_no_pin() -> None:
    async def scene(hands: Hands) -> None:
        await hands.press(Key.D5)
        await asyncio.sleep(1)
        calls = hands.pins.calls
        await asyncio.sleep(3_600)
        assert hands.pins.calls == calls

    assert keys_of(played(scene)) == [Key.D5]


@pytest.mark.parametrize("settle_us", [50, 2_000])
def test_press_is_posted_within_fifty_milliseconds(settle_us: int) -> None:
    async def scene(hands: Hands) -> None:
        await asyncio.sleep(1)
        hands.down(Key.D7)
        await asyncio.sleep(0.05 if settle_us < 1_000 else 0.09)
        assert keys_of(hands) == [Key.D7]
        hands.up(Key.D7)
        await asyncio.sleep(1)

    played(scene, lambda: Hands(replace(WIRING, settle_us=settle_us)))


def test_key_that_is_down_already_at_the_start_is_posted() -> None:
    async def scene(hands: Hands) -> None:
        await asyncio.sleep(0.05)
        assert keys_of(hands) == [Key.CANCEL]

    def pressed() -> Hands:
        hands = Hands()
        hands.down(Key.CANCEL)
        return hands

    played(scene, pressed)


def test_hurried_fingers_roll_over() -> None:
    async def scene(hands: Hands) -> None:
        hands.down(Key.D1)
        await asyncio.sleep(0.03)
        hands.down(Key.D2)
        await asyncio.sleep(0.03)
        hands.up(Key.D1)
        hands.down(Key.D3)
        await asyncio.sleep(0.03)
        hands.up(Key.D2, Key.D3)
        await asyncio.sleep(0.05)

    assert keys_of(played(scene)) == [Key.D1, Key.D2, Key.D3]


def test_diverted_press_is_never_posted_and_two_keys_are_none() -> None:
    typed: list[Key] = []

    async def scene(hands: Hands) -> None:
        with hands.keypad.diverted(typed.append):
            await hands.press(Key.D1)
            hands.down(Key.D2)
            hands.down(Key.D9)
            await asyncio.sleep(0.1)
            hands.up(Key.D2)
            await asyncio.sleep(0.1)
            hands.up(Key.D9)
            await asyncio.sleep(0.1)
            await hands.press(Key.D4)
        await hands.press(Key.ENTER)

    assert keys_of(played(scene)) == [Key.ENTER]
    assert typed == [Key.D1, Key.D4]


def stuck(hands: Hands) -> list[set[Key]]:
    return [set(event.keys) for event in hands.events.posted if isinstance(event, KeysStuck)]


def test_stuck_key_is_told_with_its_release_and_the_others_go_on() -> None:
    async def scene(hands: Hands) -> None:
        hands.down(Key.D0)
        await asyncio.sleep(STUCK_MS / 1000 - 0.1)
        assert stuck(hands) == []
        await asyncio.sleep(0.2)
        assert stuck(hands) == [{Key.D0}]
        await hands.press(Key.D8)
        hands.up(Key.D0)
        await asyncio.sleep(3 * STUCK_SCAN_S)
        assert stuck(hands) == [{Key.D0}, set()]
        calls = hands.pins.calls
        await asyncio.sleep(60)
        assert hands.pins.calls == calls

    assert keys_of(played(scene)) == [Key.D0, Key.D8]


def test_key_that_sticks_while_a_pin_is_typed_is_told_after_it() -> None:
    typed: list[Key] = []

    async def scene(hands: Hands) -> None:
        with hands.keypad.diverted(typed.append):
            hands.down(Key.D3)
            await asyncio.sleep(STUCK_MS / 1000 + 1)
            await hands.press(Key.D6)
            assert hands.events.posted == []
        assert hands.events.posted == [KeysStuck(frozenset({Key.D3}))]
        with hands.keypad.diverted(typed.append):
            hands.up(Key.D3)
            await asyncio.sleep(1)
            assert stuck(hands) == [{Key.D3}]
        assert stuck(hands) == [{Key.D3}, set()]

    played(scene)
    assert typed == [Key.D3, Key.D6]


def test_pins_that_fail_later_are_told_once() -> None:
    async def scene(hands: Hands) -> None:
        hands.pins.broken = True
        hands.down(Key.D1)
        await asyncio.sleep(10)
        assert hands.failures == ["keypad: the pins can no longer be read: the chip is gone"]

    assert keys_of(played(scene)) == []


def test_pins_that_fail_at_the_start_are_device_missing() -> None:
    async def scene() -> None:
        hands = Hands()
        hands.pins.broken = True
        with pytest.raises(DeviceMissing, match="keypad: the chip is gone"):
            hands.keypad.start(hands.events)
        await hands.keypad.close()

    run_virtually(scene())


def test_closed_keypad_lets_go_of_its_pins() -> None:
    async def scene(hands: Hands) -> None:
        await hands.press(Key.D1)

    assert played(scene).pins.let_go


def test_errors_of_the_library_below_the_library_count_where_it_is_loaded() -> None:
    class GpioBusyError(Exception):
        """What rpi-lgpio lets through where a line is taken."""

    assert GpioBusyError in vendor_errors({"lgpio": SimpleNamespace(error=GpioBusyError)})
    assert vendor_errors({}) == (RuntimeError, ValueError, OSError)


def test_machine_without_pins_says_what_is_missing(tmp_path: Path) -> None:
    # A process of its own, for lgpio makes a pipe in its working directory where it is imported.
    code = "from drivers.gpio.library import load_library; load_library()"
    tree = Path(__file__).parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert re.search(r"DeviceMissing: (pins need a library|no pins on this machine)", ended.stderr)
