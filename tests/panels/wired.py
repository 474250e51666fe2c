"""Each real display with the model of its panel: what the contract, the properties and the benchmark build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops

from drivers.drawing.oled import draw_oled
from drivers.drawing.tft import draw_tft
from drivers.luma.colour import ColourGlass
from drivers.luma.oled import OledGlass
from drivers.luma.options import ili9341_options, oled_options, st7789_options
from drivers.luma.wires import I2cWiring, Wire, spi_wire
from drivers.screen import Glass, Screen
from firmware.surfaces import Frame
from tests.panels.buses import LIGHT, Header, I2cBus, KernelI2c, SpiBus, Traffic
from tests.panels.colour_memory import as_kept, ili9341, st7789
from tests.panels.oled_memory import OledMemory

BOARD: Final = Path("shop.toml")
COLOUR_PINS: Final = {"dc": 24, "reset": 25, "backlight": LIGHT}


@dataclass
class Wired:
    """A display, the bus to its panel, and what is seen on the glass."""

    screen: Screen
    glass: Callable[[], Glass]
    traffic: Traffic
    expected: Callable[[Frame], Image.Image]
    seen: Callable[[], Image.Image]
    replug: Callable[[], None]
    pins: Header

    def shows(self, frame: Frame) -> bool:
        """Whether every pixel on the glass is the drawn one."""
        return ImageChops.difference(self.seen(), self.expected(frame)).getbbox() is None


def wired_colour(chip: str, rotate: int = 0) -> Wired:
    """An ST7789 or ILI9341 on SPI."""
    memory, read = {"st7789": (st7789(), st7789_options), "ili9341": (ili9341(), ili9341_options)}[chip]
    pins, traffic = Header(), Traffic()
    options = read(COLOUR_PINS | {"rotate": rotate}, BOARD)

    def light() -> None:
        pins.setup(LIGHT, pins.OUT, initial=pins.HIGH)

    def connect() -> ColourGlass:
        wire = spi_wire(options.wiring, pins, SpiBus(memory, pins, traffic))
        return ColourGlass(wire, options.panel, options.wiring.name, light, memory.pause)

    def expected(frame: Frame) -> Image.Image:
        return as_kept(turned(draw_tft(frame), rotate))

    return Wired(Screen(connect, 37, chinese=True), connect, traffic, expected, memory.picture, memory.lose_power, pins)


def wired_oled(bus: str, rotate: int = 0) -> Wired:
    """An SSD1306 on I2C or SPI."""
    memory, pins, traffic = OledMemory(), Header(), Traffic()
    table = {"bus": bus, "rotate": rotate} | (COLOUR_PINS if bus == "spi" else {})
    options = oled_options(table, BOARD)
    wiring = options.wiring

    def connect() -> OledGlass:
        if isinstance(wiring, I2cWiring):
            wire: Wire = KernelI2c(I2cBus(memory, wiring.address, traffic), wiring.address)
        else:
            wire = spi_wire(wiring, pins, SpiBus(memory, pins, traffic))
        return OledGlass(wire, options.rotate, wiring.name)

    def expected(frame: Frame) -> Image.Image:
        return turned(draw_oled(frame), rotate)

    return Wired(Screen(connect, 16, chinese=True), connect, traffic, expected, memory.picture, memory.lose_power, pins)


def turned(picture: Image.Image, rotate: int) -> Image.Image:
    """The picture as it is seen by somebody in front of a panel that hangs upside down."""
    return picture.transpose(Image.Transpose.ROTATE_180) if rotate else picture


WIRED: Final[dict[str, Callable[[], Wired]]] = {
    "st7789": lambda: wired_colour("st7789"),
    "ili9341": lambda: wired_colour("ili9341"),
    "ssd1306 on i2c": lambda: wired_oled("i2c"),
    "ssd1306 on spi": lambda: wired_oled("spi"),
}
