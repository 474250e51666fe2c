"""What ESC/POS bytes mean, as values: the output of the interpreter and the input of the paper.

Lengths are in dots of the printer, 203 to the inch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Style:
    """How a character looks; `across` and `down` are its magnification, 1 to 8."""

    across: int = 1
    down: int = 1
    bold: bool = False
    underline: bool = False
    reverse: bool = False


class Side(StrEnum):
    """Where a line stands on the paper."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character."""

    character: str
    style: Style


@dataclass(frozen=True, slots=True)
class Tab:
    """Move to the next tab stop."""


@dataclass(frozen=True, slots=True)
class MoveTo:
    """Move to a place in the line."""

    dots: int


@dataclass(frozen=True, slots=True)
class LineFeed:
    """Print the line, if any, and feed `lines` lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class FeedDots:
    """Print the line, if any, and feed."""

    dots: int


@dataclass(frozen=True, slots=True)
class LineSpacing:
    """The height of the lines from now on."""

    dots: int


@dataclass(frozen=True, slots=True)
class Aligned:
    """Where the lines stand from now on."""

    side: Side


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code; `level` is L, M, Q or H."""

    data: bytes
    module_dots: int
    level: str


@dataclass(frozen=True, slots=True)
class LinearCode:
    """A barcode as the printer was told: `data` is what stands in the command, code set marks included."""

    symbology: str
    data: bytes
    module_dots: int
    height_dots: int
    readable: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in rows of 1-bit dots, 1 is black, each row padded to whole bytes; magnified `across` and `down`."""

    width: int
    height: int
    rows: bytes
    across: int = 1
    down: int = 1


@dataclass(frozen=True, slots=True)
class CutPaper:
    """Feed and cut."""

    partial: bool
    feed_dots: int = 0


@dataclass(frozen=True, slots=True)
class Initialise:
    """Forget the settings and the line that was begun."""


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Tell, with this tag, when all before it is printed."""

    tag: bytes


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """Tell the sensors when all before it was taken from the buffer."""

    number: int


@dataclass(frozen=True, slots=True)
class IdentityRequest:
    """Tell what printer this is."""

    number: int


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Tell the sensors at every change from now on, or not any more."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class RealTime:
    """A real-time command met in its turn: it was obeyed when it arrived, and means nothing now."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A command that is known and changes nothing that this printer shows."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that mean nothing to this printer."""


Operation = (
    Glyph
    | Tab
    | MoveTo
    | LineFeed
    | FeedDots
    | LineSpacing
    | Aligned
    | QrCode
    | LinearCode
    | Picture
    | CutPaper
    | Initialise
    | CompletionRequest
    | StatusRequest
    | IdentityRequest
    | AutomaticStatus
    | RealTime
    | Setting
    | Unknown
)


@dataclass(frozen=True, slots=True)
class Step:
    """One operation with the bytes it came from and their place in the stream."""

    offset: int
    raw: bytes
    operation: Operation
