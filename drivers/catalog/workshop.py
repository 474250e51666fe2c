"""Builds the devices that a board's tables name: a table of drivers, each with the function that builds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from drivers.place import Options, Place
from firmware.errors import ConfigError
from firmware.hal import Devices

Builder = Callable[[Options, Place], Any]

BUILDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "clock": {"system": "drivers.system:clock"},
    "entropy": {"system": "drivers.system:entropy"},
    "nvram": {"file": "drivers.file_nvram:nvram"},
    "sealer": {"file": "drivers.catalog.sealers:file", "pkcs11": "drivers.catalog.sealers:token"},
    "keypad": {
        "bench": "drivers.bench.build:keypad",
        "gpio": "drivers.gpio.build:keypad",
        "hid": "drivers.hid.build:keypad",
    },
    "display": {
        "bench": "drivers.bench.build:display",
        "framebuffer": "drivers.framebuffer.build:framebuffer",
        "hd44780": "drivers.hd44780.build:hd44780",
        "ili9341": "drivers.luma.build:ili9341",
        "ssd1306": "drivers.luma.build:ssd1306",
        "st7789": "drivers.luma.build:st7789",
    },
    "panel": {"bench": "drivers.bench.build:panel", "gpio": "drivers.gpio.build:panel"},
    "printer": {
        "bench": "drivers.bench.build:printer",
        "usb": "drivers.escpos.build:usb",
        "serial": "drivers.escpos.build:serial",
        "network": "drivers.escpos.build:network",
    },
    "gauges": {"bench": "drivers.bench.build:gauges", "kernel": "drivers.kernel.options:gauges"},
    "card_reader": {"bench": "drivers.bench.build:card_reader", "pcsc": "drivers.pcsc.build:card_reader"},
    "stripe_reader": {
        "bench": "drivers.bench.build:stripe_reader",
        "hid": "drivers.stripe.build:hid",
        "serial": "drivers.stripe.build:serial",
    },
    "scanner": {"hid": "drivers.scanner.build:hid", "serial": "drivers.scanner.build:serial"},
    "pin_pad": {"bench": "drivers.bench.build:pin_pad", "keypad": "drivers.keypad_pin.build:pin_pad"},
    "host": {
        "bench": "drivers.bench.build:host",
        "tcp": "drivers.link.options:tcp_host",
        "serial": "drivers.link.options:serial_host",
    },
}
"""Device, driver, and where the function is that builds it: `module:name`, imported when a board asks for it.

Devices are built in this order, so that a later one finds those before it in `Place.built`.
"""


def builder(where: str) -> Builder:
    """The function that `module:name` names."""
    module, name = where.split(":")
    found: Builder = getattr(import_module(module), name)
    return found


class Workshop:
    """Builds the devices of one board."""

    def __init__(self, tables: Mapping[str, Options], place: Place) -> None:
        self._tables = tables
        self._place = place

    def devices(self) -> Devices:
        """Every device of the board. Raises: ConfigError, DeviceError."""
        return Devices(**{device: self.make(device) for device in BUILDERS if device in self._tables})

    def make(self, device: str) -> Any:
        """One device of the board. Raises: ConfigError, DeviceError."""
        options = dict(self._tables[device])
        name = str(options.pop("driver"))
        where = BUILDERS[device].get(name)
        if where is None:
            known = ", ".join(sorted(BUILDERS[device]))
            raise ConfigError(f"{self._place.site.board}: [{device}] driver: no driver {name!r}; there are: {known}")
        made = self._place.built[device] = builder(where)(options, self._place)
        return made
