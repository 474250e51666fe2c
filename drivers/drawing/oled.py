"""The small screen, 128 by 64 dots in one colour: four rows of sixteen half-width cells, the title inverted on top."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageDraw

from drivers.drawing import fonts
from drivers.drawing.fitting import Ruler, Setting, Style, fit_body, place_labels
from firmware.surfaces import Align, Entry, EntryKind, Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firmware.surfaces import SoftKey

WIDTH: Final = 128
HEIGHT: Final = 64

LIT: Final = 255
"""The value of a lit dot: Pillow inverts mode "1" by bytes, so 1 would not do."""

_ROW: Final = 16
_ROWS: Final = HEIGHT // _ROW
_CENTERED: Final = frozenset({EntryKind.PIN, EntryKind.DATE})

_RULER: Final = Ruler(fonts.width, "…")
_LARGE_RULER: Final = Ruler(partial(fonts.width, scale=2), "…")
_SMALL_RULER: Final = Ruler(partial(fonts.width, size=fonts.SMALL), "…")


def draw_oled(frame: Frame) -> Image.Image:
    """Draw `frame` as the small screen shows it, mode "1". Raises: DisplayFailed - the fonts are not installed."""
    image = Image.new("1", (WIDTH, HEIGHT))
    _draw_title(image, frame)
    last = _ROWS
    if frame.soft_keys:
        last -= 1
        _draw_soft_keys(image, frame.soft_keys)
    if frame.entry is not None:
        last = _draw_entry(image, frame.entry, last, lines=len(frame.lines))
    lines = [replace(line, text=fonts.shown(line.text)) for line in frame.lines]
    body = fit_body(lines, (last - 1) * _ROW, Style(_ROW, WIDTH, _RULER), Style(2 * _ROW, WIDTH, _LARGE_RULER))
    top = _ROW
    for setting in body.settings:
        top = _draw_setting(image, setting, top)
    return image


def _row_mask(text: str, scale: int = 1) -> Image.Image:
    """The text in a cell of 16 dots: what hangs below it is drawn on its last row of dots."""
    whole = fonts.text_mask(text, fonts.BODY, scale)
    cell = _ROW * scale
    mask = whole.crop((0, 0, whole.width, cell))
    for hanging in range(cell, whole.height, scale):
        below = whole.crop((0, hanging, whole.width, hanging + scale))
        box = (0, cell - scale, whole.width, cell)
        mask.paste(ImageChops.logical_or(mask.crop(box), below), box)
    return mask


def _draw_text(image: Image.Image, top: int, text: str, align: Align, scale: int = 1) -> None:
    mask = _row_mask(text, scale)
    wide = fonts.width(text, scale=scale)
    left = {Align.LEFT: 0, Align.CENTER: (WIDTH - wide) // 2, Align.RIGHT: WIDTH - wide}[align]
    image.paste(LIT, (left, top), mask)


def _invert(image: Image.Image, top: int, bottom: int) -> None:
    box = (0, top, WIDTH, bottom)
    image.paste(ImageChops.invert(image.crop(box)), box)


def _draw_title(image: Image.Image, frame: Frame) -> None:
    clock = _SMALL_RULER.cut(fonts.shown(frame.clock), WIDTH // 3)
    title = fonts.shown(frame.title)
    room = WIDTH - 2
    if clock and fonts.width(title) <= room - fonts.width(clock, fonts.SMALL) - 6:
        image.paste(LIT, (room - fonts.width(clock, fonts.SMALL), 1), fonts.text_mask(clock, fonts.SMALL))
        image.paste(LIT, (2, 0), _row_mask(title))
    else:
        _draw_text(image, 0, _RULER.cut(title, room), Align.CENTER)
    _invert(image, 0, _ROW)


def _draw_soft_keys(image: Image.Image, soft_keys: Sequence[SoftKey]) -> None:
    top = HEIGHT - _ROW
    keys = [replace(key, label=fonts.shown(key.label)) for key in soft_keys]
    draw = ImageDraw.Draw(image)
    for label in place_labels(keys, WIDTH, _SMALL_RULER, gap=3):
        draw.rectangle((label.left, top + 1, label.right - 2, HEIGHT - 1), fill=LIT)
        wide = fonts.width(label.text, fonts.SMALL)
        left = label.left + max(1, (label.right - label.left - wide) // 2)
        image.paste(0, (left, top + 1), fonts.text_mask(label.text, fonts.SMALL))


def _draw_setting(image: Image.Image, setting: Setting, top: int) -> int:
    scale = 2 if setting.large else 1
    for row in setting.rows:
        _draw_text(image, top, row, setting.line.align, scale)
        if setting.line.marked:
            _invert(image, top, top + _ROW * scale)
        top += _ROW * scale
    return top


def _draw_entry(image: Image.Image, entry: Entry, last: int, *, lines: int) -> int:
    """Draw what is typed on the rows above row `last`, two of them where the lines leave room; returns its first row."""
    text = fonts.shown(entry.text)
    large = last - 1 - min(lines, 2) >= 2 and fonts.width(text, scale=2) <= WIDTH  # noqa: PLR2004 - two rows
    first = last - 2 if large else last - 1
    align = Align.CENTER if entry.kind in _CENTERED else Align.RIGHT
    _draw_text(image, first * _ROW, _RULER.cut_start(text, WIDTH), align, 2 if large else 1)
    return first
