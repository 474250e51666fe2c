"""The character LCD, English only: its rows as text, and a picture of how they look.

Four rows of twenty characters have room for title, lines, entry and labels. Two rows of sixteen show what a person
acts upon: what is asked for and what is typed, or else the title and the most important line; they have no labels.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from drivers.drawing.fitting import Ruler, Setting, Style, Styles, fit_body, place_labels
from drivers.drawing.lcd_font import CELL_COLUMNS, GLYPHS
from firmware.surfaces import Align, Entry, EntryKind, Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from firmware.surfaces import SoftKey

COLUMNS: Final = 20
ROWS: Final = 4

LABELLED_ROWS: Final = 4
"""A display with fewer rows has none for labels."""

UNKNOWN: Final = "?"
"""What stands for a character that the LCD cannot show."""

_MARK: Final = ">"
_ENTRY_MARGIN: Final = 1
_TEXT_MAX: Final = 1000
_SPELLINGS: Final = {
    "￥": "CNY ",
    "¥": "CNY ",
    "–": "-",
    "—": "-",
    "…": "...",
    "·": "-",
    "×": "x",
    "‘": "'",
    "’": "'",
}
_RULER: Final = Ruler(len, "...")
_SHORT_RULER: Final = Ruler(len, ".")

GLASS: Final = (22, 60, 190)
UNLIT: Final = (31, 71, 203)
LIT: Final = (238, 246, 255)
_DOT: Final = 3
_PITCH: Final = _DOT + 1
_CELL_WIDTH: Final = (CELL_COLUMNS + 1) * _PITCH
_CELL_HEIGHT: Final = 9 * _PITCH
_BORDER: Final = 20 + 2
_TOP: Final = 18 + 2
_WIDTH: Final = 520
_HEIGHT: Final = 180


def plain(text: str) -> str:
    """The text in characters that the LCD shows; what it cannot show becomes a question mark, so that it is seen."""
    return "".join(map(_plain_character, text[:_TEXT_MAX]))


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in GLYPHS:
        return character
    if character in _SPELLINGS:
        return _SPELLINGS[character]
    if not character.isprintable():
        return " "
    spelled = unicodedata.normalize("NFKC", character)
    return spelled if all(part in GLYPHS for part in spelled) else UNKNOWN


def lcd_rows(frame: Frame, columns: int = COLUMNS, rows: int = ROWS) -> tuple[str, ...]:
    """The rows of the LCD for `frame`, at least two, each exactly so many ASCII characters."""
    tail = []
    if frame.entry is not None:
        tail.append(_entry(frame.entry, columns))
    if frame.soft_keys and rows >= LABELLED_ROWS:
        tail.append(_soft_keys(frame.soft_keys, columns))
    head = [_title(frame, columns)] if len(tail) < rows - 1 or _named_by_title(frame) else []
    if len(head) + len(tail) < rows:
        head += _body(frame, columns, rows - len(head) - len(tail))
    head += [""] * (rows - len(head) - len(tail))
    return tuple(row.ljust(columns)[:columns] for row in (*head, *tail))


def _named_by_title(frame: Frame) -> bool:
    """Whether only the title tells what is typed: a PIN is asked for under it, and the first line is an amount."""
    return not frame.lines or (frame.entry is not None and frame.entry.kind is EntryKind.PIN)


def _title(frame: Frame, columns: int) -> str:
    title, clock = plain(frame.title), plain(frame.clock)
    if clock and len(title) + 1 + len(clock) <= columns:
        return title.ljust(columns - len(clock)) + clock
    return _RULER.cut(title, columns)


def _body(frame: Frame, columns: int, rows: int) -> list[str]:
    listed = any(line.marked for line in frame.lines)
    room = columns - len(_MARK) if listed else columns
    lines = [replace(line, text=plain(line.text)) for line in frame.lines]
    body = fit_body(lines, rows, Styles(Style(1, room, _RULER)))
    return [
        _prefix(setting, listed=listed) + _aligned(row, setting.line.align, room)
        for setting in body.settings
        for row in setting.rows
    ]


def _prefix(setting: Setting, *, listed: bool) -> str:
    if not listed:
        return ""
    return _MARK if setting.line.marked else " "


def _aligned(text: str, align: Align, room: int) -> str:
    return {Align.LEFT: text.ljust, Align.CENTER: text.center, Align.RIGHT: text.rjust}[align](room)


def _entry(entry: Entry, columns: int) -> str:
    text = _RULER.cut_start(plain(entry.text), columns - 2 * _ENTRY_MARGIN)
    align = Align.LEFT if entry.kind is EntryKind.TEXT else Align.RIGHT
    return f"[{_aligned(text, align, columns - 2 * _ENTRY_MARGIN)}]"


def _soft_keys(soft_keys: Sequence[SoftKey], columns: int) -> str:
    row = [" "] * columns
    keys = [replace(key, label=plain(key.label).strip()) for key in soft_keys]
    for label in place_labels(keys, columns, lambda text: len(text) + 1):
        text = _SHORT_RULER.cut(label.text, label.room if label.right == columns else label.room - 1)
        start = label.left if label.right < columns else columns - len(text)
        row[start : start + len(text)] = text
    return "".join(row)


def draw_lcd(frame: Frame) -> Image.Image:
    """Draw `frame` as the LCD looks: white letters on a blue backlight, every dot of every cell visible. Mode RGB."""
    from PIL import Image  # noqa: PLC0415 - the driver of the real LCD takes rows only, and no Pillow

    picture = Image.new("RGB", (_WIDTH, _HEIGHT), GLASS)
    for index, row in enumerate(lcd_rows(frame)):
        for column, character in enumerate(row):
            at = (_BORDER + column * _CELL_WIDTH, _TOP + index * _CELL_HEIGHT)
            picture.paste(_cell(character), at)
    return picture


@lru_cache(maxsize=128)
def _cell(character: str) -> Image.Image:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - as above

    cell = Image.new("RGB", (_CELL_WIDTH, _CELL_HEIGHT), GLASS)
    draw = ImageDraw.Draw(cell)
    for y, dots in enumerate((*GLYPHS[character], "." * CELL_COLUMNS)):
        for x, dot in enumerate(dots):
            box = (x * _PITCH, y * _PITCH, x * _PITCH + _DOT - 1, y * _PITCH + _DOT - 1)
            draw.rectangle(box, fill=LIT if dot == "#" else UNLIT)
    return cell
