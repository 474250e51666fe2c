"""What a display of characters needs: its wires, RPLCD, and the kernel's file of its bus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.gpio.needs import PINS
from drivers.hd44780.options import character_options
from drivers.hd44780.wires import ExpanderWiring
from drivers.header import i2c_device
from drivers.place import Options
from firmware.hal.needs import Library, Needs, Rail, Wire

_RPLCD: Final = Library("RPLCD", "displays")
_GROUNDED: Final = (Wire("VDD", Rail.V5), Wire("VSS", Rail.GROUND), Wire("R/W", Rail.GROUND))


def hd44780(options: Options, board: Path) -> Needs:
    """Of a display of characters, which is fed with 5 V. Raises: ConfigError."""
    wiring = character_options(options, board).wiring
    if isinstance(wiring, ExpanderWiring):
        return i2c_device(wiring.port, wiring.address, _RPLCD, Rail.V5)
    data = tuple(Wire(f"D{number}", pin) for number, pin in enumerate(wiring.data, 4))
    light = () if wiring.backlight is None else (Wire("A", wiring.backlight),)
    own = (Wire("RS", wiring.rs), Wire("E", wiring.enable), *data, *light)
    return Needs(wires=(*_GROUNDED, *own), machine=(_RPLCD, *PINS))
