"""The colour screen, 320 by 240 pixels: title bar in the colour of the tone, body, entry field, soft keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

from drivers.drawing import fonts
from drivers.drawing.fitting import Body, Ruler, Setting, Style, fit_body, place_labels
from drivers.drawing.icons import icon_masks
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH: Final = 320
HEIGHT: Final = 240

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

PAPER: Final[Colour] = (246, 248, 250)
FIELD: Final[Colour] = (255, 255, 255)
INK: Final[Colour] = (17, 27, 38)
SOFT_INK: Final[Colour] = (82, 96, 110)
SOFT_BAR: Final[Colour] = (226, 232, 238)
SEPARATOR: Final[Colour] = (196, 205, 214)


@dataclass(frozen=True, slots=True)
class ToneColours:
    """The colour of a tone's title bar, sign and marked line, and the ink upon it."""

    ground: Colour
    ink: Colour


TONES: Final = {
    Tone.NEUTRAL: ToneColours((22, 52, 82), FIELD),
    Tone.BUSY: ToneColours((23, 92, 168), FIELD),
    Tone.SUCCESS: ToneColours((20, 118, 68), FIELD),
    Tone.WARNING: ToneColours((247, 182, 41), INK),
    Tone.ERROR: ToneColours((180, 35, 32), FIELD),
}

_TITLE_HEIGHT: Final = 32
_SOFT_HEIGHT: Final = 42
_MARGIN: Final = 12
_LINE_HEIGHT: Final = 24
_TIGHT_HEIGHT: Final = 20
_LARGE_HEIGHT: Final = 40
_ICON: Final = 56
_SIGN: Final = 20
_FIELD_HEIGHTS: Final = {3: 64, 2: 48, 1: 32}
_FIELD_PADDING: Final = 12
_DOT: Final = 14

_RULER: Final = Ruler(fonts.width, "…")
_LARGE_RULER: Final = Ruler(partial(fonts.width, scale=2), "…")
_SMALL_RULER: Final = Ruler(partial(fonts.width, size=fonts.SMALL), "…")


def draw_tft(frame: Frame) -> Image.Image:
    """Draw `frame` as the colour screen shows it, mode RGB. Raises: DisplayFailed - the fonts are not installed."""
    return _Canvas(TONES[frame.tone]).drawn(frame)


class _Canvas:
    """One picture in the making, in the colours of one tone."""

    def __init__(self, colours: ToneColours) -> None:
        self._colours = colours
        self._image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def drawn(self, frame: Frame) -> Image.Image:
        bottom = HEIGHT
        if frame.soft_keys:
            bottom -= _SOFT_HEIGHT
            self._soft_keys(frame)
        top = _TITLE_HEIGHT + 6
        bottom -= 6
        if frame.entry is not None:
            bottom = self._entry(frame.entry, bottom) - 6
        lines = [replace(line, text=fonts.shown(line.text)) for line in frame.lines]
        with_icon = self._body(lines, top, bottom, frame)
        self._title(frame, sign=frame.tone is not Tone.NEUTRAL and not with_icon)
        return self._image

    def _text(self, at: tuple[int, int], text: str, ink: Colour, size: int = fonts.BODY, scale: int = 1) -> None:
        self._image.paste(ink, at, fonts.text_mask(text, size, scale))

    def _title(self, frame: Frame, *, sign: bool) -> None:
        self._draw.rectangle((0, 0, WIDTH - 1, _TITLE_HEIGHT - 1), fill=self._colours.ground)
        left, right = _MARGIN, WIDTH - _MARGIN
        clock = _RULER.cut(fonts.shown(frame.clock), WIDTH // 4)
        if clock:
            right -= fonts.width(clock)
            self._text((right, 7), clock, self._colours.ink)
            right -= _MARGIN
        if sign:
            _, mask = icon_masks(frame.tone, _SIGN + 8)
            self._image.paste(self._colours.ink, (left - 6, 2), mask)
            left += _SIGN + 4
        self._text((left, 7), _RULER.cut(fonts.shown(frame.title), right - left), self._colours.ink)

    def _soft_keys(self, frame: Frame) -> None:
        top = HEIGHT - _SOFT_HEIGHT
        self._draw.rectangle((0, top, WIDTH - 1, HEIGHT - 1), fill=SOFT_BAR)
        self._draw.line((0, top, WIDTH - 1, top), fill=SEPARATOR)
        keys = [replace(key, label=fonts.shown(key.label)) for key in frame.soft_keys]
        for label in place_labels(keys, WIDTH, _RULER, gap=8):
            name = f"F{label.center // (WIDTH // 4) + 1}"
            self._text((label.center - fonts.width(name, fonts.SMALL) // 2, top + 4), name, SOFT_INK, fonts.SMALL)
            wide = fonts.width(label.text)
            left = min(max(label.center - wide // 2, label.left + 4), label.right - 4 - wide)
            self._text((left, top + 19), label.text, INK)
            if label.left:
                self._draw.line((label.left, top + 8, label.left, HEIGHT - 9), fill=SEPARATOR)

    def _body(self, lines: Sequence[Line], top: int, bottom: int, frame: Frame) -> bool:
        """Draw the lines between `top` and `bottom`; tells whether the tone's large sign found room above them."""
        iconic = frame.tone is not Tone.NEUTRAL and frame.entry is None and not any(line.marked for line in lines)
        if iconic:
            body = _fitted(lines, bottom - top - _ICON - 8)
            if not body.cut_below and all("…" not in row for setting in body.settings for row in setting.rows):
                height = _body_height(body) + _ICON + 8
                start = top + max(0, (bottom - top - height) // 2)
                self._icon(frame.tone, start)
                self._settings(body, start + _ICON + 8, bottom)
                return True
        body = _fitted(lines, bottom - top)
        self._settings(body, top + self._lead(lines, body, bottom - top, frame), bottom)
        if body.cut_above or body.cut_below:
            self._arrows(body, top, bottom)
        return False

    @staticmethod
    def _lead(lines: Sequence[Line], body: Body, room: int, frame: Frame) -> int:
        """The space above the lines: a short centred text stands in the middle, a list starts at the top."""
        centred = all(line.align is Align.CENTER for line in lines)
        return max(0, (room - _body_height(body)) // 2) if centred or frame.entry is not None else 0

    def _icon(self, tone: Tone, top: int) -> None:
        disc, sign = icon_masks(tone, _ICON)
        at = ((WIDTH - _ICON) // 2, top)
        self._image.paste(self._colours.ground, at, disc)
        self._image.paste(self._colours.ink, at, sign)

    def _settings(self, body: Body, top: int, bottom: int) -> None:
        pitch = _pitch(body, bottom - top)
        for setting in body.settings:
            height = _LARGE_HEIGHT if setting.large else pitch
            if setting.line.marked:
                box = (4, top, WIDTH - 5, top + height * len(setting.rows) - 1)
                self._draw.rounded_rectangle(box, radius=5, fill=self._colours.ground)
            for row in setting.rows:
                self._row(setting, row, top, height)
                top += height

    def _row(self, setting: Setting, row: str, top: int, height: int) -> None:
        scale = 2 if setting.large else 1
        wide = fonts.width(row, fonts.BODY, scale)
        left = _aligned(setting.line.align, wide, WIDTH)
        ink = self._colours.ink if setting.line.marked else INK
        self._text((left, top + (height - fonts.BODY * scale) // 2), row, ink, scale=scale)

    def _arrows(self, body: Body, top: int, bottom: int) -> None:
        right = WIDTH - 2
        if body.cut_above:
            self._draw.polygon(((right - 8, top + 4), (right, top + 4), (right - 4, top)), fill=SOFT_INK)
        if body.cut_below:
            self._draw.polygon(((right - 8, bottom - 4), (right, bottom - 4), (right - 4, bottom)), fill=SOFT_INK)

    def _entry(self, entry: Entry, bottom: int) -> int:
        """Draw the entry field on the line `bottom`; returns its upper edge."""
        room = WIDTH - 2 * (_MARGIN + _FIELD_PADDING)
        text = fonts.shown(entry.text)
        largest = 2 if entry.kind is EntryKind.TEXT else 3
        scale = next((size for size in range(largest, 1, -1) if fonts.width(text, scale=size) <= room), 1)
        top = bottom - _FIELD_HEIGHTS[largest]
        box = (_MARGIN, top, WIDTH - 1 - _MARGIN, bottom - 1)
        self._draw.rounded_rectangle(box, radius=6, fill=FIELD, outline=self._colours.ground, width=2)
        if entry.kind is EntryKind.PIN and not text.strip("*"):
            self._dots(len(text), box)
            return top
        text = _RULER.cut_start(text, room) if scale == 1 else text
        wide = fonts.width(text, scale=scale)
        left = _aligned(_ENTRY_ALIGN[entry.kind], wide, WIDTH, _MARGIN + _FIELD_PADDING)
        self._text((left, (top + bottom - fonts.BODY * scale) // 2), text, INK, scale=scale)
        return top

    def _dots(self, count: int, box: Box) -> None:
        pitch = min(2 * _DOT, (box[2] - box[0] - 2 * _DOT) // max(1, count))
        left = (WIDTH - pitch * count + pitch - _DOT) // 2
        top = (box[1] + box[3] + 1 - _DOT) // 2
        disc, _ = icon_masks(Tone.SUCCESS, _DOT)
        for index in range(count):
            self._image.paste(INK, (left + index * pitch, top), disc)


_ENTRY_ALIGN: Final = {
    EntryKind.AMOUNT: Align.RIGHT,
    EntryKind.DIGITS: Align.CENTER,
    EntryKind.DATE: Align.CENTER,
    EntryKind.TEXT: Align.LEFT,
    EntryKind.PIN: Align.CENTER,
}


def _aligned(align: Align, wide: int, room: int, margin: int = _MARGIN) -> int:
    if align is Align.CENTER:
        return (room - wide) // 2
    return room - margin - wide if align is Align.RIGHT else margin


def _fitted(lines: Sequence[Line], height: int) -> Body:
    room = WIDTH - 2 * _MARGIN
    large = Style(_LARGE_HEIGHT, room, _LARGE_RULER)
    body = fit_body(lines, height, Style(_LINE_HEIGHT, room, _RULER), large)
    if body.cut_above or body.cut_below:
        return fit_body(lines, height, Style(_TIGHT_HEIGHT, room, _RULER), large)
    return body


def _body_height(body: Body, pitch: int = _LINE_HEIGHT) -> int:
    return sum((_LARGE_HEIGHT if setting.large else pitch) * len(setting.rows) for setting in body.settings)


def _pitch(body: Body, room: int) -> int:
    return _LINE_HEIGHT if _body_height(body) <= room else _TIGHT_HEIGHT
