"""Which commands a document becomes, profile by profile."""

from __future__ import annotations

import pytest

from drivers.bench.printer.interpreter import Interpreter
from drivers.bench.printer.operations import CutPaper, FeedDots, Glyph, LinearCode, LineFeed, Operation, Picture, QrCode
from drivers.escpos.encoder import code_128, encode, qr_module_dots
from drivers.escpos.profile import Cjk, CutKind, PrinterProfile, QrKind, RasterKind, SizeCommand
from firmware.surfaces import Align, Barcode, Blank, Cut, Document, Mark, Pair, Qr, Text


def document(*marks: Mark) -> Document:
    return Document("sample", "merchant", (*marks, Cut()))


def read(data: bytes) -> list[Operation]:
    return [step.operation for step in Interpreter().feed(data)]


def test_chinese_is_sent_as_gb18030_in_chinese_mode() -> None:
    sent = encode(document(Text("现金￥1 é 额")), PrinterProfile())
    assert sent == b"\x1b@\x1c&" + "现金￥1 é 额\n".encode("gb18030") + b"\x1dVB\x00"


def test_style_is_sent_when_it_changes() -> None:
    title = Text("标题", Align.CENTER, wide=True, tall=True, bold=True)
    sent = encode(document(title, title, Text("x")), PrinterProfile())
    name = "标题\n".encode("gbk")
    assert sent == (
        b"\x1b@\x1c&\x1ba\x01\x1d!\x11\x1bE\x01" + name + name + b"\x1ba\x00\x1d!\x00\x1bE\x00x\n\x1dVB\x00"
    )


def test_printer_with_two_size_commands_gets_both() -> None:
    sent = encode(document(Text("大A", wide=True, tall=True, bold=True)), PrinterProfile(size=SizeCommand.FS))
    glyphs = [operation for operation in read(sent) if isinstance(operation, Glyph)]
    assert {(glyph.character, glyph.style.across, glyph.style.down, glyph.style.bold) for glyph in glyphs} == {
        ("大", 2, 2, True),
        ("A", 2, 2, True),
    }


@pytest.mark.parametrize(
    ("cut", "tail"),
    [
        (CutKind.PARTIAL, [CutPaper(partial=True)]),
        (CutKind.FULL, [CutPaper(partial=False)]),
        (CutKind.PLAIN_PARTIAL, [LineFeed(), LineFeed(), CutPaper(partial=True)]),
        (CutKind.PLAIN_FULL, [LineFeed(), LineFeed(), CutPaper(partial=False)]),
        (CutKind.NONE, [LineFeed(), LineFeed()]),
    ],
)
def test_paper_is_cut_as_the_profile_says(cut: CutKind, tail: list[Operation]) -> None:
    sent = encode(document(Text("x")), PrinterProfile(cut=cut, feed_lines=2))
    assert read(sent)[-len(tail) - 1 :] == [LineFeed(), *tail]


@pytest.mark.parametrize("raster", RasterKind)
def test_line_that_the_printer_has_no_characters_for_is_drawn(raster: RasterKind) -> None:
    profile = PrinterProfile(columns=32, dots=384, cjk=Cjk.RASTER, raster=raster)
    operations = read(encode(document(Text("ascii"), Text("中文", Align.RIGHT)), profile))
    pictures = [operation for operation in operations if isinstance(operation, Picture)]
    assert "".join(operation.character for operation in operations if isinstance(operation, Glyph)) == "ascii"
    # ESC * sends the 30 dots of a line as two strips of 24.
    assert [picture.width for picture in pictures] == [384] * (2 if raster is RasterKind.ESC_STAR else 1)
    black = [divmod(at, 384 // 8) for at, byte in enumerate(pictures[0].rows) if byte]
    assert black
    assert min(column for _row, column in black) >= 384 // 8 - 6


@pytest.mark.parametrize("wide", [False, True])
def test_drawn_line_is_as_tall_as_it_says(wide: bool) -> None:
    profile = PrinterProfile(cjk=Cjk.RASTER)
    operations = read(encode(document(Text("高", wide=wide, tall=True, bold=True)), profile))
    (picture,) = [operation for operation in operations if isinstance(operation, Picture)]
    assert (picture.width, picture.height) == (576, 60)


def test_qr_code_is_made_by_the_printer_and_fits_the_paper() -> None:
    profile = PrinterProfile(columns=32, dots=384)
    (code,) = [each for each in read(encode(document(Qr("x" * 300)), profile)) if isinstance(each, QrCode)]
    assert (code.data, code.level) == (b"x" * 300, "M")
    assert code.module_dots * (69 + 8) <= 384


def test_qr_code_for_a_printer_without_them_is_a_picture() -> None:
    operations = read(encode(document(Qr("https://example.org")), PrinterProfile(qr=QrKind.IMAGE)))
    (picture,) = [operation for operation in operations if isinstance(operation, Picture)]
    assert 0 <= picture.width - picture.height < 8
    assert not any(isinstance(operation, QrCode) for operation in operations)


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        ("12345678", "{C\x0c\x22\x38\x4e"),
        ("1234567", "{C\x0c\x22\x38{B7"),
        ("12", "{B12"),
        ("A-1{2", "{BA-1{{2"),
    ],
)
def test_barcode_uses_the_short_code_for_digits(data: str, payload: str) -> None:
    assert code_128(data)[0] == payload


def test_barcode_too_wide_for_the_paper_becomes_a_qr_code_and_text() -> None:
    operations = read(encode(document(Barcode("ABCDEFGHIJKLMNOPQRST")), PrinterProfile(columns=32, dots=384)))
    assert not any(isinstance(operation, LinearCode) for operation in operations)
    assert any(isinstance(operation, QrCode) for operation in operations)
    assert "".join(each.character for each in operations if isinstance(each, Glyph)) == "ABCDEFGHIJKLMNOPQRST"


@pytest.mark.parametrize(("length", "paper", "dots"), [(10, 576, 6), (300, 576, 6), (300, 384, 4), (300, 192, 2)])
def test_qr_modules_are_as_large_as_fits(length: int, paper: int, dots: int) -> None:
    assert qr_module_dots(length, paper) == dots


def test_encoding_says_nothing_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    marks = (Qr("x"), Barcode("123456"), Pair("金额", "1"), Blank(2))
    for profile in (PrinterProfile(), PrinterProfile(cjk=Cjk.RASTER, qr=QrKind.IMAGE)):
        assert FeedDots(15) in read(encode(document(*marks), profile))
    assert capsys.readouterr() == ("", "")
