"""What the devices on the header's pins need: their wires, the library, and the kernel's file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.gpio.options import keypad_wiring
from drivers.gpio.panel_options import panel_wiring
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Library, Needs, Rail, Wire

PINS: Final = (
    Library("RPi.GPIO", "pi"),
    DeviceFile("/dev/gpiochip*", "this machine has no pins: run it on a Raspberry Pi"),
)
"""What every device on pins needs of the machine."""


def keypad(options: Options, board: Path) -> Needs:
    """Of a matrix of keys. Raises: ConfigError."""
    wiring = keypad_wiring(options, board)
    rows = tuple(Wire(f"ROW {number}", pin) for number, pin in enumerate(wiring.rows, 1))
    columns = tuple(Wire(f"COL {number}", pin) for number, pin in enumerate(wiring.columns, 1))
    return Needs(wires=(*rows, *columns), machine=PINS)


def panel(options: Options, board: Path) -> Needs:
    """Of buzzer, lights, tamper switch and drawer, as far as the board has them. Raises: ConfigError."""
    wiring = panel_wiring(options, board)
    pins = {
        "BUZZER": wiring.buzzer,
        **{f"LED {name.upper()}": pin for name, pin in wiring.lights.items()},
        "BACKLIGHT": wiring.backlight,
        "TAMPER": wiring.tamper,
        "DRAWER": wiring.drawer,
    }
    wires = tuple(Wire(signal, pin) for signal, pin in pins.items() if pin is not None)
    return Needs(wires=(*wires, Wire("GND", Rail.GROUND)) if wires else (), machine=PINS)
