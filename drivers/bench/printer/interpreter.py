"""ESC/POS bytes to operations, as a printer reads them: byte by byte, whatever pieces they come in.

Written from the command reference and not from the encoder of this project, so that a mistake shows on the paper.
It never fails: what means nothing is an `Unknown` with its bytes. What the operations do to paper is in `paper.py`.
Source: Epson ESC/POS command reference; FS commands of the Simplified Chinese models.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Final

from drivers.bench.printer.operations import (
    Aligned,
    AutomaticStatus,
    CompletionRequest,
    CutPaper,
    FeedDots,
    Glyph,
    IdentityRequest,
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
    Side,
    StatusRequest,
    Step,
    Style,
    Tab,
    Unknown,
)

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

ESC_SETTINGS: Final = {
    b" ": 1, b"-": 1, b"=": 1, b"M": 1, b"R": 1, b"V": 1, b"{": 1, b"r": 1, b"%": 1, b"?": 1, b"\\": 2, b"B": 2,
    b"7": 3, b"p": 3, b"c": 2, b"U": 1,
}  # fmt: skip
"""Commands after ESC that change nothing shown here, and how many bytes follow each."""
GS_SETTINGS: Final = {
    b"f": 1, b"b": 1, b"T": 1, b"j": 1, b"L": 2, b"W": 2, b"P": 2, b"$": 2, b"\\": 2, b"|": 1, b"z": 3,
}  # fmt: skip
FS_SETTINGS: Final = {b"-": 1, b"C": 1, b"S": 2}
EXTENDED_SETTINGS: Final = frozenset(b"ADEFKMNPQ")
"""Letters after `GS (` that set what is not shown here; their own length field says how much follows."""


@dataclass(slots=True)
class _Settings:
    """What ESC @ resets. ASCII and Chinese have sizes of their own: ESC ! sets one, FS ! the other, GS ! both."""

    ascii_style: Style = Style()
    chinese_style: Style = Style()
    chinese: bool = False
    code_page: int = 0
    code_height: int = 162
    code_module: int = 3
    code_readable: bool = False
    qr_module: int = 3
    qr_level: str = "L"
    qr_data: bytes = b""
    graphics: Picture | None = None

    def restyle(self, **changes: bool) -> None:
        """Change what ASCII and Chinese share."""
        self.ascii_style = replace(self.ascii_style, **changes)
        self.chinese_style = replace(self.chinese_style, **changes)


class Interpreter:
    """Takes bytes in any pieces and gives steps; it holds one unfinished command."""

    def __init__(self) -> None:
        self._settings = _Settings()
        self._raw = bytearray()
        self._again: int | None = None
        self._offset = 0
        self._steps: list[Step] = []
        self._reading = self._read_for_ever()
        next(self._reading)

    def feed(self, data: bytes) -> list[Step]:
        """Return the steps that `data` completes, in order. Never raises."""
        for byte in data:
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
        match first:
            case 0x0A:
                return LineFeed()
            case 0x09:
                return Tab()
            case 0x0D | 0x18:
                return Setting()
            case 0x10:
                return (yield from self._real_time())
            case 0x1B:
                return (yield from self._escape())
            case 0x1C:
                return (yield from self._chinese_command())
            case 0x1D:
                return (yield from self._group())
        if 0x20 <= first <= 0x7E:
            return Glyph(chr(first), self._settings.ascii_style)
        if first >= 0x80:
            return (yield from self._high(first))
        return Unknown()

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

    def _escape(self) -> Reading:
        name = bytes([(yield from self._byte())])
        settings = self._settings
        match name:
            case b"@":
                self._settings = _Settings()
                return Initialise()
            case b"2":
                return LineSpacing(DEFAULT_SPACING)
            case b"*":
                return (yield from self._column_picture())
            case b"$":
                return MoveTo((yield from self._number()))
            case b"D":
                return Setting() if (yield from self._until_nul()) is not None else Unknown()
            case b"i" | b"m":
                return CutPaper(partial=name == b"m")
        if name in ESC_SETTINGS:
            return (yield from self._setting(ESC_SETTINGS[name]))
        if name not in {b"!", b"E", b"G", b"a", b"d", b"J", b"3", b"t"}:
            return Unknown()
        number = yield from self._byte()
        match name:
            case b"!":
                size = {"across": 1 + bool(number & 0x20), "down": 1 + bool(number & 0x10)}
                settings.ascii_style = replace(settings.ascii_style, **size)
                settings.restyle(bold=bool(number & 0x08))
            case b"E" | b"G":
                settings.restyle(bold=bool(number & 1))
            case b"t":
                settings.code_page = number
            case b"a":
                side = {0: Side.LEFT, 1: Side.CENTER, 2: Side.RIGHT}.get(number % 48)
                return Aligned(side) if side is not None else Unknown()
            case b"d":
                return LineFeed(number)
            case b"J":
                return FeedDots(number)
            case b"3":
                return LineSpacing(number)
        return Setting()

    def _setting(self, length: int) -> Reading:
        yield from self._bytes(length)
        return Setting()

    def _chinese_command(self) -> Reading:
        name = bytes([(yield from self._byte())])
        settings = self._settings
        if name in {b"&", b"."}:
            settings.chinese = name == b"&"
            return Setting()
        if name in FS_SETTINGS:
            return (yield from self._setting(FS_SETTINGS[name]))
        if name not in {b"!", b"W"}:
            return Unknown()
        number = yield from self._byte()
        across, down = (
            (1 + bool(number & 4), 1 + bool(number & 8)) if name == b"!" else (1 + number % 2, 1 + number % 2)
        )
        settings.chinese_style = replace(settings.chinese_style, across=across, down=down)
        return Setting()

    def _group(self) -> Reading:
        name = bytes([(yield from self._byte())])
        settings = self._settings
        match name:
            case b"(":
                return (yield from self._extended())
            case b"k":
                return (yield from self._linear_code())
            case b"v":
                return (yield from self._raster())
            case b"V":
                return (yield from self._cut())
        if name in GS_SETTINGS:
            return (yield from self._setting(GS_SETTINGS[name]))
        if name not in {b"!", b"B", b"H", b"h", b"w", b"a", b"r", b"I"}:
            return Unknown()
        number = yield from self._byte()
        match name:
            case b"!":
                size = {"across": 1 + (number >> 4 & 7), "down": 1 + (number & 7)}
                settings.ascii_style = replace(settings.ascii_style, **size)
                settings.chinese_style = replace(settings.chinese_style, **size)
            case b"B":
                settings.restyle(reverse=bool(number & 1))
            case b"H":
                settings.code_readable = number % 48 != 0
            case b"h":
                settings.code_height = max(1, number)
            case b"w":
                settings.code_module = min(max(1, number), 8)
            case b"a":
                return AutomaticStatus(number != 0)
            case b"r":
                return StatusRequest(number % 48)
            case b"I":
                return IdentityRequest(number)
        return Setting()

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
