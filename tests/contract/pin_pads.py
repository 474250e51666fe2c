"""PIN pads with their keys and their outside in reach: what the contract of PIN pads is asked of."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Protocol

from drivers.bench.devices import BenchDisplay, BenchKeypad, BenchPanel
from drivers.bench.wire import Beeped, FrameShown, KeyDown
from drivers.keypad_pin.pad import KeypadPinPad
from firmware.hal import Beep, EventSink, Key, Lights, PinPad
from firmware.surfaces import Frame
from tests.contract.bench_wiring import Events, Outside
from tests.drivers.gpio.keypad_hands import Hands


class Pad(Protocol):
    """A PIN pad with its keys and its outside in reach."""

    @property
    def pad(self) -> PinPad: ...

    @property
    def events(self) -> Events:
        """What the keypad posts meanwhile, where it shares the keys."""

    def press(self, *keys: str) -> None: ...

    def stars(self) -> list[int]:
        """How many digits each frame has shown."""

    def sounds(self) -> list[Beep]: ...


class BenchPad:
    def __init__(self) -> None:
        self.outside = Outside()
        harness = self.outside.harness
        self.keypad = BenchKeypad(harness)
        self.events = Events()
        self.keypad.start(self.events)
        self.pad = KeypadPinPad(self.keypad, BenchDisplay(harness, 37, chinese=True), BenchPanel(harness))
        self._ids = count(1)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.outside.say(KeyDown(next(self._ids), Key(key)))

    def stars(self) -> list[int]:
        frames = [message.frame for message in self.outside.heard if isinstance(message, FrameShown)]
        return [len(frame.entry.text) for frame in frames if frame.entry is not None]

    def sounds(self) -> list[Beep]:
        return [message.beep for message in self.outside.heard if isinstance(message, Beeped)]


class SeenAndHeard:
    """A display and a panel that keep what a person could see and hear."""

    columns = 37
    chinese = True
    failed = False

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.beeps: list[Beep] = []

    def show(self, frame: Frame) -> None:
        self.frames.append(frame)

    def beep(self, beep: Beep) -> None:
        self.beeps.append(beep)

    def start(self, sink: EventSink) -> None: ...

    def light(self, lights: Lights) -> None: ...

    def attend(self, waiting: bool) -> None: ...

    def open_drawer(self) -> None: ...

    def feed_watchdog(self) -> None: ...

    async def close(self) -> None: ...


class GpioPad:
    """The PIN pad on a matrix of keys; the fingers hold each key for a moment, one after the other."""

    def __init__(self) -> None:
        self.hands = Hands()
        self.events = self.hands.events
        self.hands.keypad.start(self.events)
        self.person = SeenAndHeard()
        self.pad = KeypadPinPad(self.hands.keypad, self.person, self.person)
        self._moving = False
        self._waiting: list[Key] = []

    def press(self, *keys: str) -> None:
        self._waiting += map(Key, keys)
        if not self._moving:
            self._moving = True
            self._down()

    def stars(self) -> list[int]:
        return [len(frame.entry.text) for frame in self.person.frames if frame.entry is not None]

    def sounds(self) -> list[Beep]:
        return self.person.beeps

    def _down(self) -> None:
        if not self._waiting:
            self._moving = False
            return
        key = self._waiting.pop(0)
        self.hands.down(key)
        asyncio.get_running_loop().call_later(0.025, self._up, key)

    def _up(self, key: Key) -> None:
        self.hands.up(key)
        asyncio.get_running_loop().call_later(0.025, self._down)
