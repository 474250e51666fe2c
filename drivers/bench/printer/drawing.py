"""A receipt as a picture: thermal paper with crisp characters, real codes, and torn edges.

Drawn at the printer's own dots, so that what looks wrong here is wrong on paper. The font comes from a Debian package.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Final

import barcode
import qrcode
from PIL import Image, ImageDraw, ImageFont

from drivers.bench.printer.carriage import CELL_DOTS, READABLE_DOTS
from drivers.bench.printer.operations import LinearCode, Picture, QrCode, Side
from drivers.bench.printer.paper import GLYPH_DOTS, PaperReceipt, PlacedGlyph, PrintedFigure, PrintedLine, readable_data
from firmware.errors import ConfigError

FONTS: Final = (
    ("fonts-wqy-zenhei", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 1),
    ("fonts-wqy-microhei", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 1),
)
"""Debian package, file and face, the best first; face 1 has Latin letters of half width."""

MARGIN: Final = 32
TOOTH: Final = 8
EDGE: Final = 44
PAPER: Final = (252, 251, 247)
INK: Final = (34, 32, 38)
TABLE: Final = (226, 226, 229)
HEIGHT_MAX: Final = 60_000
QR_LEVELS: Final = {"L": 1, "M": 0, "Q": 3, "H": 2}
"""The numbers of the error correction levels in the code itself (ISO/IEC 18004, table 12)."""


def draw_receipt(receipt: PaperReceipt) -> bytes:
    """Return the receipt as PNG, black on paper colour. Raises: ConfigError - no Chinese font is installed."""
    width = receipt.columns * CELL_DOTS
    strips = [_line(item, width) if isinstance(item, PrintedLine) else _figure(item, width) for item in receipt.items]
    height = min(sum(strip.height for strip in strips), HEIGHT_MAX)
    ink = Image.new("1", (width, max(height, 1)))
    top = 0
    for strip in strips:
        ink.paste(strip, (0, top))
        top += strip.height
    return _png(_paper(ink, cut=receipt.cut))


def _paper(ink: Image.Image, *, cut: bool) -> Image.Image:
    """Put the ink on a piece of paper: torn at the top, cut or still in the printer at the bottom."""
    width, height = ink.width + 2 * MARGIN, ink.height + 2 * EDGE
    sheet = Image.new("RGB", (width, height), TABLE)
    pen = ImageDraw.Draw(sheet)
    bottom = height - 1 - TOOTH if cut else height
    teeth = [(x, TOOTH if (x // TOOTH) % 2 else 0) for x in range(0, width + TOOTH, TOOTH)]
    low = [(x, bottom + y) for x, y in teeth] if cut else [(0, bottom), (width, bottom)]
    pen.polygon([*teeth, *reversed(low)], fill=PAPER)
    sheet.paste(INK, (MARGIN, EDGE), ink)
    return sheet


def _png(sheet: Image.Image) -> bytes:
    out = io.BytesIO()
    sheet.quantize(4, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    for _, path, face in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, GLYPH_DOTS, index=face)
    raise ConfigError(f"no font to draw receipts with: install the Debian package {FONTS[0][0]}")


def _line(line: PrintedLine, width: int) -> Image.Image:
    strip = Image.new("1", (width, line.dots))
    left = _left(line.side, width - line.cells * CELL_DOTS)
    for glyph in line.glyphs:
        mask = _glyph(glyph)
        below = strip.height - mask.height
        strip.paste(mask, (left + glyph.cell * CELL_DOTS, max(0, below // 2)))
    return strip


@lru_cache(maxsize=4096)
def _drawn(character: str, cells: int) -> Image.Image:
    mask = Image.new("1", (cells * CELL_DOTS, GLYPH_DOTS))
    pen = ImageDraw.Draw(mask)
    pen.fontmode = "1"
    pen.text((0, GLYPH_DOTS - 3), character, font=_font(), fill=1, anchor="ls")
    return mask


def _glyph(glyph: PlacedGlyph) -> Image.Image:
    style = glyph.style
    mask = _drawn(glyph.character, glyph.cells // style.across)
    if style.bold:
        bold = mask.copy()
        bold.paste(1, (1, 0), mask)
        mask = bold
    mask = mask.resize((mask.width * style.across, mask.height * style.down), Image.Resampling.NEAREST)
    if style.underline:
        ImageDraw.Draw(mask).line((0, mask.height - 1, mask.width, mask.height - 1), fill=1, width=2)
    return mask.point(lambda dot: 255 - dot) if style.reverse else mask


def _figure(item: PrintedFigure, width: int) -> Image.Image:
    match item.figure:
        case QrCode():
            drawn = _qr(item.figure)
        case LinearCode():
            drawn = _linear(item.figure)
        case Picture():
            drawn = _picture(item.figure)
    strip = Image.new("1", (width, drawn.height))
    strip.paste(drawn, (_left(item.side, width - drawn.width), 0))
    return strip


def _left(side: Side, spare: int) -> int:
    return {Side.LEFT: 0, Side.CENTER: max(0, spare) // 2, Side.RIGHT: max(0, spare)}[side]


def _qr(code: QrCode) -> Image.Image:
    made = qrcode.QRCode(error_correction=QR_LEVELS[code.level], border=1)
    made.add_data(code.data, optimize=0)
    matrix = made.get_matrix()
    modules = Image.new("1", (len(matrix), len(matrix)))
    modules.putdata([255 * module for row in matrix for module in row])
    size = len(matrix) * code.module_dots
    return modules.resize((size, size), Image.Resampling.NEAREST)


def _linear(code: LinearCode) -> Image.Image:
    """Draw the bars of a barcode, and its text below; a kind that cannot be drawn is a frame with its text."""
    text = readable_data(code)
    bars = _bars(code.symbology, text)
    width = max(len(bars) * code.module_dots, len(text) * CELL_DOTS)
    drawn = Image.new("1", (width, code.height_dots + READABLE_DOTS * code.readable))
    pen = ImageDraw.Draw(drawn)
    left = (width - len(bars) * code.module_dots) // 2
    for place, bar in enumerate(bars):
        if bar == "1":
            start = left + place * code.module_dots
            pen.rectangle((start, 0, start + code.module_dots - 1, code.height_dots - 1), fill=1)
    if code.readable:
        pen.fontmode = "1"
        pen.text((width // 2, drawn.height - 4), text, font=_font(), fill=1, anchor="ms")
    return drawn


def _bars(symbology: str, text: str) -> str:
    name = symbology.lower().replace("-", "").replace("gs1128", "code128")
    try:
        return str(barcode.get(name, text).build()[0])
    except (barcode.errors.BarcodeError, ValueError, KeyError):
        return "1" + "0" * 60 + "1"


def _picture(picture: Picture) -> Image.Image:
    drawn = Image.frombytes("1", (picture.width, picture.height), picture.rows)
    return drawn.resize((picture.width * picture.across, picture.height * picture.down), Image.Resampling.NEAREST)
