"""How bytes are read, against commands worked out by hand from the reference."""

from __future__ import annotations

import pytest

from drivers.bench.printer.interpreter import Interpreter
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
    Style,
    Tab,
    Unknown,
)


def read(data: bytes) -> list[Operation]:
    return [step.operation for step in Interpreter().feed(data)]


def text(data: bytes) -> str:
    return "".join(operation.character for operation in read(data) if isinstance(operation, Glyph))


def style(data: bytes) -> Style:
    last = read(data)[-1]
    assert isinstance(last, Glyph)
    return last.style


# The bytes below are those of the command reference, worked out by hand.
@pytest.mark.parametrize(
    ("data", "operation"),
    [
        (b"\n", LineFeed()),
        (b"\t", Tab()),
        (b"\r", Setting()),
        (b"\x1b@", Initialise()),
        (b"\x1ba\x01", Aligned(Side.CENTER)),
        (b"\x1ba2", Aligned(Side.RIGHT)),
        (b"\x1bd\x05", LineFeed(5)),
        (b"\x1bJ\x18", FeedDots(24)),
        (b"\x1b3\x10", LineSpacing(16)),
        (b"\x1b2", LineSpacing(30)),
        (b"\x1b$\x20\x01", MoveTo(288)),
        (b"\x1bt\x10", Setting()),
        (b"\x1bp\x00\x19\xfa", Setting()),
        (b"\x1bD\x08\x10\x00", Setting()),
        (b"\x1bi", CutPaper(partial=False)),
        (b"\x1bm", CutPaper(partial=True)),
        (b"\x1dV\x00", CutPaper(partial=False)),
        (b"\x1dV1", CutPaper(partial=True)),
        (b"\x1dVA\x10", CutPaper(partial=False, feed_dots=16)),
        (b"\x1dVB\x00", CutPaper(partial=True)),
        (b"\x10\x04\x01", RealTime()),
        (b"\x10\x05\x02", RealTime()),
        (b"\x10\x14\x01\x00\x05", RealTime()),
        (b"\x1da\xff", AutomaticStatus(enabled=True)),
        (b"\x1dr\x01", StatusRequest(1)),
        (b"\x1dI\x43", IdentityRequest(0x43)),
        (b"\x1d(H\x06\x0000abcd", CompletionRequest(b"abcd")),
        (b"\x1d(A\x02\x00\x00\x02", Setting()),
        (b"\x1dk\x04ABC\x00", LinearCode("CODE39", b"ABC", 3, 162, readable=False)),
        (b"\x1dk\x49\x06{B1234", LinearCode("CODE128", b"{B1234", 3, 162, readable=False)),
        (b"\x1dv0\x00\x01\x00\x02\x00\xf0\x0f", Picture(8, 2, b"\xf0\x0f")),
        (b"\x1dv0\x03\x01\x00\x01\x00\xff", Picture(8, 1, b"\xff", 2, 2)),
    ],
)
def test_command_is_read_as_the_reference_says(data: bytes, operation: Operation) -> None:
    assert read(data) == [operation]


def test_settings_of_a_barcode_stand_with_it() -> None:
    assert read(b"\x1dh\x50\x1dw\x02\x1dH\x02\x1dk\x49\x03{B1")[-1] == LinearCode(
        "CODE128", b"{B1", 2, 80, readable=True
    )


def test_qr_code_is_printed_with_its_settings() -> None:
    parts = (
        b"\x1d(k\x04\x001A2\x00",
        b"\x1d(k\x03\x001C\x05",
        b"\x1d(k\x03\x001E1",
        b"\x1d(k\x05\x001P0hi",
        b"\x1d(k\x03\x001Q0",
    )
    assert read(b"".join(parts)) == [Setting()] * 4 + [QrCode(b"hi", 5, "M")]


def test_stored_graphics_are_printed_once() -> None:
    store = b"\x1d(L\x0c\x000p0\x01\x011\x08\x00\x02\x00\xaa\x55"
    assert read(store + b"\x1d(L\x02\x0002") == [Setting(), Picture(8, 2, b"\xaa\x55")]


def test_column_picture_is_turned_into_rows() -> None:
    (picture,) = read(b"\x1b*\x01\x02\x00\x80\x01")
    assert picture == Picture(2, 8, b"\x80\x00\x00\x00\x00\x00\x00\x40", 1, 3)


@pytest.mark.parametrize("sample", ["中文", "额啰", "￥，。（）", "㐀𠀀", "中A文b"])
def test_chinese_text_is_read_in_chinese_mode(sample: str) -> None:
    assert text(b"\x1c&" + sample.encode("gb18030")) == sample


def test_chinese_bytes_outside_chinese_mode_are_not_chinese() -> None:
    assert text("中".encode("gb18030")) != "中"
    assert text(b"\x1c&\x1c." + "中".encode("gb18030")) == b"\xd6\xd0".decode("cp437")
    assert text(b"\x1c&\x1b@" + "中".encode("gb18030")) != "中"


def test_command_in_place_of_half_a_character_is_obeyed() -> None:
    steps = Interpreter().feed(b"\x1c&\xd6\n\xd6\x1b@")
    assert [type(step.operation) for step in steps] == [Setting, Unknown, LineFeed, Unknown, Initialise]
    assert [(step.offset, step.raw) for step in steps[1:]] == [(2, b"\xd6"), (3, b"\n"), (4, b"\xd6"), (5, b"\x1b@")]


def test_ascii_and_chinese_have_sizes_of_their_own() -> None:
    assert style(b"\x1d!\x11A") == Style(2, 2)
    assert style(b"\x1b!\x38A") == Style(2, 2, bold=True)
    assert style(b"\x1c&\x1b!\x30\xd6\xd0") == Style(1, 1)
    assert style(b"\x1c&\x1c!\x0c\xd6\xd0") == Style(2, 2)
    assert style(b"\x1c&\x1c!\x0cA") == Style(1, 1)
    assert style(b"\x1c&\x1cW\x01\xd6\xd0") == Style(2, 2)
    assert style(b"\x1c&\x1d!\x10\xd6\xd0") == Style(2, 1)
    assert style(b"\x1bE\x01\x1b-\x01\x1dB\x01A") == Style(bold=True, underline=True, reverse=True)


@pytest.mark.parametrize(
    "data",
    [
        b"\x01",
        b"\x7f",
        b"\x1bz",
        b"\x1d\xff",
        b"\x1c\x01",
        b"\x1c&\xff",
        b"\x1dk\x20",
        b"\x1dVz",
        b"\x1dv0\x00\xff\xff\xff\xff",
    ],
)
def test_bytes_that_mean_nothing_are_told_and_left_behind(data: bytes) -> None:
    steps = Interpreter().feed(data + b"\n")
    unknown = [step for step in steps if isinstance(step.operation, Unknown)]
    assert len(unknown) == 1
    assert data.endswith(unknown[0].raw)
    assert steps[-1].operation == LineFeed()
