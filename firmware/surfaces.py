"""Frame and Document: what the terminal wants seen on its screen and on paper, without a pixel or a byte.

Flows and layouts make these values, display and printer drivers draw them. The rules owned here: what a surface can
say, and how wide a text is in character cells. Fonts, colours and control codes belong to the drivers.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


def cell_width(text: str) -> int:
    """Count the character cells that `text` takes: two for a Chinese or ambiguous-width character, one for others.

    Ambiguous characters count two, because the double-byte fonts of printers and screens draw them so.
    Source: Unicode UAX #11.
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


class Align(StrEnum):
    """Where a text stands in its line."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Tone(StrEnum):
    """What a screen tells before it is read; a colour display shows it as a colour."""

    NEUTRAL = "neutral"
    BUSY = "busy"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a screen; `marked` is the chosen line of a list, `large` asks for double height if there is room."""

    text: str
    align: Align = Align.LEFT
    large: bool = False
    marked: bool = False


class EntryKind(StrEnum):
    """What is being typed: it decides how the entry is drawn."""

    AMOUNT = "amount"
    DIGITS = "digits"
    DATE = "date"
    TEXT = "text"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Entry:
    """What has been typed so far, ready to show: `text` is formatted, and a PIN is asterisks already.

    It may be the digits of a card: they are for the display, and no log or trace prints them.
    """

    text: str = field(repr=False)
    kind: EntryKind


@dataclass(frozen=True, slots=True)
class SoftKey:
    """The label of one of the keys F1 to F4; `key` is the key's name."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One screen: everything a display needs to draw it, whatever its size.

    `text_id` is language-neutral and names the screen. `lines` stand in order of importance: a display with room for
    fewer shows the first ones, but always the marked one. `clock` is the time of day for the title bar, `HH:MM`, or
    empty.
    """

    text_id: str
    title: str
    lines: tuple[Line, ...] = ()
    entry: Entry | None = None
    soft_keys: tuple[SoftKey, ...] = ()
    tone: Tone = Tone.NEUTRAL
    clock: str = ""


MARKS_MAX: Final = 400
"""The most marks one document may have; a longer one is a programmer's error."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `wide` and `tall` double its cells, and the printer driver wraps it at the paper's width."""

    text: str
    align: Align = Align.LEFT
    wide: bool = False
    tall: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A label at the left and a value at the right edge; the value takes the next line where both do not fit."""

    label: str
    value: str
    wide: bool = False
    tall: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Blank:
    """Empty lines, 1 to 20."""

    lines: int = 1

    def __post_init__(self) -> None:
        assert 1 <= self.lines <= 20, self.lines


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code of `data`, 1 to 300 characters of ASCII."""

    data: str

    def __post_init__(self) -> None:
        assert 1 <= len(self.data) <= 300, len(self.data)
        assert self.data.isascii(), "a QR code takes ASCII"


@dataclass(frozen=True, slots=True)
class Barcode:
    """A Code 128 barcode of `data`, 1 to 24 printable ASCII characters."""

    data: str

    def __post_init__(self) -> None:
        assert 1 <= len(self.data) <= 24, len(self.data)
        assert self.data.isascii(), "a barcode takes ASCII"
        assert self.data.isprintable(), "a barcode takes printable characters"


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed past the blade and cut; it ends one copy."""


Mark = Text | Pair | Rule | Blank | Qr | Barcode | Cut


@dataclass(frozen=True, slots=True)
class Document:
    """What goes on paper, from top to bottom. Every document ends in one Cut and holds no other.

    `kind` names what it is (`cash_sale`, `cash_void`, ...) and `copy` for whom (`merchant`, `customer`): neither is
    printed.
    """

    kind: str
    copy: str
    marks: tuple[Mark, ...]

    def __post_init__(self) -> None:
        assert 1 <= len(self.marks) <= MARKS_MAX, len(self.marks)
        cuts = [index for index, mark in enumerate(self.marks) if isinstance(mark, Cut)]
        assert cuts == [len(self.marks) - 1], "a document ends in its only cut"
