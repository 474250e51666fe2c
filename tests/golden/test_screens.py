"""Every screen of the terminal, in both languages, on all three displays: looked at once, and kept."""

from __future__ import annotations

import pytest
from PIL import Image

from drivers.drawing.lcd import lcd_rows
from drivers.drawing.models import DISPLAY_MODELS
from drivers.drawing.png import png_bytes
from firmware.surfaces import Frame
from firmware.wording import Words
from tests.golden.golden import check_golden
from tests.samples import sample_frame
from tests.shop import WORDING

TEXT_IDS = sorted({*WORDING["zh"].screens, "menu"})
SHEET_COLUMNS = 6


def frames(words: Words) -> list[Frame]:
    return [sample_frame(words, text_id) for text_id in TEXT_IDS]


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """All pictures on one sheet, in rows, with a gap between them."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // SHEET_COLUMNS)
    paper = Image.new("RGB", (SHEET_COLUMNS * (width + 4), rows * (height + 4)), "#808080")
    for place, picture in enumerate(pictures):
        paper.paste(
            picture.convert("RGB"), (place % SHEET_COLUMNS * (width + 4), place // SHEET_COLUMNS * (height + 4))
        )
    return paper


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("model", ["tft-320x240", "oled-128x64"])
def test_screens_drawn_are_as_they_were_looked_at(model: str, language: str) -> None:
    pictures = [DISPLAY_MODELS[model].draw(frame) for frame in frames(WORDING[language])]
    check_golden(f"screens/{model}-{language}.png", png_bytes(sheet(pictures)))


@pytest.mark.parametrize(("columns", "rows"), [(20, 4), (16, 2)])
def test_screens_on_a_character_display_are_as_they_were_read(columns: int, rows: int) -> None:
    blocks = (
        f"[{frame.text_id}]\n" + "".join(f"|{row}|\n" for row in lcd_rows(frame, columns, rows))
        for frame in frames(WORDING["en"])
    )
    check_golden(f"screens/lcd-{columns}x{rows}-en.txt", "\n".join(blocks))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_screens_as_text_are_as_they_were_read(language: str) -> None:
    check_golden(f"screens/frames-{language}.txt", "\n".join(map(_as_text, frames(WORDING[language]))))


def _as_text(frame: Frame) -> str:
    keys = "  ".join(f"{key.key}={key.label}" for key in frame.soft_keys)
    lines = [f"{'>' if line.marked else ' '}{'#' if line.large else ' '}{line.text}" for line in frame.lines]
    entry = [f"  [{frame.entry.kind}] {frame.entry.text}"] if frame.entry else []
    return (
        "\n".join([f"[{frame.text_id}] ({frame.tone}) {frame.title}", *lines, *entry, *([f"  {keys}"] if keys else [])])
        + "\n"
    )
