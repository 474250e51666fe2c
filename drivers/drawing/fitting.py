"""Text into the room there is: cutting with an ellipsis, wrapping, and choosing the lines that a screen can show.

Everything here is pure and knows no font: a `Ruler` measures, in pixels or in characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firmware.surfaces import Line, SoftKey

SOFT_KEYS: Final = ("F1", "F2", "F3", "F4")
"""The keys below the screen that a label can belong to, from left to right."""

_NOT_FIRST: Final = frozenset("、。，．：；！？）》」』】〉”’…,.:;!?)]}%")
_NOT_LAST: Final = frozenset("（《「『【〈“‘([{￥¥$")


@dataclass(frozen=True, slots=True)
class Ruler:
    """How wide a text is, and which `ellipsis` stands for what was cut off."""

    measure: Callable[[str], int]
    ellipsis: str

    def cut(self, text: str, room: int) -> str:
        """The text, or its beginning and an ellipsis where it is wider than `room`."""
        if self.measure(text) <= room:
            return text
        return text[: self._prefix(text, room - self.measure(self.ellipsis))].rstrip() + self.ellipsis

    def cut_start(self, text: str, room: int) -> str:
        """The text, or an ellipsis and its end where it is wider than `room`: what was typed last stays visible."""
        if self.measure(text) <= room:
            return text
        kept = self._prefix(text[::-1], room - self.measure(self.ellipsis))
        return self.ellipsis + text[len(text) - kept :].lstrip()

    def wrap(self, text: str, room: int, rows: int) -> tuple[str, ...]:
        """Break the text into at most `rows` rows, at least one; the last is cut where it must be."""
        wrapped: list[str] = []
        rest = text
        while len(wrapped) < rows - 1 and self.measure(rest) > room:
            end = self._break(rest, room)
            wrapped.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        return (*wrapped, self.cut(rest, room))

    def _prefix(self, text: str, room: int) -> int:
        taken = 0
        for count, character in enumerate(text):
            taken += self.measure(character)
            if taken > room:
                return count
        return len(text)

    def _break(self, text: str, room: int) -> int:
        longest = max(1, self._prefix(text, room))
        for end in range(longest, 0, -1):
            if end == len(text) or _may_break(text[end - 1], text[end]):
                return end
        return longest


def _may_break(before: str, after: str) -> bool:
    if before == " " or after == " ":
        return True
    if after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before == "-" or _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


@dataclass(frozen=True, slots=True)
class Style:
    """One way to set a row: its height, the room across, what measures it, and the font and scale that draw it."""

    row_height: int
    room: int
    ruler: Ruler
    font: int = 0
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Setting:
    """A line as it stands on the screen: the rows of its text, and how they are set."""

    line: Line
    style: Style
    rows: tuple[str, ...] = ("",)

    @property
    def height(self) -> int:
        """The height of all its rows."""
        return self.style.row_height * len(self.rows)

    @property
    def whole(self) -> bool:
        """Whether nothing of the text was cut off."""
        return self.line.text.rstrip().endswith(self.rows[-1].rstrip())


@dataclass(frozen=True, slots=True)
class Body:
    """The lines that fit, and whether others were left out above and below."""

    settings: tuple[Setting, ...]
    cut_above: bool
    cut_below: bool

    @property
    def height(self) -> int:
        """The height of all lines."""
        return _height(self.settings)

    @property
    def whole(self) -> bool:
        """Whether no line was left out and none was cut."""
        return not self.cut_above and not self.cut_below and all(setting.whole for setting in self.settings)


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of one screen: large, ordinary, and a small one for lines that would be cut otherwise."""

    normal: Style
    large: Style | None = None
    small: Style | None = None


def fit_body(lines: Sequence[Line], height: int, styles: Styles) -> Body:
    """Choose how to set `lines` within `height`, which is at least one ordinary row.

    In this order: large lines give up their size, the last ones first; then lines are left out, but never the first
    marked one; then the room that is left lets long lines wrap, the first ones first; and a line that would still be
    cut is set small.
    """
    settings = [Setting(line, _first_style(line, styles)) for line in lines]
    for index in reversed(range(len(settings))):
        if _height(settings) <= height:
            break
        settings[index] = replace(settings[index], style=styles.normal)
    window = slice(0, len(settings))
    if _height(settings) > height:
        window = _window(settings, height // styles.normal.row_height)
    chosen = settings[window]
    spare = height - _height(chosen)
    for index, setting in enumerate(chosen):
        chosen[index] = _filled(setting, 1 + spare // setting.style.row_height, styles.small)
        spare -= chosen[index].height - setting.height
    return Body(tuple(chosen), cut_above=window.start > 0, cut_below=window.stop < len(settings))


def _first_style(line: Line, styles: Styles) -> Style:
    large = styles.large
    if line.large and large is not None and large.ruler.measure(line.text) <= large.room:
        return large
    return styles.normal


def _filled(setting: Setting, rows: int, small: Style | None) -> Setting:
    style = setting.style
    filled = replace(setting, rows=style.ruler.wrap(setting.line.text, style.room, rows))
    if filled.whole or small is None:
        return filled
    return replace(setting, style=small, rows=small.ruler.wrap(setting.line.text, small.room, rows))


def _height(settings: Sequence[Setting]) -> int:
    return sum(setting.height for setting in settings)


def _window(settings: Sequence[Setting], rows: int) -> slice:
    marked = next((index for index, setting in enumerate(settings) if setting.line.marked), 0)
    first = max(0, marked - rows + 1)
    return slice(first, first + rows)


@dataclass(frozen=True, slots=True)
class Label:
    """A soft key's label and the edges it may fill; `center` is the middle of the key's own place, `key` its name."""

    key: str
    text: str
    left: int
    right: int
    center: int

    @property
    def room(self) -> int:
        """The width between the edges."""
        return self.right - self.left


def place_labels(soft_keys: Sequence[SoftKey], room: int, measure: Callable[[str], int]) -> tuple[Label, ...]:
    """Put each label above its key, the places being quarters of `room`; a wide one spreads over free neighbours.

    `measure` tells the width of a label with the gap it needs. A label that is still too wide is for the caller to cut.
    Labels of keys other than F1 to F4 are not shown, nor empty ones.
    """
    texts = {SOFT_KEYS.index(key.key): key.label for key in soft_keys if key.key in SOFT_KEYS and key.label}
    quarter = room // len(SOFT_KEYS)
    taken = set(texts)
    labels = []
    for place, text in sorted(texts.items()):
        first, last = place, place
        while measure(text) > (last - first + 1) * quarter:
            free = next(
                (near for near in (last + 1, first - 1) if near in range(len(SOFT_KEYS)) and near not in taken), None
            )
            if free is None:
                break
            taken.add(free)
            first, last = min(first, free), max(last, free)
        edges = (first * quarter, (last + 1) * quarter)
        labels.append(Label(SOFT_KEYS[place], text, *edges, center=place * quarter + quarter // 2))
    return tuple(labels)
