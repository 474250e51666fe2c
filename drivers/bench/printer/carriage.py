"""Where the next character goes: operations become lines and figures at the width of the paper.

A line that is full goes on in the next, as the printer does it; that a document never needs this is for its encoder
to see to.
"""

from __future__ import annotations

from typing import Final

from drivers.bench.printer.operations import (
    Aligned,
    FeedDots,
    Glyph,
    Initialise,
    LinearCode,
    LineFeed,
    LineSpacing,
    MoveTo,
    Operation,
    Picture,
    QrCode,
    Side,
    Tab,
)
from drivers.bench.printer.paper import GLYPH_DOTS, LINE_DOTS, Item, PlacedGlyph, PrintedFigure, PrintedLine
from firmware.surfaces import cell_width

CELL_DOTS: Final = 12
TAB_CELLS: Final = 8
READABLE_DOTS: Final = 28
FEED_MAX: Final = 255


class Carriage:
    """The print head over a paper of `columns` half-width places."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._glyphs: list[PlacedGlyph] = []
        self._cell = 0
        self._side = Side.LEFT
        self._line_dots = LINE_DOTS
        self._after_figure = False

    def obey(self, operation: Operation) -> list[Item]:
        """Return what comes out by this operation, from top to bottom; most give nothing yet."""
        match operation:
            case Glyph():
                return self._place(operation)
            case Tab():
                self._cell = min((self._cell // TAB_CELLS + 1) * TAB_CELLS, self._columns)
            case MoveTo(dots):
                self._cell = min(dots // CELL_DOTS, self._columns)
            case LineFeed(lines):
                return self._feed(lines, self._line_dots)
            case FeedDots(dots):
                return self._feed(1, dots)
            case LineSpacing(dots):
                self._line_dots = dots
            case Aligned(side):
                # Real printers heed it at the begin of a line only.
                self._side = side if not self._glyphs else self._side
            case Initialise():
                self.__init__(self._columns)  # type: ignore[misc]
            case QrCode() | LinearCode() | Picture():
                return [*self._flushed(), self._figure(operation)]
        return []

    def _place(self, glyph: Glyph) -> list[Item]:
        self._after_figure = False
        cells = cell_width(glyph.character) * glyph.style.across
        out = self._flushed() if self._cell + cells > self._columns else []
        self._glyphs.append(PlacedGlyph(glyph.character, self._cell, glyph.style))
        self._cell += cells
        return out

    def _flushed(self) -> list[Item]:
        """The line that was begun, if any."""
        if not self._glyphs:
            self._cell = 0
            return []
        tallest = max(glyph.style.down for glyph in self._glyphs)
        dots = max(self._line_dots, tallest * GLYPH_DOTS)
        line = PrintedLine(tuple(self._glyphs), self._side, dots)
        self._glyphs, self._cell = [], 0
        return [line]

    def _feed(self, lines: int, dots: int) -> list[Item]:
        begun = self._flushed()
        blank = PrintedLine((), Side.LEFT, dots)
        # The feed after a strip of ESC * moves the paper that the strip is on already.
        swallowed = bool(begun) or self._after_figure
        self._after_figure = False
        return [*begun, *[blank] * (min(lines, FEED_MAX) - swallowed)]

    def _figure(self, figure: QrCode | LinearCode | Picture) -> PrintedFigure:
        match figure:
            case QrCode():
                # The size is known exactly when it is drawn; 45 modules are a code of a hundred bytes.
                dots = 45 * figure.module_dots
            case LinearCode():
                dots = figure.height_dots + READABLE_DOTS * figure.readable
            case Picture():
                dots = figure.height * figure.down
                self._after_figure = dots <= GLYPH_DOTS
        return PrintedFigure(figure, self._side, dots)
