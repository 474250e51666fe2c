"""Cutting, wrapping and choosing lines: nothing passes the room, and the marked line stays."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drivers.drawing.fitting import Ruler, Style, Styles, fit_body, place_labels
from firmware.surfaces import Line, SoftKey, cell_width

RULER: Final = Ruler(cell_width, "..")
NORMAL: Final = Style(1, 20, RULER)
LARGE: Final = Style(2, 20, Ruler(lambda text: 2 * cell_width(text), ".."))
SMALL: Final = Style(1, 30, RULER)
STYLES: Final = Styles(NORMAL, LARGE, SMALL)

texts: Final = st.text("ab ,.()交易，。（）", max_size=60)
lines: Final = st.lists(st.builds(Line, texts, large=st.booleans(), marked=st.booleans()), max_size=12)


@given(texts, st.integers(2, 40))
def test_cut_any_text_fits_and_begins_alike(text: str, room: int) -> None:
    cut = RULER.cut(text, room)
    assert cell_width(cut) <= room
    assert cut == text if cell_width(text) <= room else text.startswith(cut.removesuffix(".."))


@given(texts, st.integers(2, 40))
def test_cut_start_any_text_fits_and_ends_alike(text: str, room: int) -> None:
    cut = RULER.cut_start(text, room)
    assert cell_width(cut) <= room
    assert cut == text if cell_width(text) <= room else text.endswith(cut.removeprefix(".."))


@given(texts, st.integers(2, 40), st.integers(1, 8))
def test_wrap_any_text_keeps_every_row_within_room(text: str, room: int, rows: int) -> None:
    wrapped = RULER.wrap(text, room, rows)
    assert 1 <= len(wrapped) <= rows
    assert all(cell_width(row) <= room for row in wrapped)


@given(texts, st.integers(2, 40))
def test_wrap_with_rows_enough_loses_only_spaces(text: str, room: int) -> None:
    assert "".join(RULER.wrap(text, room, 100)).replace(" ", "") == text.replace(" ", "")


@given(texts, st.integers(0, 1))
@example("交", 1)
def test_wrap_without_room_for_a_character_still_ends(text: str, room: int) -> None:
    assert len(RULER.wrap(text, room, 100)) <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("insert the chip card", ("insert the", "chip card")),
        ("请插入芯片卡片", ("请插入芯片", "卡片")),
        ("请插入芯片，谢谢", ("请插入芯", "片，谢谢")),
        ("abcdefghijklmno", ("abcdefghij", "klmno")),
        ("pay（現金）", ("pay（現金）",)),
    ],
)
def test_wrap_breaks_between_words_and_not_before_closing_marks(text: str, rows: tuple[str, ...]) -> None:
    assert RULER.wrap(text, 11 if "pay" in text else 10, 3) == rows


@given(lines, st.integers(1, 12))
def test_fit_body_any_lines_stay_within_height(chosen: list[Line], height: int) -> None:
    body = fit_body(chosen, height, STYLES)
    assert body.height <= height
    shown = [setting.line for setting in body.settings]
    assert (shown == chosen) == (not body.cut_above and not body.cut_below)
    assert any(chosen[start : start + len(shown)] == shown for start in range(len(chosen) + 1))


@given(lines, st.integers(1, 12))
def test_fit_body_first_marked_line_is_always_among_them(chosen: list[Line], height: int) -> None:
    marked = [line for line in chosen if line.marked]
    body = fit_body(chosen, height, STYLES)
    assert not marked or marked[0] in [setting.line for setting in body.settings]


def test_fit_body_large_line_without_room_is_set_normal() -> None:
    chosen = [Line("one", large=True), Line("two"), Line("three")]
    assert fit_body(chosen, 4, STYLES).settings[0].style is LARGE
    assert fit_body(chosen, 3, STYLES).settings[0].style is NORMAL


def test_fit_body_line_too_wide_for_large_is_set_normal() -> None:
    assert fit_body([Line("eleven cells", large=True)], 9, STYLES).settings[0].style is NORMAL


def test_fit_body_spare_rows_go_to_the_first_long_line() -> None:
    long = "a sentence of more than twenty cells"
    body = fit_body([Line(long), Line(long)], 3, STYLES)
    assert [len(setting.rows) for setting in body.settings] == [2, 1]


def test_fit_body_line_that_would_be_cut_is_set_small() -> None:
    body = fit_body([Line("twenty-four cells wide..")], 1, STYLES)
    assert body.settings[0].style is SMALL
    assert body.whole


def test_place_labels_short_ones_stay_above_their_keys() -> None:
    labels = place_labels([SoftKey("F4", "Back"), SoftKey("F1", "Menu")], 40, len)
    assert [(label.key, label.left, label.right, label.center) for label in labels] == [
        ("F1", 0, 10, 5),
        ("F4", 30, 40, 35),
    ]


def test_place_labels_long_one_spreads_over_free_places_only() -> None:
    labels = place_labels([SoftKey("F1", "a" * 35), SoftKey("F3", "b" * 15), SoftKey("F9", "no")], 40, len)
    assert [(label.key, label.left, label.right) for label in labels] == [("F1", 0, 20), ("F3", 20, 40)]


@given(st.lists(st.builds(SoftKey, st.sampled_from(("F1", "F2", "F3", "F4")), st.text("ab", max_size=50)), max_size=6))
def test_place_labels_any_never_overlap(keys: list[SoftKey]) -> None:
    labels = place_labels(keys, 40, len)
    assert all(before.right <= after.left for before, after in pairwise(labels))
    assert all(label.left <= label.center < label.right for label in labels)
