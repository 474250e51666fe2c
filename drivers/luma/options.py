"""The `[display]` table of a board for a display of pixels, read into how it is wired and made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.header import BCM_LAST
from drivers.luma.panel import ILI9341, ST7789, Access, Panel
from drivers.luma.wires import SPEEDS_MHZ, I2cWiring, SpiWiring
from drivers.options import BoardOptions
from drivers.place import Options

ROTATIONS: Final = (0, 180)


@dataclass(frozen=True, slots=True)
class ColourOptions:
    """An ST7789 or ILI9341: /dev/spidevN.N, group `spi`, overlay `dtparam=spi=on`; pins of the header, group `gpio`."""

    wiring: SpiWiring
    panel: Panel


@dataclass(frozen=True, slots=True)
class OledOptions:
    """An SSD1306 on SPI, or on I2C: /dev/i2c-N, group `i2c`, overlay `dtparam=i2c_arm=on,i2c_arm_baudrate=400000`."""

    wiring: I2cWiring | SpiWiring
    rotate: int


def st7789_options(content: Options, board: Path) -> ColourOptions:
    """The options of an ST7789; most of its modules have a glass that inverts. Raises: ConfigError."""
    return _colour(BoardOptions(board, "display", content), ST7789, inverted=True, bgr=False)


def ili9341_options(content: Options, board: Path) -> ColourOptions:
    """The options of an ILI9341; most of its modules have a glass that begins with blue. Raises: ConfigError."""
    return _colour(BoardOptions(board, "display", content), ILI9341, inverted=False, bgr=True)


def _colour(options: BoardOptions, access: Mapping[int, Access], *, inverted: bool, bgr: bool) -> ColourOptions:
    wiring, rotate = _spi(options, speed_mhz=40), _rotation(options)
    inverted, bgr = options.take("inverted", bool, inverted), options.take("bgr", bool, bgr)
    options.done()
    return ColourOptions(wiring, Panel(access[rotate] | Access.BGR if bgr else access[rotate], inverted))


def oled_options(content: Options, board: Path) -> OledOptions:
    """The options of an SSD1306. Raises: ConfigError."""
    options = BoardOptions(board, "display", content)
    bus = options.choice("bus", ("i2c", "spi"), "i2c")
    wiring = _spi(options, speed_mhz=8) if bus == "spi" else _i2c(options)
    found = OledOptions(wiring, _rotation(options))
    options.done()
    return found


def _i2c(options: BoardOptions) -> I2cWiring:
    return I2cWiring(options.number("port", 0, 22, 1), options.number("address", 0x08, 0x77, 0x3C))


def _spi(options: BoardOptions, speed_mhz: int) -> SpiWiring:
    wiring = SpiWiring(
        options.number("port", 0, 1, 0),
        options.number("select", 0, 2, 0),
        options.number("speed_mhz", SPEEDS_MHZ[0], SPEEDS_MHZ[-1], speed_mhz),
        options.number("dc", 2, BCM_LAST),
        *(options.number(key, 2, BCM_LAST) if options.has(key) else None for key in ("reset", "backlight")),
    )
    if wiring.speed_mhz not in SPEEDS_MHZ:
        raise options.wrong("speed_mhz", f"must be one of {', '.join(map(str, SPEEDS_MHZ))}")
    if wiring.port == 0 and wiring.select > 1:
        raise options.wrong("select", "SPI 0 has the chip selects 0 and 1")
    return wiring


def _rotation(options: BoardOptions) -> int:
    rotate = options.take("rotate", int, 0)
    if rotate not in ROTATIONS:
        raise options.wrong("rotate", "must be 0 or 180: screens are drawn lying")
    return rotate
