"""What the drivers of a board need of it; a driver that is not in the table needs nothing but this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from drivers.place import Options
from drivers.wiring.conflicts import refuse_conflicts
from firmware.hal.needs import Examination, Needs

NEEDED: Final[Mapping[str, Mapping[str, str]]] = {
    "keypad": {"gpio": "drivers.gpio.needs:keypad", "hid": "drivers.hid.needs:keypad"},
    "display": {
        "framebuffer": "drivers.framebuffer.build:framebuffer_needs",
        "hd44780": "drivers.hd44780.needs:hd44780",
        "ili9341": "drivers.luma.needs:ili9341",
        "ssd1306": "drivers.luma.needs:ssd1306",
        "st7789": "drivers.luma.needs:st7789",
    },
    "panel": {"gpio": "drivers.gpio.needs:panel"},
    "printer": {
        "usb": "drivers.escpos.needs:usb",
        "serial": "drivers.escpos.needs:serial",
        "network": "drivers.escpos.needs:network",
    },
    "gauges": {"kernel": "drivers.kernel.options:gauges_needs"},
    "card_reader": {"pcsc": "drivers.pcsc.needs:card_reader"},
    "stripe_reader": {"hid": "drivers.hid.needs:stripe_reader", "serial": "drivers.stripe.needs:serial"},
    "scanner": {"hid": "drivers.hid.needs:scanner", "serial": "drivers.scanner.needs:serial"},
    "sealer": {"pkcs11": "drivers.pkcs11.needs:sealer"},
    "host": {"tcp": "drivers.link.needs:tcp_host", "serial": "drivers.link.needs:serial_host"},
}
"""Device, driver, and where the function is that tells its needs: `module:name`."""

Tell = Callable[[Options, Path], Needs]


def board_needs(tables: Mapping[str, Options], board: Path) -> dict[str, Needs]:
    """What each device of a board needs. Raises: ConfigError - an option is wrong, or two devices claim one thing."""
    found = {device: _needs(device, dict(options), board) for device, options in tables.items()}
    refuse_conflicts(board, found)
    return found


def examined(tables: Mapping[str, Options], board: Path) -> Examination:
    """Look whether this machine has what a board needs. Raises: ConfigError."""
    from drivers.doctor.examine import examine  # noqa: PLC0415 - a terminal that starts looks at nothing
    from drivers.doctor.machine import Machine  # noqa: PLC0415 - as above

    return examine(board_needs(tables, board), Machine())


def drawn(name: str, tables: Mapping[str, Options], board: Path) -> str:
    """The wiring diagram of a board, as SVG. Raises: ConfigError."""
    from drivers.wiring.layout import laid_out  # noqa: PLC0415 - a terminal that starts draws nothing
    from drivers.wiring.svg import as_svg  # noqa: PLC0415 - as above

    drivers = {device: str(options.get("driver")) for device, options in tables.items()}
    return as_svg(laid_out(name, board_needs(tables, board), drivers))


def _needs(device: str, options: dict[str, object], board: Path) -> Needs:
    where = NEEDED.get(device, {}).get(str(options.pop("driver", "")))
    if where is None:
        return Needs()
    module, name = where.split(":")
    tell: Tell = getattr(import_module(module), name)
    return tell(options, board)
