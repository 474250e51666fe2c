"""The PIN pad on a board's own keypad, as the board asks for it by `driver = "keypad"`."""

from __future__ import annotations

from drivers.keypad_pin.pad import DivertibleKeypad, KeypadPinPad
from drivers.place import Options, Place
from firmware.errors import ConfigError


def pin_pad(options: Options, place: Place) -> KeypadPinPad:
    """The keypad, display and panel of this board as a PIN pad. Raises: ConfigError."""
    place.take_nothing("pin_pad", options)
    keypad = place.built["keypad"]
    if not isinstance(keypad, DivertibleKeypad):
        raise ConfigError(f"{place.site.board}: [pin_pad] driver: no PIN can be typed on this keypad")
    return KeypadPinPad(keypad, place.built["display"], place.built["panel"])
