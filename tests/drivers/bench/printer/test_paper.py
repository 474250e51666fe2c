"""What a receipt reads as, and what it looks like."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from drivers.bench.printer import PaperReceipt, VirtualPrinter, render_png
from drivers.bench.printer.operations import LinearCode
from drivers.bench.printer.paper import readable_data
from drivers.escpos.encoder import encode
from drivers.escpos.profile import Cjk, PrinterProfile
from firmware.surfaces import Align, Barcode, Blank, Cut, Document, Pair, Qr, Rule, Text
from tests.virtual_time import run_virtually


def paper(data: bytes, columns: int = 48) -> PaperReceipt:
    async def scene() -> PaperReceipt:
        printer = VirtualPrinter(lambda _answer: None, columns=columns)
        printer.feed(data)
        await asyncio.sleep(60)
        return printer.receipts[0]

    return run_virtually(scene())


def picture(data: bytes, columns: int = 48) -> Image.Image:
    return Image.open(io.BytesIO(render_png(paper(data, columns)))).convert("L")


SLIP = Document(
    "cash_sale",
    "merchant",
    (
        Text("现金收款", Align.CENTER, wide=True, tall=True, bold=True),
        Text("商户存根 MERCHANT COPY", Align.CENTER),
        Rule(),
        Pair("终端编号(TERMINAL NO)", "12345678"),
        Pair("RMB", "￥1,234.50", wide=True, tall=True),
        Blank(),
        Qr("https://example.org/000042"),
        Barcode("000042"),
        Cut(),
    ),
)


def test_slip_reads_as_its_columns_stand() -> None:
    assert paper(encode(SLIP, PrinterProfile())).text.splitlines() == [
        "                现金收款",
        "             商户存根 MERCHANT COPY",
        "-" * 48,
        "终端编号(TERMINAL NO)                   12345678",
        "RMB                         ￥1,234.50",
        "",
        "        [QR https://example.org/000042]",
        "                [CODE128 000042]",
    ]


def test_single_space_between_wide_words_stays_single() -> None:
    assert paper(b"\x1d!\x10BIG WORD\n\x1dV\x00").text == "BIG WORD"


def test_line_longer_than_the_paper_goes_on_in_the_next() -> None:
    assert paper(b"x" * 50 + b"\n\x1dV\x00").text == "x" * 48 + "\nxx"


def test_tab_and_place_move_within_the_line() -> None:
    assert paper(b"a\tb\x1b$\xf0\x00c\n\x1dV\x00").text == "a       b           c"


def test_unknown_bytes_are_told_with_their_place() -> None:
    receipt = paper(b"ab\x1bz\n\x1dV\x00")
    assert receipt.unknown == [(2, b"\x1bz")]
    assert receipt.data == b"ab\x1bz\n\x1dV\x00"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"{B1234", "1234"),
        (b"{C\x0c\x22{B5", "12345"),
        (b"{BA{{B", "A{B"),
        (b"{A\x01", "\x01"),
    ],
)
def test_barcode_is_read_as_a_scanner_does(data: bytes, text: str) -> None:
    assert readable_data(LinearCode("CODE128", data, 2, 80, readable=True)) == text


@pytest.mark.parametrize(("columns", "dots"), [(48, 576), (32, 384)])
def test_slip_is_drawn_at_the_printers_dots(columns: int, dots: int) -> None:
    drawn = picture(encode(SLIP, PrinterProfile(columns=columns, dots=dots)), columns)
    assert drawn.width == dots + 64
    assert drawn.height > 400
    ink = drawn.point(lambda grey: 255 if grey < 100 else 0)
    box = ink.getbbox()
    assert box is not None
    # Nothing on the margins, and the rule across the whole width.
    assert 32 <= box[0] < 48
    assert dots + 32 - 16 < box[2] <= dots + 32


@pytest.mark.parametrize("code", [Qr("https://example.org/000042"), Barcode("000042202611222150")])
def test_codes_are_drawn_in_whole_modules(code: Qr | Barcode) -> None:
    drawn = picture(encode(Document("x", "y", (code, Cut())), PrinterProfile()))
    row = drawn.crop((0, 90, drawn.width, 91)).tobytes()
    black = "".join("#" if grey < 100 else " " for grey in row).strip()
    runs = [len(run) for run in black.replace(" #", " |#").replace("# ", "#| ").split("|")]
    module = 6 if isinstance(code, Qr) else 3
    assert len(runs) > 8
    assert all(run % module == 0 for run in runs)


def test_bold_and_reverse_are_darker() -> None:
    def darkness(data: bytes) -> int:
        drawn = picture(data + "汉字\n".encode("gbk") + b"\x1dV\x00")
        return sum(drawn.histogram()[:100])

    assert darkness(b"\x1c&") < darkness(b"\x1c&\x1bE\x01") < darkness(b"\x1c&\x1dB\x01")


def test_uncut_and_empty_receipts_are_drawn_too() -> None:
    for data in (b"a\n", b"\x1dV\x00", b"\x1dk\x02123\x00\n", b"\x1dk\x48\x03abc"):
        assert picture(data).width == 640


def test_characters_without_a_glyph_do_no_harm() -> None:
    assert picture(b"\x1c&" + "\ue5e5\u3000㐀𠀀".encode("gb18030") + b"\n").width == 640


def test_drawn_lines_look_like_printed_ones() -> None:
    lines = Document("x", "y", (Text("交易成功"), Text("金额", Align.RIGHT, wide=True), Cut()))
    printed = picture(encode(lines, PrinterProfile()))
    drawn = picture(encode(lines, PrinterProfile(cjk=Cjk.RASTER)))
    ink = [sum(image.histogram()[:100]) for image in (printed, drawn)]
    assert abs(ink[0] - ink[1]) < ink[0] * 0.05
    assert paper(encode(lines, PrinterProfile(cjk=Cjk.RASTER))).text == "[picture 576x30]\n[picture 576x30]"
