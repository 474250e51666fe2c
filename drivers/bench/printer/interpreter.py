"""ESC/POS bytes to operations, as a printer reads them: byte by byte, whatever pieces they come in.

Written from the command reference and not from the encoder of this project, so that a mistake shows on the paper.
It never fails: what means nothing is an `Unknown` with its bytes. What the operations do to paper is in `paper.py`.
Source: Epson ESC/POS command reference; FS commands of the Simplified Chinese models.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Final

from drivers.bench.printer.operations import (
    CompletionRequest,
    CutPaper,
    Glyph,
    Initialise,
    LinearCode,
    LineFeed,
    LineSpacing,
    MoveTo,
    Operation,
    Picture,
    QrCode,
    RealTime,
    Setting,
    Step,
    Tab,
    Unknown,
)
from drivers.bench.printer.settings import ONE_BYTE, WITHOUT_EFFECT, Settings

Reading = Generator[None, int, Operation]

PAYLOAD_MAX: Final = 1 << 20
"""The most bytes of one picture; a header that announces more is not believed."""
NUL_TERMINATED_MAX: Final = 255
DEFAULT_SPACING: Final = 30
CODE_PAGES: Final = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858",
}  # fmt: skip
SYMBOLOGIES: Final = ("UPC-A", "UPC-E", "EAN13", "EAN8", "CODE39", "ITF", "CODABAR", "CODE93", "CODE128", "GS1-128")
QR_LEVELS: Final = "LMQH"

EXTENDED_SETTINGS: Final = frozenset(b"ADEFKMNPQ")
"""Letters after `GS (` that set what is not shown here; their own length field says how much follows."""


CONTROLS: Final[Mapping[int, Operation]] = {0x09: Tab(), 0x0A: LineFeed(), 0x0D: Setting(), 0x18: Setting()}
BARE: Final[Mapping[bytes, Operation]] = {
    b"\x1b@": Initialise(),
    b"\x1b2": LineSpacing(DEFAULT_SPACING),
    b"\x1bi": CutPaper(partial=False),
    b"\x1bm": CutPaper(partial=True),
}
"""Commands that end with their name."""


class Interpreter:
    """Takes bytes in any pieces and gives steps; it holds one unfinished command."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._raw = bytearray()
        self._again: int | None = None
        self._offset = 0
        self._steps: list[Step] = []
        self._reading = self._read_for_ever()
        next(self._reading)

    def feed(self, data: bytes) -> list[Step]:
        """Return the steps that `data` completes, in order. Never raises."""
        for byte in data:
            if not self._raw and 0x20 <= byte <= 0x7E:
                # Most of what a printer reads: a character that no command waits for.
                self._steps.append(Step(self._offset, bytes([byte]), Glyph(chr(byte), self._settings.ascii_style)))
                self._offset += 1
                continue
            self._raw.append(byte)
            self._reading.send(byte)
        steps, self._steps = self._steps, []
        return steps

    def _read_for_ever(self) -> Generator[None, int, None]:
        while True:
            operation = yield from self._command()
            kept = 1 if self._again is not None else 0
            size = len(self._raw) - kept
            self._steps.append(Step(self._offset, bytes(self._raw[:size]), operation))
            del self._raw[:size]
            self._offset += size

    def _byte(self) -> Generator[None, int, int]:
        if self._again is not None:
            byte, self._again = self._again, None
            return byte
        return (yield)

    def _bytes(self, count: int) -> Generator[None, int, bytes]:
        data = bytearray()
        for _ in range(count):
            data.append((yield from self._byte()))
        return bytes(data)

    def _number(self, size: int = 2) -> Generator[None, int, int]:
        return int.from_bytes((yield from self._bytes(size)), "little")

    def _until_nul(self) -> Generator[None, int, bytes | None]:
        data = bytearray()
        while len(data) <= NUL_TERMINATED_MAX:
            byte = yield from self._byte()
            if byte == 0:
                return bytes(data)
            data.append(byte)
        return None

    def _command(self) -> Reading:
        first = yield from self._byte()
        if first in {0x1B, 0x1C, 0x1D}:
            return (yield from self._prefixed(bytes([first, (yield from self._byte())])))
        if first == 0x10:
            return (yield from self._real_time())
        if first >= 0x80:
            return (yield from self._high(first))
        if 0x20 <= first <= 0x7E:
            return Glyph(chr(first), self._settings.ascii_style)
        return CONTROLS.get(first, Unknown())

    def _prefixed(self, name: bytes) -> Reading:
        """A command that begins with ESC, FS or GS, by its first two bytes."""
        if name in ONE_BYTE:
            return ONE_BYTE[name](self._settings, (yield from self._byte()))
        if name in WITHOUT_EFFECT:
            yield from self._bytes(WITHOUT_EFFECT[name])
            return Setting()
        if name in {b"\x1c&", b"\x1c."}:
            self._settings.chinese = name == b"\x1c&"
            return Setting()
        if name == b"\x1b@":
            self._settings = Settings()
        if name in BARE:
            return BARE[name]
        longer = {
            b"\x1b*": self._column_picture,
            b"\x1b$": self._move,
            b"\x1bD": self._tabs,
            b"\x1d(": self._extended,
            b"\x1dk": self._linear_code,
            b"\x1dv": self._raster,
            b"\x1dV": self._cut,
        }
        return (yield from longer[name]()) if name in longer else Unknown()

    def _move(self) -> Reading:
        return MoveTo((yield from self._number()))

    def _tabs(self) -> Reading:
        return Setting() if (yield from self._until_nul()) is not None else Unknown()

    def _high(self, first: int) -> Reading:
        """A byte from 80h: half of a Chinese character in Chinese mode, else a character of the code page."""
        if not self._settings.chinese:
            page = CODE_PAGES.get(self._settings.code_page)
            text = bytes([first]).decode(page, "replace") if page else "\ufffd"
            return Glyph(text, self._settings.ascii_style) if text.isprintable() else Unknown()
        if first in {0x80, 0xFF}:
            return Unknown()
        code = bytearray([first])
        while len(code) < 4:
            byte = yield from self._byte()
            if not _may_follow(code, byte):
                self._again = byte
                return Unknown()
            code.append(byte)
            if len(code) == 2 and byte >= 0x40:
                break
        text = bytes(code).decode("gb18030", "replace")
        return Glyph(text, self._settings.chinese_style) if len(text) == 1 and text != "\ufffd" else Unknown()

    def _real_time(self) -> Reading:
        """Take a real-time command in its turn; what follows one that is not known is read as usual."""
        lengths = {0x04: 1, 0x05: 1, 0x14: 1}
        kind = yield from self._byte()
        if kind not in lengths:
            self._again = kind
            return Unknown()
        number = yield from self._byte()
        if kind == 0x14:
            yield from self._bytes({1: 2, 2: 2, 8: 7}.get(number, 0))
        elif kind == 0x04 and number in {7, 8, 18}:
            yield from self._byte()
        return RealTime()

    def _cut(self) -> Reading:
        mode = yield from self._byte()
        if mode in {0, 1, 48, 49}:
            return CutPaper(partial=bool(mode & 1))
        if mode in {65, 66, 97, 98, 103, 104}:
            feed = yield from self._byte()
            return CutPaper(partial=mode in {66, 98, 104}, feed_dots=feed)
        return Unknown()

    def _linear_code(self) -> Reading:
        kind = yield from self._byte()
        if kind <= 6:
            data = yield from self._until_nul()
            symbology = SYMBOLOGIES[kind]
        elif 65 <= kind <= 74:
            data = yield from self._bytes((yield from self._byte()))
            symbology = SYMBOLOGIES[kind - 65]
        else:
            return Unknown()
        if not data:
            return Unknown()
        settings = self._settings
        return LinearCode(symbology, data, settings.code_module, settings.code_height, settings.code_readable)

    def _raster(self) -> Reading:
        """GS v 0: magnification, bytes across, rows, and the rows."""
        if (yield from self._byte()) not in {0x30, 0x00}:
            return Unknown()
        mode = yield from self._byte()
        across, height = (yield from self._number()), (yield from self._number())
        if not 1 <= across * height <= PAYLOAD_MAX:
            return Unknown()
        rows = yield from self._bytes(across * height)
        return Picture(across * 8, height, rows, 1 + (mode & 1), 1 + (mode >> 1 & 1))

    def _column_picture(self) -> Reading:
        """ESC *: columns of 8 or 24 dots, at single or double density."""
        mode = yield from self._byte()
        width = yield from self._number()
        if mode not in {0, 1, 32, 33} or width == 0:
            return Unknown()
        depth = 3 if mode >= 32 else 1
        columns = yield from self._bytes(width * depth)
        across = 1 if mode & 1 else 2
        return Picture(width, depth * 8, _rows_of(columns, width, depth), across, 1 if depth == 3 else 3)

    def _extended(self) -> Reading:
        """GS ( letter, with the length of what follows."""
        letter = yield from self._byte()
        body = yield from self._bytes((yield from self._number()))
        match bytes([letter]):
            case b"k":
                return self._qr(body)
            case b"L":
                return self._graphics(body)
            case b"H" if len(body) == 6 and body[:2] == b"00":
                return CompletionRequest(body[2:])
        return Setting() if letter in EXTENDED_SETTINGS else Unknown()

    def _qr(self, body: bytes) -> Operation:
        """GS ( k for the symbol 49: settings (fn 65, 67, 69), the data (80), and the print (81)."""
        settings = self._settings
        match list(body):
            case [49, 65, _, _]:
                pass
            case [49, 67, dots] if 1 <= dots <= 16:
                settings.qr_module = dots
            case [49, 69, level] if 48 <= level <= 51:
                settings.qr_level = QR_LEVELS[level - 48]
            case [49, 80, 48, *data] if data:
                settings.qr_data = bytes(data)
            case [49, 81, 48] if settings.qr_data:
                return QrCode(settings.qr_data, settings.qr_module, settings.qr_level)
            case _:
                return Unknown()
        return Setting()

    def _graphics(self, body: bytes) -> Operation:
        """GS ( L: store a raster picture (fn 112) or print the stored one (fn 50)."""
        if body in {b"02", b"0\x02"}:
            stored, self._settings.graphics = self._settings.graphics, None
            return stored or Setting()
        if body[:2] != b"0p" or len(body) < 10:
            return Unknown()
        width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        rows = body[10:]
        if width == 0 or height == 0 or len(rows) != (width + 7) // 8 * height:
            return Unknown()
        self._settings.graphics = Picture(width, height, rows, 2 if body[3] == 2 else 1, 2 if body[4] == 2 else 1)
        return Setting()


def _may_follow(code: bytearray, byte: int) -> bool:
    """Tell whether `byte` continues a character of GB 18030: two bytes, or four where the second is a digit."""
    match len(code):
        case 1:
            return 0x30 <= byte <= 0x39 or (0x40 <= byte <= 0xFE and byte != 0x7F)
        case 2:
            return 0x81 <= byte <= 0xFE
    return 0x30 <= byte <= 0x39


def _rows_of(columns: bytes, width: int, depth: int) -> bytes:
    """Turn columns of `depth` bytes, top bit uppermost, into rows of dots."""
    across = (width + 7) // 8
    rows = bytearray(across * depth * 8)
    for index, byte in enumerate(columns):
        column, part = divmod(index, depth)
        for bit in range(8):
            if byte & 0x80 >> bit:
                rows[(part * 8 + bit) * across + column // 8] |= 0x80 >> column % 8
    return bytes(rows)
