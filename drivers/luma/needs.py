"""What a display of pixels needs: its wires, luma.core, and the kernel's file of its bus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.gpio.needs import PINS
from drivers.header import i2c_wires, spi_wires
from drivers.luma.options import ili9341_options, oled_options, st7789_options
from drivers.luma.wires import I2cWiring, SpiWiring
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Library, Needs, Rail, Wire

_LUMA: Final = Library("luma.core", "displays")
I2C_APPEARS: Final = "sudo raspi-config nonint do_i2c 0"
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
    return _on_spi(wiring) if isinstance(wiring, SpiWiring) else on_i2c(wiring, _LUMA)


def _on_spi(wiring: SpiWiring) -> Needs:
    pins = (("DC", wiring.dc), ("RST", wiring.reset), ("BLK", wiring.backlight))
    own = tuple(Wire(signal, pin) for signal, pin in pins if pin is not None)
    return Needs(
        wires=(*_POWER, *spi_wires(wiring.port, wiring.select), *own),
        machine=(_LUMA, *PINS, DeviceFile(wiring.name, _SPI_APPEARS)),
    )


def on_i2c(wiring: I2cWiring, library: Library, power: tuple[Wire, ...] = _POWER) -> Needs:
    """Of any display on I2C that is driven by `library`."""
    return Needs(
        wires=(*power, *i2c_wires(wiring.port)),
        claims=(f"address 0x{wiring.address:02x} on I2C{wiring.port}",),
        machine=(library, DeviceFile(f"/dev/i2c-{wiring.port}", I2C_APPEARS)),
    )
