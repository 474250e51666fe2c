"""What a display of pixels needs: its wires, luma.core, and the kernel's file of its bus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.gpio.needs import PINS
from drivers.header import i2c_device, spi_wires
from drivers.luma.options import ili9341_options, oled_options, st7789_options
from drivers.luma.wires import SpiWiring
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Library, Needs, Rail, Wire

_LUMA: Final = Library("luma.core", "displays")
_SPI_APPEARS: Final = "sudo raspi-config nonint do_spi 0"
_POWER: Final = (Wire("VCC", Rail.V3_3), Wire("GND", Rail.GROUND))


def st7789(options: Options, board: Path) -> Needs:
    """Of a colour display with an ST7789. Raises: ConfigError."""
    return _on_spi(st7789_options(options, board).wiring)


def ili9341(options: Options, board: Path) -> Needs:
    """Of a colour display with an ILI9341. Raises: ConfigError."""
    return _on_spi(ili9341_options(options, board).wiring)


def ssd1306(options: Options, board: Path) -> Needs:
    """Of a small display with an SSD1306. Raises: ConfigError."""
    wiring = oled_options(options, board).wiring
    if isinstance(wiring, SpiWiring):
        return _on_spi(wiring)
    return i2c_device(wiring.port, wiring.address, _LUMA, Rail.V3_3)


def _on_spi(wiring: SpiWiring) -> Needs:
    pins = (("DC", wiring.dc), ("RST", wiring.reset), ("BLK", wiring.backlight))
    own = tuple(Wire(signal, pin) for signal, pin in pins if pin is not None)
    return Needs(
        wires=(*_POWER, *spi_wires(wiring.port, wiring.select), *own),
        machine=(_LUMA, *PINS, DeviceFile(wiring.name, _SPI_APPEARS)),
    )
