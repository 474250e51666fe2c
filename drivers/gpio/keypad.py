"""A keypad's matrix on the header: scanned while keys move, asleep on an edge while none does.

Asleep, every column is driven low and the rows, pulled up, wait for an edge. Awake, one column at a time is driven low
and the rest float, so that two keys never connect two outputs; the judge says what a scan means. This is the order of
Linux's matrix_keypad driver. The edges of the scan itself are not listened to, and before it sleeps the keypad looks
once more, for a press between the last scan and the first edge.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from drivers.gpio.library import GpioLibrary, told, vendor_errors
from drivers.gpio.matrix import Judge, Place
from firmware.hal import EventSink, Key, KeyPressed, KeysStuck

SCAN_S: Final = 0.01
STUCK_SCAN_S: Final = 0.03
"""How often a keypad is looked at that cannot sleep, since a key of it is stuck; the shortest press is 40 ms."""
_BLOCKING_US: Final = 1_000
"""A settling time below this is waited for in place: the loop's own waits are no finer."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """The pins of rows and columns, by BCM number, and the keys at their crossings.

    `settle_us` is how long a row needs to come up again after its column was let go.
    """

    rows: Sequence[int]
    columns: Sequence[int]
    keys: Mapping[Place, Key]
    settle_us: int = 50


class GpioKeypad:
    """The hal's Keypad on pins. `failed` is called once, with a sentence, when the pins can no longer be read."""

    def __init__(self, library: GpioLibrary, wiring: Wiring, failed: Callable[[str], None]) -> None:
        self._library = library
        self._wiring = wiring
        self._failed = failed
        self._judge = Judge()
        self._sink: EventSink | None = None
        self._diversion: Callable[[Key], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._edge = asyncio.Event()
        self._scanning: asyncio.Task[None] | None = None
        self._told_stuck: frozenset[Key] = frozenset()

    def start(self, sink: EventSink) -> None:
        """Begin to post presses. Raises: DeviceMissing - a pin is taken, or the library hears no edges."""
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        with told("keypad"):
            for row in self._wiring.rows:
                self._library.setup(row, self._library.IN, pull_up_down=self._library.PUD_UP)
            self._fall_asleep()
        self._scanning = self._loop.create_task(self._run())

    @contextlib.contextmanager
    def diverted(self, receive: Callable[[Key], None]) -> Iterator[None]:
        """Hand presses to `receive` instead, none of them ever posted: the keypad is a PIN pad meanwhile.

        Nor is one posted that was under way when the PIN ended: what is down then counts for nobody.
        """
        assert self._diversion is None, "one PIN is entered at a time"
        self._diversion = receive
        try:
            yield
        finally:
            self._diversion = None
            if self._edge.is_set():
                self._judge.lock()
            self._tell_stuck()

    async def close(self) -> None:
        """Stop posting and let go of the pins."""
        self._sink = None
        if self._scanning is None:
            return
        self._scanning.cancel()
        await asyncio.wait({self._scanning})
        self._scanning = None
        with contextlib.suppress(*vendor_errors()):
            self._listen_no_more()
        with contextlib.suppress(*vendor_errors()):
            self._library.cleanup([*self._wiring.rows, *self._wiring.columns])

    async def _run(self) -> None:
        try:
            while True:
                await self._edge.wait()
                self._listen_no_more()
                await self._scan_until_quiet()
                self._edge.clear()
                self._fall_asleep()
        except vendor_errors() as error:
            self._failed(f"keypad: the pins can no longer be read: {error}")

    async def _scan_until_quiet(self) -> None:
        """Scan from the first edge until every key is up; slower where only stuck keys are left down."""
        while True:
            seen = await self._scan()
            judgement = self._judge.judge(seen, int(self._now_s() * 1000), alone=self._diversion is not None)
            for place in judgement.pressed:
                self._press(place)
            self._tell_stuck()
            if judgement.quiet and not self._judge.stuck:
                return
            await asyncio.sleep(STUCK_SCAN_S if judgement.quiet else SCAN_S)

    async def _scan(self) -> set[Place]:
        """The places that seem to be down."""
        library, wiring = self._library, self._wiring
        for pin in wiring.columns:
            library.setup(pin, library.IN)
        seen = set()
        for column, pin in enumerate(wiring.columns):
            await self._settle()
            library.setup(pin, library.OUT, initial=library.LOW)
            await self._settle()
            seen |= {(row, column) for row, sense in enumerate(wiring.rows) if library.input(sense) == library.LOW}
            library.setup(pin, library.IN)
        return {place for place in seen if place in wiring.keys}

    async def _settle(self) -> None:
        seconds = self._wiring.settle_us / 1_000_000
        if self._wiring.settle_us < _BLOCKING_US:
            time.sleep(seconds)  # noqa: ASYNC251 - too short for the loop
        else:
            await asyncio.sleep(seconds)

    def _fall_asleep(self) -> None:
        """Drive all columns, listen to all rows, and wake at once where a key is down already."""
        library, wiring = self._library, self._wiring
        for pin in wiring.columns:
            library.setup(pin, library.OUT, initial=library.LOW)
        for pin in wiring.rows:
            library.add_event_detect(pin, library.FALLING, callback=self._heard)
        if any(library.input(pin) == library.LOW for pin in wiring.rows):
            self._edge.set()

    def _listen_no_more(self) -> None:
        for pin in self._wiring.rows:
            self._library.remove_event_detect(pin)

    def _heard(self, _pin: int) -> None:
        """Wake the loop; called by the library in a thread of its own."""
        assert self._loop is not None, "an edge was heard before the start"
        with contextlib.suppress(RuntimeError):  # The loop is closed: the process is ending.
            self._loop.call_soon_threadsafe(self._edge.set)

    def _now_s(self) -> float:
        assert self._loop is not None, "scanned before the start"
        return self._loop.time()

    def _press(self, place: Place) -> None:
        key = self._wiring.keys[place]
        if self._diversion is not None:
            self._diversion(key)
        elif self._sink is not None:
            self._sink.post(KeyPressed(key))

    def _tell_stuck(self) -> None:
        """Tell which keys are stuck where others were before; while a PIN is typed, nothing is told of keys."""
        stuck = frozenset(self._wiring.keys[place] for place in self._judge.stuck)
        if stuck != self._told_stuck and self._diversion is None and self._sink is not None:
            self._told_stuck = stuck
            self._sink.post(KeysStuck(stuck))
