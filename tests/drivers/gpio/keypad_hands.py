"""A GPIO keypad on simulated pins, and fingers for it."""

from __future__ import annotations

import asyncio
from itertools import product

from drivers.gpio.keypad import GpioKeypad, Wiring
from firmware.hal import Key
from tests.contract.bench_wiring import Events
from tests.drivers.gpio.simulated_pins import Crossing, SimulatedPins

ROWS = (5, 6, 13, 19)
COLUMNS = (12, 16, 20, 21, 26, 27)
PLACES = list(product(range(len(ROWS)), range(len(COLUMNS))))
WIRING = Wiring(ROWS, COLUMNS, dict(zip(PLACES, Key, strict=False)), settle_us=0)
PRESSED_S = 0.06


class Hands:
    """A keypad under two hands; `failures` are what it said of its own end."""

    def __init__(self, wiring: Wiring = WIRING) -> None:
        self.pins = SimulatedPins()
        self.events = Events()
        self.failures: list[str] = []
        self.keypad = GpioKeypad(self.pins, wiring, self.failures.append)
        self._wiring = wiring

    def crossing(self, key: Key) -> Crossing:
        row, column = next(place for place, each in self._wiring.keys.items() if each is key)
        return self._wiring.rows[row], self._wiring.columns[column]

    def down(self, *keys: Key) -> None:
        for key in keys:
            self.pins.close_switch(self.crossing(key))

    def up(self, *keys: Key) -> None:
        for key in keys:
            self.pins.open_switch(self.crossing(key))

    async def press(self, key: Key) -> None:
        """Hold a key for a moment, then rest for one."""
        self.down(key)
        await asyncio.sleep(PRESSED_S)
        self.up(key)
        await asyncio.sleep(PRESSED_S)
