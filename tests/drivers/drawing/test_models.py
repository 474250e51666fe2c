"""What every display model promises: any frame is drawn, in the model's size, with the marked line in sight."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.drawing.models import DISPLAY_MODELS, DisplayModel
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey, Tone
from tests.drivers.drawing.frames import frames, unpointed_texts

MODES: Final = {"tft-320x240": "RGB", "oled-128x64": "1", "lcd-20x4": "RGB"}
FRAME: Final = Frame(
    "enter_amount",
    "Sale",
    (Line("Amount"), Line("CNY 5.00", Align.RIGHT)),
    Entry("1.23", EntryKind.AMOUNT),
    (SoftKey("F1", "Cash"),),
    clock="12:34",
)
OTHERS: Final = {
    "title": replace(FRAME, title="Void"),
    "line": replace(FRAME, lines=(Line("Total"), FRAME.lines[1])),
    "entry": replace(FRAME, entry=Entry("1.24", EntryKind.AMOUNT)),
    "label": replace(FRAME, soft_keys=(SoftKey("F1", "Card"),)),
    "key": replace(FRAME, soft_keys=(SoftKey("F3", "Cash"),)),
    "clock": replace(FRAME, clock="12:35"),
    "align": replace(FRAME, lines=(replace(FRAME.lines[0], align=Align.CENTER), FRAME.lines[1])),
}

every_model = pytest.mark.parametrize("model", DISPLAY_MODELS.values(), ids=DISPLAY_MODELS.keys())


def pixels(image: Image.Image) -> bytes:
    return image.convert("RGB").tobytes()


@every_model
@settings(max_examples=60, deadline=None)
@given(frame=frames())
def test_any_frame_is_drawn_in_exact_size_and_mode(model: DisplayModel, frame: Frame) -> None:
    picture = model.draw(frame)
    assert picture.size == (model.width, model.height)
    assert picture.mode == MODES[model.name]


@every_model
@settings(max_examples=60, deadline=None)
@given(frame=frames(unpointed_texts), marked=st.integers(0, 13))
def test_marked_line_wherever_it_stands_is_visible(model: DisplayModel, frame: Frame, marked: int) -> None:
    if not frame.lines:
        return
    plain = tuple(replace(line, marked=False) for line in frame.lines)
    index = marked % len(plain)
    chosen = tuple(replace(line, marked=at == index) for at, line in enumerate(plain))
    assert pixels(model.draw(replace(frame, lines=chosen))) != pixels(model.draw(replace(frame, lines=plain)))


@every_model
def test_marked_line_of_a_long_list_shows_its_own_text(model: DisplayModel) -> None:
    def drawn(text: str) -> bytes:
        lines = [Line(f"{number}", marked=number == 20) for number in range(30)]
        lines[20] = replace(lines[20], text=text)
        return pixels(model.draw(Frame("menu", "Menu", tuple(lines))))

    assert drawn("Refund") != drawn("Settle")


@every_model
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_frame_that_differs_is_drawn_differently(model: DisplayModel, other: Frame) -> None:
    assert pixels(model.draw(FRAME)) != pixels(model.draw(other))


@every_model
@settings(max_examples=60, deadline=None)
@given(amounts=st.tuples(st.integers(0, 10**12 - 1), st.integers(0, 10**12 - 1)), keys=st.booleans())
def test_amounts_that_differ_are_drawn_differently(model: DisplayModel, amounts: tuple[int, int], keys: bool) -> None:
    def drawn(minor: int) -> bytes:
        entry = Entry(f"{minor / 100:,.2f}", EntryKind.AMOUNT)
        return pixels(model.draw(replace(FRAME, entry=entry, soft_keys=FRAME.soft_keys if keys else ())))

    assert (drawn(amounts[0]) == drawn(amounts[1])) == (amounts[0] == amounts[1])


@every_model
@pytest.mark.parametrize("count", range(12))
def test_pin_digit_more_is_seen(model: DisplayModel, count: int) -> None:
    fewer, more = (replace(FRAME, entry=Entry("*" * digits, EntryKind.PIN)) for digits in (count, count + 1))
    assert pixels(model.draw(fewer)) != pixels(model.draw(more))


@every_model
def test_same_frame_twice_is_the_same_picture(model: DisplayModel) -> None:
    first = model.draw(FRAME)
    first.paste(0, (0, 0, *first.size))
    assert pixels(model.draw(FRAME)) == pixels(model.draw(replace(FRAME)))
    assert pixels(model.draw(FRAME)) != pixels(first)


@every_model
@pytest.mark.parametrize("tone", Tone)
def test_body_line_as_wide_as_columns_is_whole(model: DisplayModel, tone: Tone) -> None:
    digits = ("0123456789" * 4)[: model.columns]
    other = digits[:-1] + ("8" if digits[-1] != "8" else "9")
    assert pixels(model.draw(Frame("x", "T", (Line(digits),), tone=tone))) != pixels(
        model.draw(Frame("x", "T", (Line(other),), tone=tone))
    )


def test_importing_models_loads_neither_pillow_nor_fonts() -> None:
    program = (
        "import sys, drivers.drawing.models; sys.exit('PIL' in sys.modules or 'drivers.drawing.fonts' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 0


def test_models_are_found_by_their_own_names() -> None:
    assert all(name == model.name for name, model in DISPLAY_MODELS.items())
    assert [model.chinese for model in DISPLAY_MODELS.values()] == [True, True, False]
