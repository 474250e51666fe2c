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
        """Break the text into at most `rows` rows (at least one) between words; the last row is cut where it must be."""
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
            if _may_break(text[end - 1], text[end]):
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
    """One way to set the rows of a body: the height of a row, the room across, and what measures it."""

    row_height: int
    room: int
    ruler: Ruler


@dataclass(frozen=True, slots=True)
class Setting:
    """A line as it will stand on the screen: its rows of text, set large or not."""

    line: Line
    rows: tuple[str, ...]
    large: bool


@dataclass(frozen=True, slots=True)
class Body:
    """The lines that fit, and whether others were left out above and below."""

    settings: tuple[Setting, ...]
    cut_above: bool = False
    cut_below: bool = False


def fit_body(lines: Sequence[Line], height: int, normal: Style, large: Style) -> Body:
    """Choose how to set `lines` within `height`.

    In this order: large lines give up their size, the last ones first; then lines are left out, but never the first
    marked one; then the room that is left lets long lines wrap, the first ones first.
    """
    settings = [_one_row(line, large=line.large and _fits_once(line, large)) for line in lines]
    for index in reversed(range(len(settings))):
        if _height(settings, normal, large) <= height:
            break
        settings[index] = replace(settings[index], large=False)
    window = _window(settings, height // normal.row_height) if _height(settings, normal, large) > height else None
    chosen = settings if window is None else settings[window]
    spare = height - _height(chosen, normal, large)
    wrapped: list[Setting] = []
    for setting in chosen:
        style = large if setting.large else normal
        rows = style.ruler.wrap(setting.line.text, style.room, 1 + spare // style.row_height)
        spare -= (len(rows) - 1) * style.row_height
        wrapped.append(replace(setting, rows=rows))
    if window is None:
        return Body(tuple(wrapped))
    return Body(tuple(wrapped), cut_above=window.start > 0, cut_below=window.stop < len(settings))


def _one_row(line: Line, *, large: bool) -> Setting:
    return Setting(line, ("",), large)


def _fits_once(line: Line, style: Style) -> bool:
    return style.ruler.measure(line.text) <= style.room


def _height(settings: Sequence[Setting], normal: Style, large: Style) -> int:
    return sum(large.row_height if setting.large else normal.row_height for setting in settings)


def _window(settings: Sequence[Setting], rows: int) -> slice:
    marked = next((index for index, setting in enumerate(settings) if setting.line.marked), 0)
    first = max(0, marked - rows + 1)
    return slice(first, first + rows)


@dataclass(frozen=True, slots=True)
class Label:
    """A soft key's label between two edges; `center` is the middle of the key's own place."""

    text: str
    left: int
    right: int
    center: int


def place_labels(soft_keys: Sequence[SoftKey], room: int, ruler: Ruler, gap: int) -> tuple[Label, ...]:
    """Put each label above its key, the places being quarters of `room`; a long one spreads over free neighbours.

    `gap` stays free between two labels. Labels of keys other than F1 to F4 are not shown, nor empty ones.
    """
    texts = {SOFT_KEYS.index(key.key): key.label for key in soft_keys if key.key in SOFT_KEYS and key.label}
    quarter = room // len(SOFT_KEYS)
    taken: set[int] = set(texts)
    labels = []
    for place, text in sorted(texts.items()):
        first, last = place, place
        while ruler.measure(text) > (last - first + 1) * quarter - gap:
            if last + 1 < len(SOFT_KEYS) and last + 1 not in taken:
                last += 1
            elif first > 0 and first - 1 not in taken:
                first -= 1
            else:
                break
            taken.update((first, last))
        left, right = first * quarter, (last + 1) * quarter
        labels.append(Label(ruler.cut(text, right - left - gap), left, right, place * quarter + quarter // 2))
    return tuple(labels)
