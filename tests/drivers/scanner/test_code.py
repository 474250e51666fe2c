"""The judge of codes: whole ones are told, halves, overlong and unprintable ones are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanner.code import CODE_MAX, CodeReader


def codes(data: bytes) -> list[str]:
    return CodeReader().feed(data)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"6901234567892", "6901234567892"),
        ("付款码 28".encode(), "付款码 28"),
        ("付款码 28".encode("gb18030"), "付款码 28"),
    ],
)
def test_code_is_told_whatever_its_end_and_coding(sent: bytes, text: str, end: bytes) -> None:
    assert codes(sent + end) == [text]


@pytest.mark.parametrize(
    "sent",
    [b"690123", b"\r\n", b"\x00\x01\r", b"69\x0212\r", b"1" * (CODE_MAX + 1) + b"\r", b"\xff\xff\xff\r", b"9" * 9999],
)
def test_what_is_no_whole_code_is_dropped(sent: bytes) -> None:
    assert codes(sent) == []


def test_half_a_code_does_not_spoil_the_next() -> None:
    reader = CodeReader()
    reader.feed(b"690")
    assert reader.reading
    reader.forget()
    assert reader.feed(b"6901234567892\r") == ["6901234567892"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=80), st.integers(1, 9))
def test_any_printable_text_is_told_in_any_pieces(text: str, piece: int) -> None:
    reader, sent = CodeReader(), text.encode() + b"\r"
    found = [code for start in range(0, len(sent), piece) for code in reader.feed(sent[start : start + piece])]
    assert found == [text]
