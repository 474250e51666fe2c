"""A GPIO panel on simulated pins, in an enclosure that can be opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from drivers.gpio.panel import GpioPanel, PanelWiring
from drivers.gpio.sounds import SOUNDS
from firmware.hal import Beep, Lights
from tests.contract.bench_wiring import Events
from tests.drivers.gpio.simulated_pins import SimulatedPins

GROUND: Final = -1
"""A pin that is always low."""
WIRING: Final = PanelWiring(
    buzzer=18,
    lights={"ready": 4, "busy": 17, "ok": 27, "error": 22},
    backlight=23,
    tamper=24,
    drawer=25,
)


class PanelRig:
    """A panel with its outside in reach; `failures` are what it said of its own end."""

    def __init__(self, wiring: PanelWiring = WIRING) -> None:
        self.pins = SimulatedPins()
        self.pins.setup(GROUND, self.pins.OUT, initial=self.pins.LOW)
        self.wiring = wiring
        self.events = Events()
        self.failures: list[str] = []
        self.shut_enclosure()
        self.panel = GpioPanel(self.pins, wiring, self.failures.append)

    def shut_enclosure(self) -> None:
        if self.wiring.tamper is not None:
            self.pins.close_switch((self.wiring.tamper, GROUND))

    def open_enclosure(self) -> None:
        assert self.wiring.tamper is not None
        self.pins.open_switch((self.wiring.tamper, GROUND))

    def sounded(self) -> list[float]:
        """The tones so far, in Hz; 0 is silence."""
        assert self.wiring.buzzer is not None
        return self.pins.wave(self.wiring.buzzer)

    def beeps(self) -> list[Beep]:
        """The sounds that were begun, known by their first tones."""
        begun = {sound[0].hz: beep for beep, sound in SOUNDS.items()}
        return [begun[hz] for hz in map(int, self.sounded()) if hz in begun]

    def lights(self) -> Lights:
        """Which lights shine."""
        on = self.pins.HIGH if self.wiring.lights_high else self.pins.LOW
        shining = {name: self.pins.driven(pin) == on for name, pin in self.wiring.lights.items()}
        return replace(Lights(), **shining)

    def drawer(self) -> int | None:
        """The level of the drawer's magnet."""
        assert self.wiring.drawer is not None
        return self.pins.driven(self.wiring.drawer)
