"""The bitmap fonts of the screens: WenQuanYi Bitmap Song at 16 and 12 pixels, and masks of text made with it.

A mask is a picture of mode "1" whose lit pixels are the text; nothing here is anti-aliased. Fonts are loaded when they
are first used and stay loaded. Text must have gone through `shown` before its mask or its width is asked for.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageDraw, ImageFont

from drivers.drawing.scaling import enlarged
from firmware.hal.errors import DisplayFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

BODY: Final = 16
"""The size in pixels of the ordinary font; its cells are 18 high, descenders included."""

SMALL: Final = 12
"""The size in pixels of the small font; its cells are 15 high, descenders included."""

DEBIAN_PACKAGE: Final = "xfonts-wqy"

FONT_DIRECTORIES: Final = tuple(
    Path(place)
    for place in (
        "/usr/share/fonts/X11/misc",
        "/usr/share/fonts/misc",
        "/usr/share/fonts/wqy-bitmap",
        "/usr/share/fonts/wqy-bitmap-fonts",
        "/usr/share/fonts/wenquanyi",
        "/usr/local/share/fonts",
    )
)
"""Where Debian and other distributions put the fonts."""

_FILES: Final = {BODY: "wenquanyi_12pt.pcf", SMALL: "wenquanyi_9pt.pcf"}
_DIGITS: Final = frozenset("0123456789")
_OVERHANG: Final = 2
"""How far the hook of a J reaches below the letter before it, in pixels; the first letter of a line loses it."""

_MISSING: Final = "□"
_TEXT_MAX: Final = 1000


def find_font(name: str, directories: Sequence[Path] = FONT_DIRECTORIES) -> Path:
    """Find the font file `name`, packed or not, in the first of `directories` that has it.

    Raises: DisplayFailed - no such file; the message names the Debian package to install.
    """
    for directory in directories:
        for candidate in (directory / name, directory / f"{name}.gz"):
            if candidate.is_file():
                return candidate
    raise DisplayFailed(f"the screen font {name} is not installed: apt-get install {DEBIAN_PACKAGE}")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = find_font(_FILES[size])
    try:
        # The basic layout gives the same pixels with and without libraqm on the machine.
        return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
    except OSError as exc:
        raise DisplayFailed(f"the screen font {path} cannot be read: {exc}") from exc


@lru_cache(maxsize=8192)
def _shown_character(character: str) -> str:
    if character == " " or not character.isprintable():
        return " "
    drawn = _font(BODY).getmask(character, mode="1").getbbox() and _font(SMALL).getmask(character, mode="1").getbbox()
    return character if drawn else _MISSING


def shown(text: str) -> str:
    """The text that can be drawn: control characters become spaces, characters without a glyph a box.

    Only the first 1000 characters are kept: no screen has room for more.
    """
    return "".join(map(_shown_character, text[:_TEXT_MAX]))


@lru_cache(maxsize=8192)
def _advance(character: str, size: int) -> int:
    # The font's 4 is a dot wider than its other digits; amounts below each other need them equal.
    return round(_font(size).getlength("0" if character in _DIGITS else character))


def width(text: str, size: int = BODY, scale: int = 1) -> int:
    """The pixels that `text` takes in a line."""
    return sum(_advance(character, size) for character in text) * scale


def cell_height(size: int = BODY, scale: int = 1) -> int:
    """The height in pixels of a mask."""
    return sum(_font(size).getmetrics()) * scale


@lru_cache(maxsize=512)
def text_mask(text: str, size: int = BODY, scale: int = 1) -> Image.Image:
    """The mask of one line, `width` wide and `cell_height` high; shared, so it must not be drawn upon."""
    mask = Image.new("1", (max(1, width(text, size, scale)), cell_height(size, scale)))
    left = 0
    for character in text:
        glyph = _glyph(character, size, scale)
        mask.paste(1, (left - _OVERHANG * scale, 0), glyph)
        left += _advance(character, size) * scale
    return mask


@lru_cache(maxsize=2048)
def _glyph(character: str, size: int, scale: int) -> Image.Image:
    plain = Image.new("1", (_OVERHANG + _advance(character, size), cell_height(size)))
    draw = ImageDraw.Draw(plain)
    draw.fontmode = "1"
    draw.text((_OVERHANG, 0), character, fill=1, font=_font(size))
    if scale == 1:
        return plain
    if character.isascii():
        return _bolder(enlarged(plain, scale))
    # Chinese strokes stand too close together for smoothing: it would join them.
    return _bolder(plain.resize((plain.width * scale, plain.height * scale), Image.Resampling.NEAREST))


def _bolder(glyph: Image.Image) -> Image.Image:
    """Strokes one dot wider: enlarged strokes alone look thin beside the height of the letters."""
    moved = Image.new("1", glyph.size)
    moved.paste(glyph, (1, 0))
    return ImageChops.logical_or(glyph, moved)
