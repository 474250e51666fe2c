"""The devices on the header's pins, as a board asks for them."""

from __future__ import annotations

from drivers.gpio.keypad import GpioKeypad
from drivers.gpio.library import load_library
from drivers.gpio.options import keypad_wiring
from drivers.gpio.panel import GpioPanel
from drivers.gpio.panel_options import panel_wiring
from drivers.place import Options, Place


def keypad(options: Options, place: Place) -> GpioKeypad:
    """The matrix of keys. Raises: ConfigError, DeviceMissing."""
    wiring = keypad_wiring(options, place.site.board)
    return GpioKeypad(load_library(), wiring, place.site.device_gone)


def panel(options: Options, place: Place) -> GpioPanel:
    """Buzzer, lights, tamper switch and drawer. Raises: ConfigError, DeviceMissing."""
    wiring = panel_wiring(options, place.site.board)
    return GpioPanel(load_library(), wiring, place.site.device_gone)
