"""The displays that Tillberry can draw for, by name: what has to be known of each before a pixel is drawn.

The terminal's process reads `columns` and `chinese` here, so importing this file loads neither Pillow nor a font; the
functions that draw import them when they are first called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

    from firmware.surfaces import Frame


@dataclass(frozen=True, slots=True)
class DisplayModel:
    """A kind of display.

    `columns` counts the half-width cells of a body line, `chinese` tells whether it can show Chinese, `width` and
    `height` are the size in pixels of the picture that `draw` makes of any frame. Raises (draw): DisplayFailed - the
    fonts are not installed.
    """

    name: str
    columns: int
    chinese: bool
    width: int
    height: int
    draw: Callable[[Frame], Image.Image]


def _draw_tft(frame: Frame) -> Image.Image:
    from drivers.drawing.tft import draw_tft  # noqa: PLC0415 - keeps Pillow off the start-up path

    return draw_tft(frame)


def _draw_oled(frame: Frame) -> Image.Image:
    from drivers.drawing.oled import draw_oled  # noqa: PLC0415 - keeps Pillow off the start-up path

    return draw_oled(frame)


def _draw_lcd(frame: Frame) -> Image.Image:
    from drivers.drawing.lcd import draw_lcd  # noqa: PLC0415 - keeps Pillow off the start-up path

    return draw_lcd(frame)


DISPLAY_MODELS: Final[Mapping[str, DisplayModel]] = MappingProxyType(
    {
        model.name: model
        for model in (
            DisplayModel("tft-320x240", columns=37, chinese=True, width=320, height=240, draw=_draw_tft),
            DisplayModel("oled-128x64", columns=16, chinese=True, width=128, height=64, draw=_draw_oled),
            DisplayModel("lcd-20x4", columns=20, chinese=False, width=520, height=180, draw=_draw_lcd),
        )
    }
)
