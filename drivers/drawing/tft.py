"""The colour screen, 320 by 240 pixels: title bar in the colour of the tone, body, entry field, soft keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

from drivers.drawing import fonts
from drivers.drawing.fitting import Body, Label, Ruler, Setting, Style, Styles, fit_body, place_labels
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
    """The `ground` of a tone's title, sign and marked line, the `ink` upon it, and the `edge` of the entry field."""

    ground: Colour
    ink: Colour
    edge: Colour


TONES: Final = {
    Tone.NEUTRAL: ToneColours((22, 52, 82), FIELD, (22, 52, 82)),
    Tone.BUSY: ToneColours((23, 92, 168), FIELD, (23, 92, 168)),
    Tone.SUCCESS: ToneColours((20, 118, 68), FIELD, (20, 118, 68)),
    Tone.WARNING: ToneColours((247, 182, 41), INK, (160, 104, 0)),
    Tone.ERROR: ToneColours((180, 35, 32), FIELD, (180, 35, 32)),
}

_TITLE_HEIGHT: Final = 32
_SOFT_HEIGHT: Final = 42
_MARGIN: Final = 12
_LARGE_MARGIN: Final = 4
_LINE_HEIGHT: Final = 24
_TIGHT_HEIGHT: Final = 20
_LARGE_HEIGHT: Final = 40
_ICON: Final = 56
_ICON_GAP: Final = 8
_SIGN: Final = 20
_FIELD_HEIGHT: Final = 64
_BODY_MARGIN: Final = 4
_FIELD_MARGIN: Final = 6
_FIELD_PADDING: Final = 10
_LABEL_MARGIN: Final = 4
_DOT: Final = 14

_RULER: Final = Ruler(fonts.width, "…")
_LARGE_RULER: Final = Ruler(partial(fonts.width, scale=2), "…")
_SMALL_RULER: Final = Ruler(partial(fonts.width, size=fonts.SMALL), "…")

_ROOM: Final = WIDTH - 2 * _MARGIN
_NORMAL: Final = Style(_LINE_HEIGHT, _ROOM, _RULER, fonts.BODY)
_LARGE: Final = Style(_LARGE_HEIGHT, WIDTH - 2 * _LARGE_MARGIN, _LARGE_RULER, fonts.BODY, scale=2)
_SMALL: Final = Style(_LINE_HEIGHT, _ROOM, _SMALL_RULER, fonts.SMALL)
_ROOMY: Final = Styles(_NORMAL, _LARGE, _SMALL)
_TIGHT: Final = Styles(replace(_NORMAL, row_height=_TIGHT_HEIGHT), _LARGE, replace(_SMALL, row_height=_TIGHT_HEIGHT))


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
        top, bottom = _TITLE_HEIGHT + _BODY_MARGIN, bottom - _BODY_MARGIN
        lines = [replace(line, text=fonts.shown(line.text)) for line in frame.lines]
        if frame.entry is not None:
            self._prompt(lines, frame.entry, top, bottom)
            signed = False
        else:
            signed = self._message(lines, top, bottom, frame.tone) or self._list(lines, top, bottom)
        self._title(frame, sign=frame.tone is not Tone.NEUTRAL and not signed)
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
        for label in place_labels(keys, WIDTH, lambda text: fonts.width(text) + 2 * _LABEL_MARGIN):
            self._soft_key(label, top)

    def _soft_key(self, label: Label, top: int) -> None:
        room = label.room - 2 * _LABEL_MARGIN
        font, ruler = (fonts.BODY, _RULER) if fonts.width(label.text) <= room else (fonts.SMALL, _SMALL_RULER)
        text = ruler.cut(label.text, room)
        wide = ruler.measure(text)
        left = min(max(label.center - wide // 2, label.left + _LABEL_MARGIN), label.right - _LABEL_MARGIN - wide)
        key_left = label.center - fonts.width(label.key, fonts.SMALL) // 2
        self._text((key_left, top + 4), label.key, SOFT_INK, fonts.SMALL)
        self._text((left, top + 19 + (fonts.BODY - font) // 2), text, INK, font)
        if label.left:
            self._draw.line((label.left, top + 8, label.left, HEIGHT - 9), fill=SEPARATOR)

    def _prompt(self, lines: Sequence[Line], entry: Entry, top: int, bottom: int) -> None:
        """Draw the lines and the entry field below them, together in the middle."""
        body = _fitted(lines, bottom - top - _FIELD_HEIGHT - _BODY_MARGIN)
        height = body.height + _BODY_MARGIN + _FIELD_HEIGHT
        top += (bottom - top - height) // 2
        self._settings(body, top)
        self._entry(entry, top + body.height + _BODY_MARGIN)

    def _message(self, lines: Sequence[Line], top: int, bottom: int, tone: Tone) -> bool:
        """Draw the tone's sign and the lines below it, together in the middle; False where they do not fit or suit."""
        head = _ICON + _ICON_GAP
        body = fit_body(lines, bottom - top - head, _ROOMY)
        if tone is Tone.NEUTRAL or not body.whole or any(line.marked for line in lines):
            return False
        top += (bottom - top - head - body.height) // 2
        self._icon(tone, top)
        self._settings(body, top + head)
        return True

    def _list(self, lines: Sequence[Line], top: int, bottom: int) -> bool:
        """Draw the lines from the top, or in the middle where all are centred; no sign, so always False."""
        body = _fitted(lines, bottom - top)
        centred = all(line.align is Align.CENTER for line in lines)
        self._settings(body, top + (bottom - top - body.height) // 2 if centred else top)
        self._arrows(body, top, bottom)
        return False

    def _icon(self, tone: Tone, top: int) -> None:
        disc, sign = icon_masks(tone, _ICON)
        at = ((WIDTH - _ICON) // 2, top)
        self._image.paste(self._colours.ground, at, disc)
        self._image.paste(self._colours.ink, at, sign)

    def _settings(self, body: Body, top: int) -> None:
        for setting in body.settings:
            if setting.line.marked:
                box = (4, top, WIDTH - 5, top + setting.height - 1)
                self._draw.rounded_rectangle(box, radius=5, fill=self._colours.ground)
            for row in setting.rows:
                self._row(setting, row, top)
                top += setting.style.row_height

    def _row(self, setting: Setting, row: str, top: int) -> None:
        style = setting.style
        wide = style.ruler.measure(row)
        left = _aligned(setting.line.align, wide, min(_MARGIN, (WIDTH - wide) // 2))
        ink = self._colours.ink if setting.line.marked else INK
        self._text((left, top + (style.row_height - style.font * style.scale) // 2), row, ink, style.font, style.scale)

    def _arrows(self, body: Body, top: int, bottom: int) -> None:
        right = WIDTH - 2
        if body.cut_above:
            self._draw.polygon(((right - 8, top + 4), (right, top + 4), (right - 4, top)), fill=SOFT_INK)
        if body.cut_below:
            self._draw.polygon(((right - 8, bottom - 4), (right, bottom - 4), (right - 4, bottom)), fill=SOFT_INK)

    def _entry(self, entry: Entry, top: int) -> None:
        room = WIDTH - 2 * (_FIELD_MARGIN + _FIELD_PADDING)
        text = fonts.shown(entry.text)
        largest = 2 if entry.kind is EntryKind.TEXT else 3
        scale = next((size for size in range(largest, 1, -1) if fonts.width(text, scale=size) <= room), 1)
        box = (_FIELD_MARGIN, top, WIDTH - 1 - _FIELD_MARGIN, top + _FIELD_HEIGHT - 1)
        self._draw.rounded_rectangle(box, radius=6, fill=FIELD, outline=self._colours.edge, width=2)
        if entry.kind is EntryKind.PIN and not text.strip("*"):
            self._dots(len(text), box)
            return
        text = _RULER.cut_start(text, room) if scale == 1 else text
        wide = fonts.width(text, scale=scale)
        left = _aligned(_ENTRY_ALIGN[entry.kind], wide, _FIELD_MARGIN + _FIELD_PADDING)
        self._text((left, top + (_FIELD_HEIGHT - fonts.cell_height(scale=scale)) // 2), text, INK, scale=scale)

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


def _aligned(align: Align, wide: int, margin: int = _MARGIN) -> int:
    if align is Align.CENTER:
        return (WIDTH - wide) // 2
    return WIDTH - margin - wide if align is Align.RIGHT else margin


def _fitted(lines: Sequence[Line], height: int) -> Body:
    body = fit_body(lines, height, _ROOMY)
    return body if body.whole else fit_body(lines, height, _TIGHT)
