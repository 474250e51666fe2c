"""Each real display with the model of its panel: what the contract, the properties and the benchmark build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops

from drivers.drawing.lcd import lcd_rows
from drivers.drawing.oled import draw_oled
from drivers.drawing.tft import draw_tft
from drivers.framebuffer.glass import FramebufferGlass
from drivers.framebuffer.placing import placing
from drivers.hd44780.glass import CharacterGlass, Size
from drivers.hd44780.options import character_options
from drivers.hd44780.wires import Expander, ExpanderWiring, Pins, Wires
from drivers.luma.colour import ColourGlass
from drivers.luma.oled import OledGlass
from drivers.luma.options import ili9341_options, oled_options, st7789_options
from drivers.luma.wires import I2cWiring, Wire, spi_wire
from drivers.screen import Glass, Screen
from firmware.surfaces import Frame
from tests.panels.buses import LIGHT, Header, I2cBus, KernelI2c, SpiBus, Traffic
from tests.panels.character_memory import CharacterHeader, CharacterMemory, ExpanderBus
from tests.panels.colour_memory import as_kept, ili9341, st7789
from tests.panels.framebuffer_memory import FramebufferMemory, Panel
from tests.panels.oled_memory import OledMemory

BOARD: Final = Path("shop.toml")
COLOUR_PINS: Final = {"dc": 24, "reset": 25, "backlight": LIGHT}


@dataclass
class Wired:
    """A display, the bus to its panel, and what is seen on the glass."""

    screen: Screen
    glass: Callable[[], Glass]
    traffic: Traffic
    shows: Callable[[Frame], bool]
    """Whether every pixel or character on the glass is the drawn one."""
    replug: Callable[[], None]
    pins: Header


def same(seen: Image.Image, drawn: Image.Image) -> bool:
    """Whether two pictures have the same pixels."""
    return ImageChops.difference(seen, drawn).getbbox() is None


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

    def shows(frame: Frame) -> bool:
        return same(memory.picture(), as_kept(turned(draw_tft(frame), rotate)))

    return Wired(Screen(connect, 37, chinese=True), connect, traffic, shows, memory.lose_power, pins)


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

    def shows(frame: Frame) -> bool:
        return same(memory.picture(), turned(draw_oled(frame), rotate))

    return Wired(Screen(connect, 16, chinese=True), connect, traffic, shows, memory.lose_power, pins)


def wired_characters(bus: str, size: str) -> Wired:
    """An HD44780 behind an expander, or on pins."""
    pins_of_board = {"rs": 7, "enable": 8, "data": [25, 24, 23, 18]}
    options = character_options({"bus": bus, "size": size} | (pins_of_board if bus == "gpio" else {}), BOARD)
    memory, traffic = CharacterMemory(options.columns, options.rows), Traffic()
    expander, pins = ExpanderBus(memory, traffic), CharacterHeader(memory, traffic)

    def connect() -> CharacterGlass:
        wiring = options.wiring
        wires: Wires
        if isinstance(wiring, ExpanderWiring):
            wires = Expander(wiring, expander.connect, memory.pause)
        else:
            wires = Pins(wiring, pins, memory.pause)
        return CharacterGlass(wires, Size(options.columns, options.rows))

    def shows(frame: Frame) -> bool:
        return memory.text() == lcd_rows(frame, options.columns, options.rows)

    screen = Screen(connect, options.columns, chinese=False)
    return Wired(screen, connect, traffic, shows, memory.replug, pins)


def wired_framebuffer(panel: Panel, rotate: int = 0) -> Wired:
    """A panel of the kernel's."""
    traffic = Traffic()
    memory = FramebufferMemory(panel, traffic)

    def shows(frame: Frame) -> bool:
        place = placing(panel.width, panel.height)
        part, left, top = place.part(turned(draw_tft(frame), rotate), (0, 0, 320, 240))
        drawn = Image.new("RGB", (panel.width, panel.height))
        drawn.paste(part, (left, top))
        return same(memory.picture(), as_kept(drawn) if panel.order.endswith("565") else drawn)

    def connect() -> FramebufferGlass:
        return FramebufferGlass(memory, turned=rotate == 180)

    return Wired(Screen(connect, 37, chinese=True), connect, traffic, shows, memory.replug, Header())


def turned(picture: Image.Image, rotate: int) -> Image.Image:
    """The picture as it is seen by somebody in front of a panel that hangs upside down."""
    return picture.transpose(Image.Transpose.ROTATE_180) if rotate else picture


WIRED: Final[dict[str, Callable[[], Wired]]] = {
    "st7789": lambda: wired_colour("st7789"),
    "ili9341": lambda: wired_colour("ili9341"),
    "ssd1306 on i2c": lambda: wired_oled("i2c"),
    "ssd1306 on spi": lambda: wired_oled("spi"),
    "hd44780 20x4 on i2c": lambda: wired_characters("i2c", "20x4"),
    "hd44780 16x2 on pins": lambda: wired_characters("gpio", "16x2"),
    "framebuffer 800x480": lambda: wired_framebuffer(Panel(800, 480)),
    "framebuffer 480x320": lambda: wired_framebuffer(Panel(480, 320, "rgb565", padding=64)),
}
