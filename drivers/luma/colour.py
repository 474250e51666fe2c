"""The colour displays, 320 by 240 pixels on SPI: ST7789 and ILI9341, controllers of one family of commands.

Only the rectangles that changed are sent, two bytes for each pixel, into a window of the controller's memory. Whatever
is not set here has the value that a reset gives it. The display is switched on when its first picture is whole.
Source: Sitronix ST7789V and Ilitek ILI9341 datasheets, chapters on commands and on memory to display mapping.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from PIL import Image

from drivers.drawing.changes import Box, changed_boxes
from drivers.drawing.packing import rgb565
from drivers.drawing.tft import HEIGHT, WIDTH, draw_tft
from drivers.luma.panel import Panel
from drivers.luma.wires import Wire, told
from firmware.surfaces import Frame

ROW_GAP: Final = 4
"""Fewer rows than this cost less than another window: it takes eleven bytes in five transfers."""
RESET_S: Final = 0.12
WAKE_S: Final = 0.005
BITS_16: Final = 0x55

_WHOLE: Final[Box] = (0, 0, WIDTH, HEIGHT)


class Order(IntEnum):
    """Commands."""

    SOFTWARE_RESET = 0x01
    SLEEP_OUT = 0x11
    INVERSION_OFF = 0x20
    INVERSION_ON = 0x21
    DISPLAY_ON = 0x29
    COLUMNS = 0x2A
    ROWS = 0x2B
    MEMORY_WRITE = 0x2C
    MEMORY_ACCESS = 0x36
    PIXEL_FORMAT = 0x3A


class ColourGlass:
    """A colour display on `wire`; `light` switches its backlight on. `where` names it in errors."""

    def __init__(
        self,
        wire: Wire,
        panel: Panel,
        where: str,
        light: Callable[[], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire = wire
        self._panel = panel
        self._where = where
        self._light = light
        self._pause = pause
        self._reset = False
        self._shown: Image.Image | None = None

    def set_up(self) -> None:
        """Reset the controller, the first time only, and set it up; what it shows stays until it is drawn over."""
        self._shown = None
        with told(self._where):
            if not self._reset:
                self._wire.command(Order.SOFTWARE_RESET)
                self._pause(RESET_S)
                self._reset = True
            self._wire.command(Order.SLEEP_OUT)
            self._pause(WAKE_S)
            self._order(Order.PIXEL_FORMAT, bytes([BITS_16]))
            self._order(Order.MEMORY_ACCESS, bytes([self._panel.access]))
            self._wire.command(Order.INVERSION_ON if self._panel.inverted else Order.INVERSION_OFF)

    def draw(self, frame: Frame) -> None:
        """Send what `frame` changes. Raises: DisplayFailed - a bus, or no fonts."""
        picture = draw_tft(frame)
        boxes = (_WHOLE,) if self._shown is None else changed_boxes(self._shown, picture, ROW_GAP)
        with told(self._where):
            for box in boxes:
                self._send(picture.crop(box), box)
            if self._shown is None:
                self._wire.command(Order.DISPLAY_ON)
                self._light()
        self._shown = picture

    def close(self) -> None:
        """Let go of the bus; the picture stays."""
        with told(self._where):
            self._wire.cleanup()

    def _send(self, part: Image.Image, box: Box) -> None:
        left, top, right, bottom = box
        self._order(Order.COLUMNS, _range(left, right))
        self._order(Order.ROWS, _range(top, bottom))
        self._order(Order.MEMORY_WRITE, rgb565(part))

    def _order(self, order: Order, values: bytes) -> None:
        self._wire.command(order)
        self._wire.data(values)


def _range(first: int, behind: int) -> bytes:
    return first.to_bytes(2, "big") + (behind - 1).to_bytes(2, "big")
