"""The small screen: title inverted on top, what hangs below a row kept, soft keys at the bottom."""

from __future__ import annotations

import pytest

from drivers.drawing.oled import LIT, draw_oled
from firmware.surfaces import Entry, EntryKind, Frame, Line, SoftKey


def lit(frame: Frame, top: int, bottom: int) -> int:
    return draw_oled(frame).crop((0, top, 128, bottom)).convert("L").histogram()[LIT]


def test_title_row_is_inverted() -> None:
    assert lit(Frame("x", ""), 0, 16) == 128 * 16
    assert 128 * 8 < lit(Frame("x", "消费"), 0, 16) < 128 * 16


def test_marked_row_is_inverted() -> None:
    assert lit(Frame("x", "T", (Line("1 Sale", marked=True),)), 16, 32) > 128 * 8


@pytest.mark.parametrize("kind", EntryKind)
def test_entry_underscore_below_its_row_is_visible(kind: EntryKind) -> None:
    lines = (Line("a"), Line("b"))
    assert lit(Frame("x", "T", lines, Entry("1_", kind)), 63, 64) > 0
    assert lit(Frame("x", "T", lines, Entry("1 ", kind)), 63, 64) == 0


def test_entry_empty_shows_where_it_will_be() -> None:
    assert lit(Frame("x", "T", (Line("a"), Line("b")), Entry("", EntryKind.PIN)), 48, 64) > 0


def test_soft_keys_take_the_last_row_only_where_there_are_any() -> None:
    assert lit(Frame("x", "T"), 48, 64) == 0
    assert lit(Frame("x", "T", soft_keys=(SoftKey("F1", "Menu"),)), 48, 64) > 0


def test_chinese_line_of_eight_characters_fits_whole() -> None:
    eight, other = (Frame("x", "T", (Line(text),)) for text in ("请输入金额或插卡", "请输入金额或插口"))
    assert draw_oled(eight).tobytes() != draw_oled(other).tobytes()


def test_lines_too_many_for_three_rows_are_four_small_ones() -> None:
    lines = (Line("CNY 5.00"), Line("Voucher 000123"), Line("12:34"), Line("ENTER = void"))
    assert lit(Frame("x", "Void", lines), 53, 64) != lit(Frame("x", "Void", (*lines[:3], Line("ENTER = pay"))), 53, 64)
