"""What the devices on the header's pins need: their wires, the library, and the kernel's file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.gpio.options import keypad_wiring
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Library, Needs, Wire

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
