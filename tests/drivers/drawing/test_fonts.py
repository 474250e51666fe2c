"""The fonts: found where they are, named where they are not, and masks of exactly the width that was told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.drawing import fonts
from firmware.hal.errors import DisplayFailed
from tests.drivers.drawing.frames import texts


def test_find_font_missing_names_the_debian_package(tmp_path: Path) -> None:
    with pytest.raises(DisplayFailed, match="xfonts-wqy"):
        fonts.find_font("wenquanyi_12pt.pcf", [tmp_path])


@pytest.mark.parametrize("name", ["wenquanyi_9pt.pcf", "wenquanyi_9pt.pcf.gz"])
def test_find_font_packed_or_not_is_found_in_a_later_directory(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert fonts.find_font("wenquanyi_9pt.pcf", [tmp_path / "none", tmp_path]) == tmp_path / name


@pytest.mark.parametrize("size", [fonts.BODY, fonts.SMALL])
@pytest.mark.parametrize("scale", [1, 2, 3])
@settings(max_examples=30, deadline=None)
@given(text=texts)
def test_mask_any_text_has_the_told_size(size: int, scale: int, text: str) -> None:
    shown = fonts.shown(text)[:40]
    mask = fonts.text_mask(shown, size, scale)
    assert mask.mode == "1"
    assert mask.size == (max(1, fonts.width(shown, size, scale)), fonts.cell_height(size, scale))


@given(st.characters())
def test_shown_any_character_is_one_printable_character(character: str) -> None:
    shown = fonts.shown(character)
    assert len(shown) == 1
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("交易 OK ￥1.00…", "交易 OK ￥1.00…"), ("a\nb\tc", "a b c"), ("😀", "□"), ("\ud800", " "), ("", "")],
)
def test_shown_replaces_what_has_no_glyph(text: str, shown: str) -> None:
    assert fonts.shown(text) == shown


@pytest.mark.parametrize("size", [fonts.BODY, fonts.SMALL])
def test_digits_are_equally_wide_and_all_different(size: int) -> None:
    assert len({fonts.width(digit, size) for digit in "0123456789"}) == 1
    for scale in (1, 2, 3):
        assert len({fonts.text_mask(digit, size, scale).tobytes() for digit in "0123456789"}) == 10
