"""The wording files agree with each other, with the code, and with the smallest screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.errors import ConfigError
from firmware.home import FLOWS
from firmware.journal import Kind
from firmware.screens.look import LOOKS, bilingual, compose
from firmware.screens.menu import MENU, Item, key_paths
from firmware.surfaces import cell_width
from firmware.wording import Words, load_wording, places
from tests.samples import SAMPLES, sample_frame

SHIPPED = Path(__file__).parents[3] / "board" / "params" / "wording"
WORDING = load_wording(SHIPPED)
LINE_CELLS = {"zh": 21, "en": 20}
"""What a line may hold: 21 cells in the small type of the 128x64 display, 20 on the character display (English)."""
TITLE_CELLS = 18


def test_every_screen_has_a_sample_and_every_look_a_screen() -> None:
    screens = set(WORDING["zh"].screens)
    assert set(LOOKS) <= screens
    assert {name for name, screen in WORDING["zh"].screens.items() if any(map(places, screen.lines))} <= set(SAMPLES)


@pytest.mark.parametrize("words", WORDING.values(), ids=WORDING)
@pytest.mark.parametrize("text_id", sorted(WORDING["zh"].screens))
def test_screen_with_sample_values_fits_the_smallest_display(words: Words, text_id: str) -> None:
    frame = sample_frame(words, text_id)
    too_wide = [line.text for line in frame.lines if cell_width(line.text) > LINE_CELLS[words.language]]
    assert too_wide == []
    assert cell_width(frame.title) <= TITLE_CELLS


def _ids(item: Item) -> list[str]:
    return [item.id, *(name for each in item.items for name in _ids(each))]


def test_menu_entries_have_words_and_flows() -> None:
    assert set(_ids(MENU)) == set(WORDING["zh"].sections["menu"]) == set(WORDING["en"].sections["menu"])
    assert set(key_paths()) == set(FLOWS) - {"settle_now"}, "what the clock begins is in no menu"


def test_every_kind_of_record_has_a_name() -> None:
    assert all(words.text("names", kind) for words in WORDING.values() for kind in Kind)


def test_bilingual_frame_says_both() -> None:
    frames = [compose(words, "out_of_service", reason="x") for words in WORDING.values()]
    both = bilingual(*frames)
    assert "停止服务" in both.title
    assert "OUT OF SERVICE" in both.title
    assert len(both.lines) == 4


@pytest.mark.parametrize(
    ("language", "before", "after", "told"),
    [
        ("en", "[menu]", "[menus]", "[menu] is missing"),
        ("en", 'print = "Print"\n', "", "menu.print stands in one language only"),
        ("zh", "找零 {change}", "找零", "screens.approved has other {places}"),
        ("zh", "找零 {change}", "找零 {change", "screens.approved"),
        ("zh", "找零 {change}", "找零 {change!r}", "not a plain {place}"),
        ("zh", "找零 {change}", "找零 {0}", "not a plain {place}"),
        ("en", 'title = "APPROVED"', "title = 5", "must be a printable text"),
        ("en", 'title = "APPROVED"', 'titel = "APPROVED"', "has title, lines and soft_keys"),
        ("en", "[menu]", '[more]\nx = "y"\n[menu]', "[more] is not known here"),
    ],
)
def test_wording_wrong_is_refused_with_file_and_key(
    tmp_path: Path, language: str, before: str, after: str, told: str
) -> None:
    for name in ("zh", "en"):
        text = (SHIPPED / f"{name}.toml").read_text()
        if name == language:
            assert before in text
            text = text.replace(before, after, 1)
        (tmp_path / f"{name}.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_wording(tmp_path)
    assert told in str(caught.value)
