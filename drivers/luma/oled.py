"""The small display, 128 by 64 dots: SSD1306 on I2C or SPI.

Its memory is eight pages of eight rows. Only the columns that changed of the pages that changed are sent, into a
window. A controller that was left in the middle of a command takes what comes next for the rest of it, so that setting
it up begins with commands that do nothing.
Source: Solomon Systech SSD1306 datasheet, chapters 8 to 10 and the charge pump's application note.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from PIL import Image

from drivers.drawing.changes import Box, changed_boxes
from drivers.drawing.oled import HEIGHT, WIDTH, draw_oled
from drivers.drawing.packing import pages
from drivers.luma.wires import Wire, told
from firmware.surfaces import Frame

PAGE: Final = 8
CONTRAST: Final = 0xCF
_WHOLE: Final[Box] = (0, 0, WIDTH, HEIGHT)


class Order(IntEnum):
    """Commands."""

    ADDRESSING = 0x20
    COLUMNS = 0x21
    PAGES = 0x22
    FIRST_LINE_0 = 0x40
    CONTRAST = 0x81
    CHARGE_PUMP = 0x8D
    COLUMNS_FORTH = 0xA0
    COLUMNS_BACK = 0xA1
    SHOW_MEMORY = 0xA4
    NOT_INVERTED = 0xA6
    ROWS_DRIVEN = 0xA8
    DISPLAY_ON = 0xAF
    ROWS_FORTH = 0xC0
    ROWS_BACK = 0xC8
    OFFSET = 0xD3
    CLOCK = 0xD5
    PRECHARGE = 0xD9
    ROW_PINS = 0xDA
    OFF_LEVEL = 0xDB
    NOTHING = 0xE3


_DIRECTIONS: Final = {0: (Order.COLUMNS_BACK, Order.ROWS_BACK), 180: (Order.COLUMNS_FORTH, Order.ROWS_FORTH)}
"""By rotation: modules are made with the cable above the glass, which both of them turn."""


class OledGlass:
    """An SSD1306 on `wire`; `where` names it in errors."""

    def __init__(self, wire: Wire, rotate: int, where: str) -> None:
        self._wire = wire
        self._rotate = rotate
        self._where = where
        self._shown: Image.Image | None = None

    def set_up(self) -> None:
        """Set the controller up; what it shows stays until it is drawn over."""
        self._shown = None
        with told(self._where):
            self._wire.command(Order.NOTHING, Order.NOTHING)
            self._wire.command(Order.CLOCK, 0x80, Order.ROWS_DRIVEN, HEIGHT - 1, Order.OFFSET, 0)
            self._wire.command(Order.FIRST_LINE_0, Order.CHARGE_PUMP, 0x14, Order.ADDRESSING, 0)
            self._wire.command(*_DIRECTIONS[self._rotate], Order.ROW_PINS, 0x12, Order.CONTRAST, CONTRAST)
            self._wire.command(Order.PRECHARGE, 0xF1, Order.OFF_LEVEL, 0x40, Order.SHOW_MEMORY, Order.NOT_INVERTED)

    def draw(self, frame: Frame) -> None:
        """Send what `frame` changes. Raises: DisplayFailed - a bus, or no fonts."""
        picture = draw_oled(frame)
        boxes = (_WHOLE,) if self._shown is None else changed_boxes(self._shown, picture, 1, PAGE)
        with told(self._where):
            for box in boxes:
                left, top, right, bottom = box
                window = (Order.COLUMNS, left, right - 1, Order.PAGES, top // PAGE, bottom // PAGE - 1)
                self._wire.command(*window)
                self._wire.data(pages(picture.crop(box)))
            if self._shown is None:
                self._wire.command(Order.DISPLAY_ON)
        self._shown = picture

    def close(self) -> None:
        """Let go of the bus; the picture stays."""
        with told(self._where):
            self._wire.cleanup()
