"""What `firmware.hal.Keypad` says a keypad must do, asked of every keypad that there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from drivers.bench.devices import BenchKeypad
from drivers.bench.wire import KeyDown
from drivers.hid.events import packed
from drivers.hid.keypad import HidKeypad
from firmware.hal import Key, Keypad, KeyPressed
from tests.contract.bench_wiring import Events, Outside, settled
from tests.drivers.gpio.keypad_hands import Hands
from tests.hil.simulators.socket_line import SocketLine
from tests.virtual_time import run_virtually

Finger = Callable[[Key], Awaitable[None]]


def bench() -> tuple[Keypad, Finger]:
    outside = Outside()
    ids = count(1)

    async def press(key: Key) -> None:
        outside.say(KeyDown(next(ids), key))

    return BenchKeypad(outside.harness), press


def gpio() -> tuple[Keypad, Finger]:
    hands = Hands()
    return hands.keypad, hands.press


def hid() -> tuple[Keypad, Finger]:
    line, codes = SocketLine(), {key: code for code, key in enumerate(Key, 100)}

    async def press(key: Key) -> None:
        await settled()
        line.say(packed(codes[key], 1) + packed(codes[key], 0))

    return HidKeypad(line.open, {code: key for key, code in codes.items()}), press


every_keypad = pytest.mark.parametrize("build", [bench, gpio, hid])
Build = Callable[[], tuple[Keypad, Finger]]


@every_keypad
def test_every_key_pressed_is_posted_once_in_order(build: Build) -> None:
    async def scene() -> None:
        keypad, press = build()
        events = Events()
        keypad.start(events)
        for key in [*Key, *Key]:
            await press(key)
        await settled()
        assert events.posted == [KeyPressed(key) for key in [*Key, *Key]]
        await keypad.close()

    run_virtually(scene())


@every_keypad
def test_key_pressed_after_close_is_not_posted(build: Build) -> None:
    async def scene() -> None:
        keypad, press = build()
        events = Events()
        keypad.start(events)
        await keypad.close()
        await press(Key.D1)
        await settled()
        assert events.posted == []
        await keypad.close()

    run_virtually(scene())


@every_keypad
def test_key_pressed_into_a_full_queue_is_dropped_without_harm(build: Build) -> None:
    async def scene() -> None:
        keypad, press = build()
        events = Events(room=2)
        keypad.start(events)
        for key in (Key.D1, Key.D2, Key.D3):
            await press(key)
        await settled()
        assert events.posted == [KeyPressed(Key.D1), KeyPressed(Key.D2)]
        await keypad.close()

    run_virtually(scene())


def test_bench_key_pressed_before_the_start_waits_for_it() -> None:
    async def scene() -> None:
        keypad, press = bench()
        await press(Key.D1)
        await press(Key.ENTER)
        await settled()
        events = Events()
        keypad.start(events)
        assert events.posted == [KeyPressed(Key.D1), KeyPressed(Key.ENTER)]

    run_virtually(scene())
