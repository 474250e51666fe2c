"""The keypad's driver on simulated pins through the real library, and fingers for it."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from drivers.gpio.keypad import GpioKeypad, Wiring
from drivers.gpio.library import load_library
from firmware.hal import Event, Key, KeyPressed, KeysStuck
from tests.hil.inside.gpio_sim import header
from tests.hil.inside.switches import Crossing, Switches

CHIP: Final = Path("/dev/gpiochip0")
ROWS: Final = (5, 6, 13, 19)
COLUMNS: Final = (12, 16, 20, 21)
PLACES: Final = dict(zip(product(range(4), range(4)), Key, strict=False))
KEYS: Final = tuple(PLACES.values())
WIRING: Final = Wiring(ROWS, COLUMNS, PLACES, settle_us=2_000)
CROSSINGS: Final = {key: (ROWS[row], COLUMNS[column]) for (row, column), key in PLACES.items()}


@dataclass(frozen=True, slots=True)
class Posted:
    """A key, and when it was posted, by the loop's clock."""

    key: Key
    at_s: float


class Hands:
    """A keypad under two hands, the keys that it has posted, which were stuck, and what it said of its own end."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.stuck: list[frozenset[Key]] = []
        self.failures: list[str] = []
        self.matrix = Switches(header(), CHIP, ROWS, COLUMNS)
        self.keypad = GpioKeypad(load_library(), WIRING, self.failures.append)

    def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
        """Be the sink of the keypad."""
        match event:
            case KeyPressed(key):
                self.posted.append(Posted(key, asyncio.get_running_loop().time()))
            case KeysStuck(keys):
                self.stuck.append(keys)
            case _:
                raise AssertionError(f"a keypad has posted {event}")
        return True

    @property
    def keys(self) -> list[Key]:
        """The keys posted, in their order."""
        return [each.key for each in self.posted]

    def down(self, *keys: Key) -> None:
        """Press keys at once."""
        self.matrix.close_switch(*self._crossings(keys))

    def up(self, *keys: Key) -> None:
        """Let keys go at once."""
        self.matrix.open_switch(*self._crossings(keys))

    async def press(self, *keys: Key, for_s: float = 0.1) -> None:
        """Hold keys, and rest as long."""
        self.down(*keys)
        await asyncio.sleep(for_s)
        self.up(*keys)
        await asyncio.sleep(for_s)

    def _crossings(self, keys: tuple[Key, ...]) -> list[Crossing]:
        return [CROSSINGS[key] for key in keys]


@asynccontextmanager
async def at_the_keypad() -> AsyncIterator[Hands]:
    """A keypad that is started, and closed at the end of the block; it has not failed meanwhile."""
    hands = Hands()
    try:
        hands.keypad.start(hands)
        yield hands
        await hands.keypad.close()
        assert hands.failures == []
    finally:
        hands.matrix.close()


def played(scene: Callable[[Hands], Awaitable[None]]) -> Hands:
    """Play a scene at the keypad."""

    async def whole() -> Hands:
        async with at_the_keypad() as hands:
            await scene(hands)
        return hands

    return asyncio.run(whole())


def switches(thread: int) -> int:
    """How often a thread of this process has gone to sleep."""
    told = Path(f"/proc/self/task/{thread}/status").read_text()
    return int(told.split("\nvoluntary_ctxt_switches:")[1].split()[0])


def all_switches() -> Counter[int]:
    """The same of every thread of this process."""
    return Counter({int(each.name): switches(int(each.name)) for each in Path("/proc/self/task").iterdir()})


def main_thread() -> int:
    """The number of the thread that the loop runs in."""
    return os.getpid()
