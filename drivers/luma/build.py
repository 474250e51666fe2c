"""The displays of pixels, as a board asks for them. Pillow, luma and fonts are loaded by the thread that draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from drivers.drawing.models import DISPLAY_MODELS
from drivers.gpio.library import load_library
from drivers.gpio.library import told as pins_told
from drivers.luma.options import ColourOptions, OledOptions, ili9341_options, oled_options, st7789_options
from drivers.luma.wires import SpiWiring, i2c_wire, spi_wire
from drivers.place import Options, Place
from drivers.screen import Glass, Screen
from firmware.hal.errors import DeviceMissing

if TYPE_CHECKING:
    from drivers.luma.colour import ColourGlass
    from drivers.luma.oled import OledGlass


def st7789(options: Options, place: Place) -> Screen:
    """A colour display with an ST7789. Raises: ConfigError, DeviceMissing - luma.core is not installed."""
    return _screen(partial(colour_glass, st7789_options(options, place.site.board)), "tft-320x240")


def ili9341(options: Options, place: Place) -> Screen:
    """A colour display with an ILI9341. Raises: as `st7789`."""
    return _screen(partial(colour_glass, ili9341_options(options, place.site.board)), "tft-320x240")


def ssd1306(options: Options, place: Place) -> Screen:
    """A small display with an SSD1306. Raises: as `st7789`."""
    return _screen(partial(oled_glass, oled_options(options, place.site.board)), "oled-128x64")


def colour_glass(options: ColourOptions, load: Callable[[], Any] = load_library) -> ColourGlass:
    """Connect a colour display, with the pins' library that `load` finds. Raises: DisplayFailed, DeviceMissing."""
    from drivers.luma.colour import ColourGlass  # noqa: PLC0415 - see the first line

    wiring, pins = options.wiring, load()
    return ColourGlass(spi_wire(wiring, pins), options.panel, wiring.name, _light(wiring, pins))


def oled_glass(options: OledOptions, load: Callable[[], Any] = load_library) -> OledGlass:
    """Connect an SSD1306. Raises: as `colour_glass`."""
    from drivers.luma.oled import OledGlass  # noqa: PLC0415 - see the first line

    wiring = options.wiring
    wire = spi_wire(wiring, load()) if isinstance(wiring, SpiWiring) else i2c_wire(wiring)
    return OledGlass(wire, options.rotate, wiring.name)


def _light(wiring: SpiWiring, pins: Any) -> Callable[[], None]:
    """What switches the backlight on, where it hangs on a pin."""

    def light() -> None:
        if wiring.backlight is not None:
            with pins_told("display backlight"):
                pins.setup(wiring.backlight, pins.OUT, initial=pins.HIGH)

    return light


def _screen(connect: Callable[[], Glass], model: str) -> Screen:
    if find_spec("luma") is None:
        raise DeviceMissing("a display on SPI or I2C needs the library luma.core: install tillberry[displays]")
    drawn = DISPLAY_MODELS[model]
    return Screen(connect, drawn.columns, chinese=drawn.chinese)
