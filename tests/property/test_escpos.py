"""Properties of printing: what goes in as text comes out as text, and no byte from outside harms anyone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.printer.carriage import Carriage
from drivers.bench.printer.interpreter import Interpreter
from drivers.bench.printer.operations import CutPaper, Glyph, LinearCode, QrCode, RealTime, Step, Unknown
from drivers.bench.printer.paper import PrintedFigure, PrintedLine, readable_data
from drivers.escpos.chinese import printable, wrapped
from drivers.escpos.encoder import code_128, encode
from drivers.escpos.profile import Cjk, CutKind, PrinterProfile, SizeCommand
from drivers.escpos.status import JobCompleted, StatusParser
from firmware.surfaces import Barcode, Blank, Cut, Document, Mark, Pair, Qr, Rule, Text, cell_width
from tests.property.escpos_documents import commands, documents, texts

PROFILES = [
    PrinterProfile(),
    PrinterProfile(cjk=Cjk.GBK, size=SizeCommand.FS, cut=CutKind.PLAIN_FULL),
    PrinterProfile(columns=32, dots=384, cjk=Cjk.GB2312, cut=CutKind.FULL),
    PrinterProfile(columns=42, dots=512, cjk=Cjk.NONE, cut=CutKind.NONE),
]
every_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: f"{profile.cjk}-{profile.columns}")


def interpreted(data: bytes) -> list[Step]:
    return Interpreter().feed(data)


def words(mark: Mark, profile: PrinterProfile) -> str:
    """What a mark says, without the spaces that layout adds or drops."""
    match mark:
        case Text(text):
            said = text
        case Pair(label, value):
            said = label + value
        case Rule():
            said = "-" * profile.columns
        case Barcode(data):
            said = data if 2 * code_128(data)[1] > profile.dots else ""
        case _:
            said = ""
    return "".join(printable(said, profile.cjk).split())


@every_profile
@settings(max_examples=60)
@given(document=documents)
def test_document_encoded_is_read_back_with_the_same_text(profile: PrinterProfile, document: Document) -> None:
    steps = interpreted(encode(document, profile))
    assert [step.raw for step in steps if isinstance(step.operation, Unknown)] == []
    shown = "".join(step.operation.character for step in steps if isinstance(step.operation, Glyph))
    assert "".join(shown.split()) == "".join(words(mark, profile) for mark in document.marks)


@every_profile
@settings(max_examples=60)
@given(document=documents)
def test_document_on_paper_is_never_wider_than_the_paper(profile: PrinterProfile, document: Document) -> None:
    carriage = Carriage(profile.columns)
    items = [item for step in interpreted(encode(document, profile)) for item in carriage.obey(step.operation)]
    lines = [item for item in items if isinstance(item, PrintedLine)]
    assert all(line.cells <= profile.columns for line in lines)
    # A line that the printer had to break would be one that the document did not feed.
    feeds = encode(document, profile).count(b"\n")
    printed = sum(1 for line in lines if line.glyphs)
    assert printed <= feeds


@every_profile
@settings(max_examples=60)
@given(document=documents)
def test_sizes_of_a_document_are_those_on_paper(profile: PrinterProfile, document: Document) -> None:
    glyphs = [step.operation for step in interpreted(encode(document, profile)) if isinstance(step.operation, Glyph)]
    asked = {(1 + mark.wide, 1 + mark.tall, mark.bold) for mark in document.marks if isinstance(mark, Text | Pair)}
    shown = {(glyph.style.across, glyph.style.down, glyph.style.bold) for glyph in glyphs if glyph.character != " "}
    assert shown <= asked | {(1, 1, False)}
    if not any(isinstance(mark, Rule | Barcode) for mark in document.marks):
        assert shown <= asked


@settings(max_examples=60)
@given(data=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=24))
def test_barcode_and_qr_code_hold_their_data(data: str) -> None:
    document = Document("codes", "customer", (Qr(data), Barcode(data), Blank(), Cut()))
    operations = [step.operation for step in interpreted(encode(document, PrinterProfile()))]
    codes = [operation for operation in operations if isinstance(operation, QrCode)]
    bars = [readable_data(operation) for operation in operations if isinstance(operation, LinearCode)]
    assert codes[0].data.decode() == data
    assert bars == [data] or [code.data.decode() for code in codes] == [data, data]
    assert isinstance(operations[-1], CutPaper)


@settings(max_examples=200)
@given(data=commands, cuts=st.lists(st.integers(0, 250), max_size=8))
def test_any_bytes_in_any_pieces_are_read_the_same(data: bytes, cuts: list[int]) -> None:
    whole = interpreted(data)
    reader, pieces = Interpreter(), []
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(places):
        pieces += reader.feed(data[start:end])
    assert pieces == whole
    assert b"".join(step.raw for step in whole) == data[: sum(len(step.raw) for step in whole)]


@settings(max_examples=200)
@given(data=commands)
def test_any_bytes_on_paper_do_no_harm(data: bytes) -> None:
    carriage = Carriage(48)
    for step in interpreted(data):
        for item in carriage.obey(step.operation):
            assert isinstance(item, PrintedFigure) or item.cells <= 48 or len(item.glyphs) == 1


@settings(max_examples=200)
@given(data=st.binary(max_size=300), cut=st.integers(0, 300))
def test_any_status_bytes_in_any_pieces_are_read_the_same(data: bytes, cut: int) -> None:
    whole, pieces = StatusParser(), StatusParser()
    reports = whole.feed(data)
    assert pieces.feed(data[:cut]) + pieces.feed(data[cut:]) == reports
    assert pieces.skipped == whole.skipped


@given(garbage=st.binary(max_size=40), tag=st.binary(min_size=4, max_size=4))
def test_confirmation_after_garbage_is_heard(garbage: bytes, tag: bytes) -> None:
    tag = bytes(0x20 + byte % 0x5F for byte in tag)
    parser = StatusParser()
    parser.feed(garbage)
    block = b"\x37\x22" + tag + b"\x00"
    heard = parser.feed(block + block)
    assert JobCompleted(tag) in heard


@given(text=texts, cells=st.integers(2, 64))
def test_wrapped_text_fits_and_loses_nothing_but_space(text: str, cells: int) -> None:
    shown = printable(text, Cjk.GB18030)
    lines = wrapped(shown, cells)
    assert all(cell_width(line) <= cells for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown.split())
    assert len(lines) >= shown.count("\n") + 1


@given(text=texts, cjk=st.sampled_from(Cjk))
def test_printable_text_never_holds_a_command(text: str, cjk: Cjk) -> None:
    shown = printable(text, cjk)
    assert all(character == "\n" or character.isprintable() for character in shown)
    if cjk.in_rom:
        for character in shown.replace("\n", ""):
            size = len(character.encode(cjk))
            assert cell_width(character) == min(size, 2)


def test_real_time_commands_in_the_stream_print_nothing() -> None:
    steps = interpreted(b"\x10\x04\x01" + b"\x10\x05\x01" + b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
    assert [type(step.operation) for step in steps] == [RealTime, RealTime, RealTime]
