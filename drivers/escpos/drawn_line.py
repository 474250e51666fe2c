"""One line of text as a picture, for printers without Chinese characters in ROM.

Each character stands in the cells that `cell_width` gives it, so that a drawn line agrees with a printed one. The font
comes from a Debian package; nothing is shipped.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from drivers.escpos.fonts import font_file
from drivers.escpos.layout import TextLine
from firmware.surfaces import Align, cell_width

FONT_DOTS: Final = 24
LINE_DOTS: Final = 30


@lru_cache(maxsize=2)
def font(dots: int = FONT_DOTS) -> ImageFont.FreeTypeFont:
    """Open the font at `dots` height. Raises: ConfigError - none of the font packages is installed."""
    path, face = font_file()
    return ImageFont.truetype(path, dots, index=face)


def draw_line(line: TextLine, columns: int, dots: int) -> Image.Image:
    """Draw `line` across a paper of `columns` cells and `dots` width, black on white, with its size and alignment."""
    cell_dots = dots // columns
    across, down = 1 + line.wide, 1 + line.tall
    strip = Image.new("1", (max(cell_width(line.text), 1) * cell_dots, LINE_DOTS), 1)
    pen = ImageDraw.Draw(strip)
    pen.fontmode = "1"
    left = 0
    for character in line.text:
        pen.text((left, 2), character, font=font(cell_dots * 2), fill=0)
        if line.bold:
            pen.text((left + 1, 2), character, font=font(cell_dots * 2), fill=0)
        left += cell_width(character) * cell_dots
    strip = strip.resize((strip.width * across, strip.height * down), Image.Resampling.NEAREST)
    spare = dots - strip.width
    paper = Image.new("1", (dots, strip.height), 1)
    paper.paste(strip, ({Align.LEFT: 0, Align.CENTER: spare // 2, Align.RIGHT: spare}[line.align], 0))
    return paper
