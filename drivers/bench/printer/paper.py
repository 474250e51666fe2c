"""The paper that came out: lines, codes and pictures in their order, and the words a person reads on it.

The rule owned here: the text of a receipt has its columns where the paper has them; a character of double width takes
the place of two. How paper looks is in `drawing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drivers.bench.printer.operations import LinearCode, Picture, QrCode, Side, Style
from firmware.surfaces import cell_width

LINE_DOTS: Final = 30
GLYPH_DOTS: Final = 24
ITEMS_MAX: Final = 5_000
"""The most lines of one receipt that are kept: 19 metres of paper."""
BYTES_MAX: Final = 1 << 20
UNKNOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class PlacedGlyph:
    """A character in its line; `cell` counts half-width places from the line's begin."""

    character: str
    cell: int
    style: Style

    @property
    def cells(self) -> int:
        """The half-width places it takes."""
        return cell_width(self.character) * self.style.across


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of text, perhaps empty."""

    glyphs: tuple[PlacedGlyph, ...]
    side: Side
    dots: int

    @property
    def cells(self) -> int:
        """The width of the line in half-width places."""
        return self.glyphs[-1].cell + self.glyphs[-1].cells if self.glyphs else 0


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """A code or a picture; it takes the whole width of the paper."""

    figure: QrCode | LinearCode | Picture
    side: Side
    dots: int


Item = PrintedLine | PrintedFigure


class PaperReceipt:
    """One piece of paper, from its first line to its cut, or as far as it has come.

    `data` are the bytes as they were sent, `unknown` those among them that meant nothing, with their offset in `data`.
    `complete`: it was cut, and the printer has confirmed the job since.
    """

    __slots__ = ("_data", "_items", "_text", "columns", "complete", "copy", "cut", "id", "kind", "unknown")

    def __init__(self, number: int, columns: int, kind: str, copy: str) -> None:
        self.id = number
        self.columns = columns
        self.kind = kind
        self.copy = copy
        self.cut = False
        self.complete = False
        self.unknown: list[tuple[int, bytes]] = []
        self._data = bytearray()
        self._items: list[Item] = []
        self._text: str | None = None

    @property
    def data(self) -> bytes:
        """The bytes that made it, as sent."""
        return bytes(self._data)

    @property
    def items(self) -> tuple[Item, ...]:
        """What is on the paper, from top to bottom."""
        return tuple(self._items)

    @property
    def text(self) -> str:
        """The paper as a person would read it, lines separated by new-lines, without trailing space."""
        if self._text is None:
            lines = [_text_of(item, self.columns).rstrip() for item in self._items if not _narrow(item)]
            self._text = "\n".join(lines).rstrip()
        return self._text

    def add_bytes(self, raw: bytes) -> None:
        """Note bytes that were obeyed; called by the printer only."""
        if len(self._data) + len(raw) <= BYTES_MAX:
            self._data += raw

    def add_unknown(self, raw: bytes) -> None:
        """Note bytes that mean nothing; called by the printer only, after `add_bytes`."""
        if len(self.unknown) < UNKNOWN_MAX:
            self.unknown.append((len(self._data) - len(raw), raw))

    def add_item(self, item: Item) -> None:
        """Let a line or figure come out; called by the printer only."""
        if len(self._items) < ITEMS_MAX:
            self._items.append(item)
            self._text = None


def _narrow(item: Item) -> bool:
    """Tell a gap that no one would read as an empty line."""
    return isinstance(item, PrintedLine) and not item.glyphs and item.dots < GLYPH_DOTS


def _text_of(item: Item, columns: int) -> str:
    if isinstance(item, PrintedFigure):
        words = f"[{_named(item.figure)}]"
        return " " * _indent(item.side, columns - cell_width(words)) + words
    start = _indent(item.side, columns - item.cells)
    text, spaces, reached = "", 2, 0
    for glyph in item.glyphs:
        spaces += 2 * (glyph.cell > reached)
        reached = glyph.cell + glyph.cells
        if glyph.character == " ":
            spaces += 1
            continue
        # Two spaces, or a jump, are a gap between columns; one is a gap between words.
        gap = start + glyph.cell - cell_width(text) if spaces >= 2 else spaces
        text += " " * gap + glyph.character
        spaces = 0
    return text


def _indent(side: Side, spare: int) -> int:
    return {Side.LEFT: 0, Side.CENTER: max(0, spare) // 2, Side.RIGHT: max(0, spare)}[side]


def _named(figure: QrCode | LinearCode | Picture) -> str:
    match figure:
        case QrCode():
            return f"QR {figure.data.decode('utf-8', 'replace')}"
        case LinearCode():
            return f"{figure.symbology} {readable_data(figure)}"
        case Picture():
            return f"picture {figure.width * figure.across}x{figure.height * figure.down}"


def readable_data(code: LinearCode) -> str:
    """Return what a scanner reads: for Code 128, without the marks that choose its code sets."""
    if code.symbology not in {"CODE128", "GS1-128"}:
        return code.data.decode("latin-1")
    text, code_set, at = "", "B", 0
    while at < len(code.data):
        byte, following = code.data[at], code.data[at + 1 : at + 2]
        if byte == 0x7B and following in {b"A", b"B", b"C"}:
            code_set, at = following.decode(), at + 2
            continue
        if byte == 0x7B and following == b"{":
            at += 1
        text += f"{byte:02}" if code_set == "C" else chr(byte)
        at += 1
    return text
