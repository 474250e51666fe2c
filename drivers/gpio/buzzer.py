"""A buzzer on a pin: a passive one by pulse-width modulation, or an active one that knows a single tone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from drivers.gpio.library import GpioLibrary, Pwm, vendor_errors
from drivers.gpio.sounds import SOUNDS, Tone
from firmware.hal import Beep

_HALF: Final = 50.0
"""The duty cycle that is loudest, in percent."""


class Buzzer:
    """Plays one sound at a time; a new one cuts the one before. `failed` is called when the pin cannot be set."""

    def __init__(self, library: GpioLibrary, pin: int, *, active: bool, failed: Callable[[Exception], None]) -> None:
        self._library = library
        self._pin = pin
        self._failed = failed
        self._left: list[Tone] = []
        self._next: asyncio.TimerHandle | None = None
        library.setup(pin, library.OUT, initial=library.LOW)
        self._pwm: Pwm | None = None if active else library.PWM(pin, SOUNDS[Beep.KEY][0].hz)

    def play(self, beep: Beep) -> None:
        """Begin the sound of `beep`."""
        if self._next is not None:
            self._next.cancel()
        self._left = list(SOUNDS[beep])
        self._go_on()

    def close(self) -> None:
        """Go quiet, for good."""
        if self._next is not None:
            self._next.cancel()
        with contextlib.suppress(*vendor_errors()):
            self._silence()
        self._pwm = None

    def _go_on(self) -> None:
        """Sound the next tone; after the last, silence."""
        self._next = None
        try:
            if not self._left:
                self._silence()
                return
            tone = self._left.pop(0)
            self._sound(tone)
        except vendor_errors() as error:
            self._failed(error)
            return
        self._next = asyncio.get_running_loop().call_later(tone.ms / 1000, self._go_on)

    def _sound(self, tone: Tone) -> None:
        if not tone.hz:
            self._silence()
        elif self._pwm is None:
            self._library.output(self._pin, self._library.HIGH)
        else:
            self._pwm.ChangeFrequency(tone.hz)
            self._pwm.start(_HALF)

    def _silence(self) -> None:
        if self._pwm is None:
            self._library.output(self._pin, self._library.LOW)
        else:
            self._pwm.stop()
