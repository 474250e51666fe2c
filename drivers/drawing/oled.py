"""The small screen, 128 by 64 dots in one colour: four rows of sixteen half-width cells, the title inverted on top."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageDraw

from drivers.drawing import fonts
from drivers.drawing.fitting import Body, Ruler, Setting, Style, Styles, fit_body, place_labels
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firmware.surfaces import SoftKey

WIDTH: Final = 128
HEIGHT: Final = 64

LIT: Final = 255
"""The value of a lit dot: Pillow inverts mode "1" by bytes, so 1 would not do."""

_ROW: Final = 16
_TITLE_MARGIN: Final = 2
_LABEL_GAP: Final = 3
_EMPTY: Final = "_"
"""What an empty entry shows, there being no frame around it."""

_ROWS: Final = HEIGHT // _ROW
_CENTERED: Final = frozenset({EntryKind.PIN, EntryKind.DATE})

_RULER: Final = Ruler(fonts.width, "…")
_LARGE_RULER: Final = Ruler(partial(fonts.width, scale=2), "…")
_SMALL_RULER: Final = Ruler(partial(fonts.width, size=fonts.SMALL), "…")
_LABEL_RULER: Final = Ruler(partial(fonts.width, size=fonts.SMALL), ".")
_NORMAL: Final = Style(_ROW, WIDTH, _RULER, fonts.BODY)
_LARGE: Final = Style(2 * _ROW, WIDTH, _LARGE_RULER, fonts.BODY, scale=2)
_SMALL: Final = Style(_ROW, WIDTH, _SMALL_RULER, fonts.SMALL)
_STYLES: Final = Styles(_NORMAL, _LARGE, _SMALL)
_DENSE: Final = Style(12, WIDTH, _SMALL_RULER, fonts.SMALL)
_DENSE_STYLES: Final = Styles(_DENSE)
"""Four rows of small letters where three ordinary ones are too few; a list to choose from scrolls instead."""


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
    room = (last - 1) * _ROW
    body = _fitted(lines, room)
    centred = frame.entry is None and all(line.align is Align.CENTER for line in lines)
    top = _ROW + ((room - body.height) // 2 if centred else 0)
    for setting in body.settings:
        top = _draw_setting(image, setting, top)
    return image


def _fitted(lines: Sequence[Line], room: int) -> Body:
    body = fit_body(lines, room, _STYLES)
    if body.whole or any(line.marked for line in lines):
        return body
    dense = fit_body(lines, room, _DENSE_STYLES)
    return dense if dense.whole or len(dense.settings) > len(body.settings) else body


def _row_mask(text: str, style: Style) -> Image.Image:
    """The text in its row: what hangs below the row is drawn on the row's last dots."""
    whole = fonts.text_mask(text, style.font, style.scale)
    first = 1 if style is _DENSE else 0  # The small font leaves its first row of dots to accents.
    height = style.row_height
    mask = whole.crop((0, first, whole.width, first + height))
    for hanging in range(first + height, whole.height, style.scale):
        below = whole.crop((0, hanging, whole.width, hanging + style.scale))
        mask.paste(LIT, (0, height - style.scale), below)
    return mask


def _draw_text(image: Image.Image, top: int, text: str, align: Align, style: Style) -> None:
    mask = _row_mask(text, style)
    wide = style.ruler.measure(text)
    left = {Align.LEFT: 0, Align.CENTER: (WIDTH - wide) // 2, Align.RIGHT: WIDTH - wide}[align]
    image.paste(LIT, (left, top), mask)


def _invert(image: Image.Image, top: int, bottom: int) -> None:
    box = (0, top, WIDTH, bottom)
    image.paste(ImageChops.invert(image.crop(box)), box)


def _draw_title(image: Image.Image, frame: Frame) -> None:
    clock = _SMALL_RULER.cut(fonts.shown(frame.clock), WIDTH // 3)
    title = fonts.shown(frame.title)
    room = WIDTH - 2 * _TITLE_MARGIN
    clock_room = fonts.width(clock, fonts.SMALL) + 2 * _TITLE_MARGIN
    if clock and fonts.width(title) <= room - clock_room:
        image.paste(LIT, (WIDTH - clock_room + _TITLE_MARGIN, 1), fonts.text_mask(clock, fonts.SMALL))
        image.paste(LIT, (_TITLE_MARGIN, 0), _row_mask(title, _NORMAL))
    else:
        style = _NORMAL if fonts.width(title) <= room else _SMALL
        _draw_text(image, 0, style.ruler.cut(title, room), Align.CENTER, style)
    _invert(image, 0, _ROW)


def _draw_soft_keys(image: Image.Image, soft_keys: Sequence[SoftKey]) -> None:
    top = HEIGHT - _ROW
    keys = [replace(key, label=fonts.shown(key.label)) for key in soft_keys]
    draw = ImageDraw.Draw(image)
    for label in place_labels(keys, WIDTH, lambda text: fonts.width(text, fonts.SMALL) + _LABEL_GAP):
        draw.rectangle((label.left, top + 1, label.right - 2, HEIGHT - 1), fill=LIT)
        text = _LABEL_RULER.cut(label.text, label.room - _LABEL_GAP)
        left = label.left + max(1, (label.room - 1 - fonts.width(text, fonts.SMALL)) // 2)
        image.paste(0, (left, top + 1), fonts.text_mask(text, fonts.SMALL))


def _draw_setting(image: Image.Image, setting: Setting, top: int) -> int:
    bottom = top + setting.height
    for index, row in enumerate(setting.rows):
        _draw_text(image, top + index * setting.style.row_height, row, setting.line.align, setting.style)
    if setting.line.marked:
        _invert(image, top, bottom)
    return bottom


def _draw_entry(image: Image.Image, entry: Entry, last: int, *, lines: int) -> int:
    """Draw what is typed above row `last`, two rows high where the lines leave room; returns its first row."""
    text = fonts.shown(entry.text) or _EMPTY
    roomy = last - 1 - min(lines, 2) >= 2
    style = _LARGE if roomy and fonts.width(text, scale=2) <= WIDTH else _NORMAL
    first = last - style.scale
    align = Align.CENTER if entry.kind in _CENTERED else Align.RIGHT
    _draw_text(image, first * _ROW, style.ruler.cut_start(text, WIDTH), align, style)
    return first
