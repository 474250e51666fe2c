"""The keypad on USB, as a board asks for it."""

from __future__ import annotations

from functools import partial

from drivers.hid.device import open_alone
from drivers.hid.keypad import HidKeypad
from drivers.hid.options import device_of
from drivers.place import Options, Place


def keypad(options: Options, place: Place) -> HidKeypad:
    """A ten-key pad. Raises: ConfigError."""
    return HidKeypad(partial(open_alone, device_of("keypad", options, place.site.board)))
