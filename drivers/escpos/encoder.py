"""Document to bytes: the commands around the text, built with python-escpos where it is sound.

Text never goes through the library, which sends Chinese without `FS &` and wraps by characters; see `chinese.py`.
What is not here: the confirmation of a job (`printer.py`), and how a line is broken (`layout.py`).
Source: Epson ESC/POS command reference.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Protocol

from drivers.escpos import library
from drivers.escpos.chinese import encoded
from drivers.escpos.layout import TextLine, lines_of
from drivers.escpos.profile import CutKind, PrinterProfile, QrKind, RasterKind, SizeCommand
from firmware.surfaces import Align, Barcode, Blank, Cut, Document, Mark, Pair, Qr, Rule, Text

CHINESE_MODE_ON: Final = b"\x1c&"
HALF_LINE: Final = b"\x1bJ\x0f"
"""Feed 15 dots: a code is read more surely with white above and below."""
QR_DOTS_MAX: Final = 6
QR_DOTS_MIN: Final = 2
QR_CAPACITY_M: Final = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331)
"""Bytes that versions 1, 2, ... hold at error correction level M (ISO/IEC 18004, table 7)."""
QR_LEVEL_M: Final = 1
BARCODE_MODULE_DOTS: Final = (3, 2)
BARCODE_HEIGHT_DOTS: Final = 80
IMPLEMENTATIONS: Final = {
    RasterKind.GS_V: "bitImageRaster",
    RasterKind.GS_L: "graphics",
    RasterKind.ESC_STAR: "bitImageColumn",
}


def encode(document: Document, profile: PrinterProfile) -> bytes:
    """Return the bytes that print `document` on a printer of `profile`, from its initialisation to the cut.

    Blocks for a millisecond or two, and longer at the first call, which imports python-escpos: call it from a worker
    thread.
    """
    return _Encoding(profile).of(document)


class _Builder(Protocol):
    """What is used of python-escpos; it has no types of its own."""

    sent: bytearray

    def hw(self, hw: str) -> None: ...
    def set(self, **style: Any) -> None: ...
    def image(self, img_source: Any, *, impl: str) -> None: ...
    def qr(self, content: str, **options: Any) -> None: ...
    def code_128(self, payload: str, module_dots: int) -> None: ...
    def cut(self, *, feed: bool) -> None: ...


class _Encoding:
    """One document on its way to bytes; it remembers the style that the printer is in, and sends only changes."""

    def __init__(self, profile: PrinterProfile) -> None:
        self._profile = profile
        self._printer = _builder(profile)
        self._align = Align.LEFT
        self._size = (False, False)
        self._bold = False

    def of(self, document: Document) -> bytes:
        self._printer.hw("INIT")
        if self._profile.cjk.in_rom:
            self._raw(CHINESE_MODE_ON)
        for mark in document.marks:
            self._mark(mark)
        return bytes(self._printer.sent)

    def _raw(self, data: bytes) -> None:
        self._printer.sent += data

    def _mark(self, mark: Mark) -> None:
        match mark:
            case Text() | Pair() | Rule():
                for line in lines_of(mark, self._profile):
                    self._line(line)
            case Blank():
                self._set_size(wide=False, tall=False)
                self._raw(b"\n" * mark.lines)
            case Qr():
                self._qr(mark.data)
            case Barcode():
                self._barcode(mark.data)
            case Cut():
                self._cut()

    def _line(self, line: TextLine) -> None:
        if not line.text.isascii() and not self._profile.cjk.in_rom:
            self._drawn(line)
            return
        self._set_align(line.align)
        self._set_size(wide=line.wide, tall=line.tall)
        if line.bold != self._bold:
            self._bold = line.bold
            self._printer.set(bold=line.bold)
        self._raw(encoded(line.text, self._profile.cjk) + b"\n")

    def _drawn(self, line: TextLine) -> None:
        """Send a line as a picture as wide as the paper, for a printer that lacks its characters."""
        from drivers.escpos.drawn_line import draw_line  # noqa: PLC0415 - Pillow and a font only where needed

        self._set_align(Align.LEFT)
        self._image(draw_line(line, self._profile.columns, self._profile.dots))

    def _image(self, image: Any) -> None:
        self._printer.image(image, impl=IMPLEMENTATIONS[self._profile.raster])

    def _set_align(self, align: Align) -> None:
        if align != self._align:
            self._align = align
            self._printer.set(align=align.value)

    def _set_size(self, *, wide: bool, tall: bool) -> None:
        if (wide, tall) == self._size:
            return
        self._size = (wide, tall)
        if self._profile.size is SizeCommand.GS:
            self._printer.set(custom_size=True, width=1 + wide, height=1 + tall)
            return
        self._printer.set(normal_textsize=True, double_width=wide, double_height=tall)
        self._raw(b"\x1c!" + bytes([0x04 * wide | 0x08 * tall]))
        # ESC ! sets emphasis too, so the printer is not bold any more.
        self._bold = False

    def _qr(self, data: str) -> None:
        self._set_size(wide=False, tall=False)
        self._set_align(Align.CENTER)
        dots = qr_module_dots(len(data), self._profile.dots)
        self._raw(HALF_LINE)
        native = self._profile.qr is QrKind.NATIVE
        pictured = {"impl": IMPLEMENTATIONS[self._profile.raster]}
        self._printer.qr(data, ec=QR_LEVEL_M, size=dots, native=native, image_arguments=None if native else pictured)
        self._raw(HALF_LINE)

    def _barcode(self, data: str) -> None:
        payload, modules = code_128(data)
        widths = [dots for dots in BARCODE_MODULE_DOTS if dots * modules <= self._profile.dots]
        if not widths:
            # A printer leaves out a barcode that is wider than its paper; the QR code carries the same data.
            self._qr(data)
            self._line(TextLine(data, Align.CENTER))
            return
        self._set_align(Align.CENTER)
        self._raw(HALF_LINE)
        self._printer.code_128(payload, widths[0])
        self._raw(HALF_LINE)

    def _cut(self) -> None:
        self._set_size(wide=False, tall=False)
        match self._profile.cut:
            case CutKind.PARTIAL:
                self._printer.cut(feed=False)
            case CutKind.FULL:
                self._raw(b"\x1dVA\x00")
            case CutKind.PLAIN_PARTIAL | CutKind.PLAIN_FULL:
                partial = self._profile.cut is CutKind.PLAIN_PARTIAL
                self._raw(b"\n" * self._profile.feed_lines + b"\x1dV" + bytes([partial]))
            case CutKind.NONE:
                self._raw(b"\n" * self._profile.feed_lines)


def qr_module_dots(length: int, paper_dots: int) -> int:
    """Choose the size of a QR code's modules: as large as reads well, and the code with its margin on the paper."""
    version = next(number for number, capacity in enumerate(QR_CAPACITY_M, 1) if length <= capacity)
    modules_with_margin = 17 + 4 * version + 8
    return max(QR_DOTS_MIN, min(QR_DOTS_MAX, paper_dots // modules_with_margin))


def code_128(data: str) -> tuple[str, int]:
    r"""Return the data of GS k 73 for `data`, and the width of the code in modules with its quiet zones.

    Digits go in pairs (code set C), all else in code set B, where `{` is doubled because `{` announces a set.
    Source: Epson GS k; ISO/IEC 15417: 11 modules a symbol, 13 the stop sign, 10 a quiet zone.
    """
    if data.isdigit() and len(data) >= 4:
        pairs = "".join(chr(int(data[at : at + 2])) for at in range(0, len(data) - 1, 2))
        odd = "{B" + data[-1] if len(data) % 2 else ""
        payload, symbols = "{C" + pairs + odd, len(pairs) + len(odd[1:])
    else:
        payload, symbols = "{B" + data.replace("{", "{{"), len(data)
    return payload, 11 * (symbols + 2) + 13 + 20


@lru_cache(maxsize=1)
def _builder_class() -> type:
    base: Any = library.load().Escpos

    class BytesBuilder(base):  # type: ignore[misc, unused-ignore]  # the library has no types
        """python-escpos with a buffer in place of a wire."""

        def __init__(self, profile: object) -> None:
            self.sent = bytearray()
            super().__init__(profile=profile)

        def _raw(self, msg: bytes) -> None:
            self.sent += msg

        def code_128(self, payload: str, module_dots: int) -> None:
            """Send a barcode; the library's public `barcode` prints a line to standard output each time."""
            self._hw_barcode(payload, "CODE128", BARCODE_HEIGHT_DOTS, module_dots, function_type="B", align_ct=False)

        def close(self) -> None:
            """There is no wire to close; the library calls this when the object goes."""

    return BytesBuilder


def _builder(profile: PrinterProfile) -> _Builder:
    """Make a builder with a profile of our own: the library's profiles know none of the Chinese models."""
    kind = _builder_class()
    import escpos.capabilities

    known = escpos.capabilities.Profile(columns=profile.columns)
    known.profile_data = {**known.profile_data, "media": {"width": {"pixels": profile.dots}}}
    known.features = dict.fromkeys(("barcodeB", "bitImageRaster", "graphics", "bitImageColumn", "qrCode"), True)
    builder: _Builder = kind(known)
    return builder
