"""The colour screen: legible colours, and signs and fields in their places."""

from __future__ import annotations

from typing import Final

import pytest

from drivers.drawing import tft
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey, Tone

TEXT_ON_GROUND: Final = {
    "ink on paper": (tft.INK, tft.PAPER),
    "ink in the field": (tft.INK, tft.FIELD),
    "ink on the soft bar": (tft.INK, tft.SOFT_BAR),
    "key names on the soft bar": (tft.SOFT_INK, tft.SOFT_BAR),
    **{f"title of {tone}": (colours.ink, colours.ground) for tone, colours in tft.TONES.items()},
}


def contrast(one: tft.Colour, other: tft.Colour) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: tft.Colour) -> float:
    parts = [value / 255 for value in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND.values(), ids=TEXT_ON_GROUND.keys())
def test_text_colours_have_the_contrast_of_wcag_aa(ink: tft.Colour, ground: tft.Colour) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("tone", Tone)
def test_edge_of_the_entry_field_is_seen(tone: Tone) -> None:
    assert contrast(tft.TONES[tone].edge, tft.FIELD) >= 3


@pytest.mark.parametrize("tone", Tone)
def test_title_bar_has_the_colour_of_the_tone(tone: Tone) -> None:
    picture = tft.draw_tft(Frame("x", "Title", tone=tone))
    assert picture.getpixel((0, 0)) == tft.TONES[tone].ground
    assert picture.getpixel((319, 239)) == tft.PAPER


@pytest.mark.parametrize("tone", [tone for tone in Tone if tone is not Tone.NEUTRAL])
def test_sign_of_the_tone_stands_above_the_lines_where_there_is_room(tone: Tone) -> None:
    few = Frame("x", "Title", (Line("Text", Align.CENTER),), tone=tone)
    many = Frame("x", "Title", (Line("Text", Align.CENTER),) * 9, tone=tone)
    ground = tft.TONES[tone].ground
    below_title = (0, 40, 320, 240)
    assert ground in colours_of(few, below_title)
    assert ground not in colours_of(many, below_title)


def test_soft_bar_is_there_only_with_soft_keys() -> None:
    assert tft.SOFT_BAR not in colours_of(Frame("x", "Title"), (0, 0, 320, 240))
    with_key = Frame("x", "Title", soft_keys=(SoftKey("F1", "Menu"),))
    assert tft.SOFT_BAR in colours_of(with_key, (0, 230, 320, 240))


@pytest.mark.parametrize("kind", EntryKind)
def test_entry_far_too_long_stays_within_its_field(kind: EntryKind) -> None:
    frame = Frame("x", "Title", entry=Entry("9" * 200, kind))
    assert colours_of(frame, (0, 40, 6, 240)) == {tft.PAPER}
    assert colours_of(frame, (314, 40, 320, 240)) == {tft.PAPER}


def colours_of(frame: Frame, box: tft.Box) -> set[object]:
    colours = tft.draw_tft(frame).crop(box).getcolors(maxcolors=1 << 16)
    assert colours is not None
    return {colour for _, colour in colours}
