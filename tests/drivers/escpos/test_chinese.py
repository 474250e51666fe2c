"""How text becomes what a double-byte printer has, and where its lines break."""

from __future__ import annotations

import pytest

from drivers.escpos.chinese import encoded, printable, wrapped
from drivers.escpos.layout import paired
from drivers.escpos.profile import Cjk
from firmware.surfaces import cell_width


@pytest.mark.parametrize(
    ("text", "cjk", "shown"),
    [
        ("￥12", Cjk.GB18030, "￥12"),
        ("¥12", Cjk.GBK, "￥12"),
        ("¥12", Cjk.NONE, "RMB12"),
        ("€5", Cjk.GB18030, "€5"),
        ("€5", Cjk.GBK, "EUR5"),
        ("找零：①", Cjk.GB2312, "找零：①"),
        ("啰", Cjk.GB2312, "〓"),
        ("㐀", Cjk.GB18030, "㐀"),
        ("㐀", Cjk.GBK, "〓"),
        ("😀", Cjk.GB18030, "〓"),
        ("中", Cjk.NONE, "?"),
        ("Łódź – “x” … •", Cjk.NONE, 'Lodz - "x" ... .'),
        ("a\u0301", Cjk.GB18030, "á"),
        ("a\u200b\ufeffb", Cjk.GB18030, "ab"),
        ("\x1b@\x1dV\x00", Cjk.GB18030, "?@?V?"),
        ("a\tb\r\nc", Cjk.GB18030, "a b\nc"),
        ("ǹ", Cjk.GB18030, "n"),
        ("\u3000x", Cjk.GB18030, "  x"),
    ],
)
def test_text_is_shown_with_the_characters_of_the_printer(text: str, cjk: Cjk, shown: str) -> None:
    assert printable(text, cjk) == shown


def test_bytes_of_a_line_are_its_cells() -> None:
    line = printable("金额 AMOUNT ￥1,234.50 — 额", Cjk.GBK)
    assert len(encoded(line, Cjk.GBK)) == cell_width(line)


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 10, [""]),
        ("a\n\nb", 10, ["a", "", "b"]),
        ("交易成功", 5, ["交易", "成功"]),
        ("交易成功，谢谢", 8, ["交易成", "功，谢谢"]),
        ("thank you for buying", 9, ["thank you", "for", "buying"]),
        ("ABCDEFGHIJ", 4, ["ABCD", "EFGH", "IJ"]),
        ("中A中A中", 4, ["中A", "中A", "中"]),
        ("说“好的”了", 4, ["说", "“好", "的”", "了"]),
        ("  indented line", 10, ["  indented", "line"]),
        ("price 1,234.50 RMB", 12, ["price", "1,234.50 RMB"]),
    ],
)
def test_long_text_breaks_where_a_reader_would(text: str, cells: int, lines: list[str]) -> None:
    assert wrapped(text, cells) == lines


@pytest.mark.parametrize(
    ("label", "value", "lines"),
    [
        ("金额", "1.00", ["金额    1.00"]),
        ("金额", "1,234.00", ["金额", "    1,234.00"]),
        ("", "1", ["           1"]),
        ("终端编号TERMINAL NO", "1", ["终端编号", "TERMINAL NO", "           1"]),
    ],
)
def test_pair_stands_at_both_edges_or_on_two_lines(label: str, value: str, lines: list[str]) -> None:
    assert paired(label, value, 12) == lines
