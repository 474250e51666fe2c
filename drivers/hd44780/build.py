"""The display of characters, as a board asks for it; it has no Chinese, so that the terminal speaks English."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from drivers.gpio.library import load_library
from drivers.hd44780.options import CharacterOptions, character_options
from drivers.hd44780.wires import Expander, ExpanderWiring, Pins, Wires
from drivers.place import Options, Place
from drivers.screen import Screen
from firmware.hal.errors import DeviceMissing

if TYPE_CHECKING:
    from drivers.hd44780.glass import CharacterGlass


def hd44780(options: Options, place: Place) -> Screen:
    """A display of characters. Raises: ConfigError, DeviceMissing - RPLCD is not installed."""
    found = character_options(options, place.site.board)
    if find_spec("RPLCD") is None:
        raise DeviceMissing("a display of characters needs the library RPLCD: install tillberry[displays]")
    return Screen(lambda: character_glass(found), found.columns, chinese=False)


def character_glass(options: CharacterOptions, load: Callable[[], Any] = load_library) -> CharacterGlass:
    """Connect a display of characters; `load` finds the pins' library. Raises: DisplayFailed, DeviceMissing."""
    from drivers.hd44780.glass import CharacterGlass, Size  # noqa: PLC0415 - RPLCD is loaded in the thread that draws

    wiring = options.wiring
    wires: Wires = Expander(wiring) if isinstance(wiring, ExpanderWiring) else Pins(wiring, load())
    return CharacterGlass(wires, Size(options.columns, options.rows))
