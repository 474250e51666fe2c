"""Marks of a document as lines that fit the paper: the step before any byte.

What is decided here: which line holds what, in cells. Sizes, alignment and commands are the encoder's.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.escpos.chinese import printable, wrapped
from drivers.escpos.profile import PrinterProfile
from firmware.surfaces import Align, Pair, Rule, Text, cell_width


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of paper: printable text of one style, at most as wide as the paper."""

    text: str
    align: Align = Align.LEFT
    wide: bool = False
    tall: bool = False
    bold: bool = False


def lines_of(mark: Text | Pair | Rule, profile: PrinterProfile) -> list[TextLine]:
    """Lay out one textual mark at the width of the paper."""
    match mark:
        case Rule():
            return [TextLine("-" * profile.columns)]
        case Pair():
            cells = profile.columns // 2 if mark.wide else profile.columns
            texts = paired(printable(mark.label, profile.cjk), printable(mark.value, profile.cjk), cells)
            return [TextLine(text, Align.LEFT, mark.wide, mark.tall, mark.bold) for text in texts]
        case Text():
            cells = profile.columns // 2 if mark.wide else profile.columns
            texts = wrapped(printable(mark.text, profile.cjk), cells)
            return [TextLine(text, mark.align, mark.wide, mark.tall, mark.bold) for text in texts]


def paired(label: str, value: str, cells: int) -> list[str]:
    """Put `label` at the left and `value` at the right edge of one line, or the value below where both do not fit."""
    labels, values = wrapped(label, cells), wrapped(value, cells)
    gap = cells - cell_width(labels[-1]) - cell_width(values[0])
    if len(labels) == len(values) == 1 and gap >= 1:
        return [labels[0] + " " * gap + values[0]]
    return [*labels, *(" " * (cells - cell_width(each)) + each for each in values)]
