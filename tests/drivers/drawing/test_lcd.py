"""The character LCD: four rows of twenty plain characters, whatever the frame."""

from __future__ import annotations

import pytest
from hypothesis import given

from drivers.drawing.lcd import lcd_rows, plain
from drivers.drawing.lcd_font import CELL_COLUMNS, CELL_ROWS, GLYPHS
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey
from tests.drivers.drawing.frames import frames, texts


@given(frames())
def test_rows_of_any_frame_are_four_of_twenty_ascii_characters(frame: Frame) -> None:
    rows = lcd_rows(frame)
    assert [len(row) for row in rows] == [20] * 4
    assert all(row.isascii() and row.isprintable() for row in rows)


@given(texts)
def test_plain_any_text_can_be_drawn(text: str) -> None:
    assert set(plain(text)) <= set(GLYPHS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Paid", "Paid"),
        ("卡", "?"),
        ("￥5", "CNY 5"),
        ("ＯＫ：", "OK:"),
        ("é", "?"),
        ("a\tb", "a b"),
        ("\\", "?"),
        ("~", "?"),
    ],
)
def test_plain_replaces_visibly(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_rows_of_an_entry_screen() -> None:
    frame = Frame(
        "enter_amount",
        "Sale",
        (Line("Amount:"),),
        Entry("1,234.56", EntryKind.AMOUNT),
        (SoftKey("F1", "Cash"), SoftKey("F4", "Cancel")),
        clock="12:34",
    )
    assert lcd_rows(frame) == (
        "Sale           12:34",
        "Amount:             ",
        "[          1,234.56]",
        "Cash          Cancel",
    )


@given(frames())
def test_rows_of_any_frame_are_two_of_sixteen_where_there_are_no_more(frame: Frame) -> None:
    rows = lcd_rows(frame, 16, 2)
    assert [len(row) for row in rows] == [16] * 2
    assert all(row.isascii() and row.isprintable() for row in rows)


def test_two_rows_show_what_is_asked_for_and_what_is_typed() -> None:
    keys = (SoftKey("F1", "Cash"),)
    amount = Frame("x", "Sale", (Line("Amount:"),), Entry("1.23", EntryKind.AMOUNT), keys)
    pin = Frame("x", "ENTER PIN", (Line("1.23"),), Entry("****", EntryKind.PIN), clock="09:26")
    told = Frame("x", "APPROVED", (Line("1.23", Align.CENTER), Line("Voucher 12")), soft_keys=keys)

    assert lcd_rows(amount, 16, 2) == ("Amount:         ", "[          1.23]")
    assert lcd_rows(pin, 16, 2) == ("ENTER PIN  09:26", "[          ****]")
    assert lcd_rows(told, 16, 2) == ("APPROVED        ", "      1.23      ")


def test_rows_of_a_list_point_at_the_marked_line() -> None:
    lines = tuple(Line(f"{number} Entry", marked=number == 4) for number in range(1, 7))
    assert lcd_rows(Frame("menu", "Menu", lines)) == (
        "Menu                ",
        " 2 Entry            ",
        " 3 Entry            ",
        ">4 Entry            ",
    )


def test_rows_long_line_wraps_where_there_is_room() -> None:
    rows = lcd_rows(Frame("x", "Error", (Line("Not sufficient funds on this card", Align.CENTER),)))
    assert [row.strip() for row in rows] == ["Error", "Not sufficient funds", "on this card", ""]


def test_rows_title_and_clock_without_room_keep_the_title() -> None:
    assert lcd_rows(Frame("x", "A title of nineteen", clock="12:34"))[0] == "A title of nineteen "


def test_glyphs_are_five_by_seven_and_all_different() -> None:
    assert all(len(rows) == CELL_ROWS and {len(row) for row in rows} == {CELL_COLUMNS} for rows in GLYPHS.values())
    assert all(set("".join(rows)) <= {"#", "."} for rows in GLYPHS.values())
    assert len(set(GLYPHS.values())) == len(GLYPHS) == 93
