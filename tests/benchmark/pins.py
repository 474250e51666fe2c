"""Measurements of keypad and panel on pins: what they cost at rest and how soon a key is told, beside a naive scan.

The naive scan looks at all keys a hundred times a second, and believes a key that two scans have seen, as ours does.
The pins answer at once, so that what is counted is Python's; a Pi's calls to the kernel come on top, for each look.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
from collections.abc import Callable, Coroutine, Iterator, Sequence
from time import perf_counter, thread_time
from typing import Any, Final

from drivers.gpio.keypad import GpioKeypad
from drivers.gpio.library import GpioLibrary, Pwm
from drivers.gpio.matrix import Place
from drivers.gpio.panel import GpioPanel
from firmware.hal import Event, EventSink, Key, KeyPressed
from tests.benchmark.measures import Measure, percentile
from tests.drivers.gpio.keypad_hands import WIRING
from tests.drivers.gpio.panel_rig import WIRING as PANEL

REST_S: Final = 6.0
PRESSES: Final = 100
SCAN_S: Final = 0.01
WATCHDOG_S: Final = 5.0


def measure_pins() -> Iterator[Measure]:
    """Measure rest first, then presses."""
    ours, naive = _rest(_keypad_and_panel), _rest(_naive)
    yield Measure("keypad and panel at rest: CPU", ours[0], "%", target=0.1, peer="naive scan", peer_value=naive[0])
    yield Measure(
        "keypad and panel at rest: wake-ups", ours[1], "1/s", target=2, peer="naive scan", peer_value=naive[1]
    )
    yield Measure("keypad and panel at rest: pin calls", ours[2], "1/s", peer="naive scan", peer_value=naive[2])
    told, naively = _presses(_keypad_and_panel), _presses(_naive)
    yield Measure(
        "key press to event", statistics.median(told), "ms", PRESSES, 50, "naive scan", statistics.median(naively)
    )
    yield Measure(
        "key press to event, 99 %", percentile(told, 99), "ms", PRESSES, 50, "naive scan", percentile(naively, 99)
    )


class _Wave:
    """A wave that nobody hears."""

    def start(self, dc: float) -> None: ...

    def ChangeFrequency(self, frequency: float) -> None: ...  # noqa: N802 - as the library has it

    def stop(self) -> None: ...


class _Pins:
    """Pins that answer at once: one key at a time may be down, the enclosure is shut."""

    BCM, IN, OUT, LOW, HIGH, PUD_UP, FALLING, BOTH = 11, 1, 0, 0, 1, 22, 32, 33

    def __init__(self) -> None:
        self.calls = 0
        self.down: tuple[int, int] | None = None
        self._driven: dict[int, int] = {}
        self._heard: dict[int, Callable[[int], None]] = {}

    def press(self, place: Place | None) -> None:
        """Let the key at a place go down, or all up."""
        self.down = None if place is None else (WIRING.rows[place[0]], WIRING.columns[place[1]])
        if self.down is not None and self.down[0] in self._heard:
            self._heard[self.down[0]](self.down[0])

    def setmode(self, mode: int) -> None: ...

    def setwarnings(self, flag: bool) -> None: ...

    def setup(self, channel: int, direction: int, pull_up_down: int = 20, initial: int = 1) -> None:
        self.calls += 1
        if direction == self.OUT:
            self._driven[channel] = initial
        else:
            self._driven.pop(channel, None)

    def input(self, channel: int) -> int:
        self.calls += 1
        if channel == PANEL.tamper:
            return self.LOW
        return self._driven.get(self.down[1], 1) if self.down is not None and channel == self.down[0] else self.HIGH

    def output(self, channel: int, value: int) -> None:
        self.calls += 1
        self._driven[channel] = value

    def add_event_detect(self, channel: int, edge: int, callback: Callable[[int], None]) -> None:
        self.calls += 1
        self._heard[channel] = callback

    def remove_event_detect(self, channel: int) -> None:
        self.calls += 1
        self._heard.pop(channel, None)

    def PWM(self, channel: int, frequency: float) -> Pwm:  # noqa: N802 - as the library has it
        return _Wave()

    def cleanup(self, channel: Sequence[int]) -> None:
        self.calls += 1


class _Told:
    """A sink that wakes whoever waits for a key."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()

    def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
        if isinstance(event, KeyPressed):
            self.arrived.set()
        return True


Work = Callable[[_Pins, EventSink], Coroutine[Any, Any, None]]


async def _keypad_and_panel(pins: _Pins, sink: EventSink) -> None:
    """The drivers, and what the firmware asks of them at rest."""
    library: GpioLibrary = pins
    keypad, panel = GpioKeypad(library, WIRING, print), GpioPanel(library, PANEL, print)
    keypad.start(sink)
    panel.start(sink)
    try:
        while True:
            panel.feed_watchdog()
            await asyncio.sleep(WATCHDOG_S)
    finally:
        await keypad.close()
        await panel.close()


async def _naive(pins: _Pins, sink: EventSink) -> None:
    before: set[Place] = set()
    known: set[Place] = set()
    for pin in WIRING.columns:
        pins.setup(pin, pins.OUT, initial=pins.HIGH)
    while True:
        pins.input(PANEL.tamper or 0)
        seen = set()
        for column, pin in enumerate(WIRING.columns):
            pins.output(pin, pins.LOW)
            seen |= {(row, column) for row, sense in enumerate(WIRING.rows) if pins.input(sense) == pins.LOW}
            pins.output(pin, pins.HIGH)
        for place in (seen & before) - known:
            sink.post(KeyPressed(WIRING.keys[place]))
        known, before = seen & before, seen
        await asyncio.sleep(SCAN_S)


def _rest(work: Work) -> tuple[float, float, float]:
    """CPU in percent, wake-ups and calls of pins, each per second, while nobody presses a key."""

    async def measure() -> tuple[float, float, float]:
        pins = _Pins()
        working = asyncio.ensure_future(work(pins, _Told()))
        await asyncio.sleep(0.1)
        began, cpu, woken, calls = perf_counter(), thread_time(), _woken(), pins.calls
        await asyncio.sleep(REST_S)
        took = perf_counter() - began
        found = (thread_time() - cpu) / took * 100, (_woken() - woken) / took, (pins.calls - calls) / took
        working.cancel()
        await asyncio.wait({working})
        return found

    return asyncio.run(measure())


def _presses(work: Work) -> list[float]:
    """Milliseconds from a key that goes down to its event; at every moment between two scans."""

    async def measure() -> list[float]:
        pins, told, found = _Pins(), _Told(), []
        working = asyncio.ensure_future(work(pins, told))
        place = next(place for place, key in WIRING.keys.items() if key is Key.D5)
        for press in range(PRESSES):
            await asyncio.sleep(0.05 + press % 10 / 1000)
            told.arrived.clear()
            began = perf_counter()
            pins.press(place)
            async with asyncio.timeout(1):
                await told.arrived.wait()
            found.append((perf_counter() - began) * 1000)
            pins.press(None)
        working.cancel()
        await asyncio.wait({working})
        return found

    return asyncio.run(measure())


def _woken() -> int:
    """How often this thread has gone to sleep by itself so far."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
