"""The `[display]` table of a board for a display of characters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.hd44780.wires import ExpanderWiring, PinWiring
from drivers.header import BCM_LAST
from drivers.options import BoardOptions
from drivers.place import Options

SIZES: Final = {"20x4": (20, 4), "16x2": (16, 2)}
DATA_PINS: Final = 4


@dataclass(frozen=True, slots=True)
class CharacterOptions:
    """An HD44780 behind a PCF8574: /dev/i2c-N, group `i2c`, overlay `dtparam=i2c_arm=on`; or on pins, group `gpio`."""

    wiring: ExpanderWiring | PinWiring
    columns: int
    rows: int


def character_options(content: Options, board: Path) -> CharacterOptions:
    """The options of an HD44780. Raises: ConfigError."""
    options = BoardOptions(board, "display", content)
    columns, rows = SIZES[options.choice("size", tuple(SIZES), "20x4")]
    bus = options.choice("bus", ("i2c", "gpio"), "i2c")
    found = CharacterOptions(_pins(options) if bus == "gpio" else _expander(options), columns, rows)
    options.done()
    return found


def _expander(options: BoardOptions) -> ExpanderWiring:
    return ExpanderWiring(options.number("port", 0, 22, 1), options.number("address", 0x08, 0x77, 0x27))


def _pins(options: BoardOptions) -> PinWiring:
    data = options.take("data", list)
    pins = tuple(pin for pin in data if type(pin) is int and 2 <= pin <= BCM_LAST)
    if len(pins) != len(data) or len(set(pins)) != DATA_PINS:
        raise options.wrong("data", f"must be the four BCM numbers of D4 to D7, 2 to {BCM_LAST}, each once")
    return PinWiring(
        options.number("rs", 2, BCM_LAST),
        options.number("enable", 2, BCM_LAST),
        pins,
        options.number("backlight", 2, BCM_LAST) if options.has("backlight") else None,
    )
