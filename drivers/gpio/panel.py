"""Buzzer, lights, tamper switch and cash drawer on the header's pins; a board wires those that it has.

There is no watchdog on pins: feeding it only looks at the tamper switch.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from drivers.gpio.buzzer import Buzzer
from drivers.gpio.library import GpioLibrary, told, vendor_errors
from drivers.gpio.tamper import TamperSwitch
from firmware.hal import Beep, EventSink, Lights, TamperDetected

DRAWER_RESTS: Final = 4
"""A drawer's magnet rests for so many pulses before the next, or it would burn."""


@dataclass(frozen=True, slots=True)
class PanelWiring:
    """The pins by BCM number; None, or no entry, for what the board does not have.

    `lights` has the names of `Lights`. What is not `high` is switched on by a low level, as many relays are.
    """

    buzzer: int | None = None
    buzzer_active: bool = False
    lights: Mapping[str, int] = field(default_factory=dict)
    lights_high: bool = True
    backlight: int | None = None
    tamper: int | None = None
    drawer: int | None = None
    drawer_high: bool = True
    drawer_ms: int = 100


class GpioPanel:
    """The hal's Panel on pins. `failed` is called once, with a sentence, when a pin can no longer be used.

    The lights stay as they are when it is closed, and after the process where the kernel leaves pins alone that nobody
    holds: Raspberry Pi's does. A drawer whose pulse a crash cut short is switched off by the next start.
    """

    def __init__(self, library: GpioLibrary, wiring: PanelWiring, failed: Callable[[str], None]) -> None:
        """Set the pins up, all off. Raises: DeviceMissing - one of them is taken."""
        self._library = library
        self._wiring = wiring
        self._tell_failed = failed
        self._has_failed = False
        self._sink: EventSink | None = None
        self._tamper: TamperSwitch | None = None
        self._drawer_free = True
        self._drawer_off: asyncio.TimerHandle | None = None
        self._levels: dict[int, bool] = {}
        self._buzzer: Buzzer | None = None
        with told("panel"):
            if wiring.buzzer is not None:
                self._buzzer = Buzzer(library, wiring.buzzer, active=wiring.buzzer_active, failed=self._failed)
            outputs = dict.fromkeys(wiring.lights.values(), wiring.lights_high)
            if wiring.backlight is not None:
                outputs[wiring.backlight] = wiring.lights_high
            if wiring.drawer is not None:
                outputs[wiring.drawer] = wiring.drawer_high
            for pin, high in outputs.items():
                library.setup(pin, library.OUT, initial=library.LOW if high else library.HIGH)
            if wiring.tamper is not None:
                self._tamper = TamperSwitch(library, wiring.tamper, self._failed)

    def start(self, sink: EventSink) -> None:
        """Begin to watch the tamper switch. Raises: DeviceMissing - the library hears no edges."""
        self._sink = sink
        if self._tamper is not None:
            with told("panel: the tamper switch"):
                self._tamper.start(self._opened)

    def beep(self, beep: Beep) -> None:
        """Sound a beep, where there is a buzzer."""
        if self._buzzer is not None:
            self._buzzer.play(beep)

    def light(self, lights: Lights) -> None:
        """Set the lights that there are."""
        for light in fields(lights):
            pin = self._wiring.lights.get(light.name)
            if pin is not None:
                self._set(pin, on=getattr(lights, light.name), high=self._wiring.lights_high)

    def attend(self, waiting: bool) -> None:
        """Light the keys while the terminal waits for a person."""
        if self._wiring.backlight is not None:
            self._set(self._wiring.backlight, on=waiting, high=self._wiring.lights_high)

    def open_drawer(self) -> None:
        """Pulse the drawer's magnet, unless it still rests from the last time."""
        pin, loop = self._wiring.drawer, asyncio.get_running_loop()
        if pin is None or not self._drawer_free:
            return
        self._drawer_free = False
        pulse_s = self._wiring.drawer_ms / 1000
        self._drawer_off = loop.call_later(pulse_s, self._end_pulse)
        loop.call_later(pulse_s * (1 + DRAWER_RESTS), self._free_drawer)
        self._set(pin, on=True, high=self._wiring.drawer_high)

    def feed_watchdog(self) -> None:
        """Look at the tamper switch: an edge may have been lost."""
        if self._tamper is not None:
            self._tamper.glance()

    async def close(self) -> None:
        """Go quiet and let go of all pins but those that keep their level: lights, and a drawer that stays shut."""
        self._sink = None
        if self._buzzer is not None:
            self._buzzer.close()
            self._buzzer = None
        if self._tamper is not None:
            await self._tamper.close()
        if self._drawer_off is not None:
            self._drawer_off.cancel()
            self._end_pulse()
        loose = (self._wiring.buzzer, self._wiring.backlight, self._wiring.tamper)
        with contextlib.suppress(*vendor_errors()):
            self._library.cleanup([pin for pin in loose if pin is not None])

    def _set(self, pin: int, *, on: bool, high: bool) -> None:
        """Set an output where it is not set already."""
        if self._levels.get(pin, False) == on or self._has_failed:
            return
        try:
            self._library.output(pin, self._library.HIGH if on == high else self._library.LOW)
        except vendor_errors() as error:
            self._failed(error)
            return
        self._levels[pin] = on

    def _end_pulse(self) -> None:
        assert self._wiring.drawer is not None, "there is no drawer"
        self._drawer_off = None
        self._set(self._wiring.drawer, on=False, high=self._wiring.drawer_high)

    def _free_drawer(self) -> None:
        self._drawer_free = True

    def _opened(self) -> None:
        if self._sink is not None:
            self._sink.post(TamperDetected())

    def _failed(self, error: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._tell_failed(f"panel: a pin can no longer be used: {error}")
