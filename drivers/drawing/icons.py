"""The signs of the tones: a tick, a cross, an exclamation mark and an hour-glass on a disc, drawn from primitives."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

from firmware.surfaces import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

_GRID: Final = 48
"""The strokes are given on a grid of this many units; the disc fills it."""

_FINE: Final = 4
"""Each pixel is drawn as this many by this many and then averaged: edges are smooth."""


@lru_cache(maxsize=16)
def icon_masks(tone: Tone, size: int) -> tuple[Image.Image, Image.Image]:
    """The disc and the sign on it, each a mask of mode "L", `size` pixels square; shared, so not to be drawn upon.

    Raises: KeyError - the neutral tone has no sign.
    """
    sign = _SIGNS[tone]
    return _drawn(_disc, size), _drawn(sign, size)


def _drawn(sign: Callable[[ImageDraw.ImageDraw, float], None], size: int) -> Image.Image:
    fine = Image.new("L", (size * _FINE, size * _FINE))
    sign(ImageDraw.Draw(fine), size * _FINE / _GRID)
    return fine.resize((size, size), Image.Resampling.BOX)


def _disc(draw: ImageDraw.ImageDraw, unit: float) -> None:
    draw.ellipse((0, 0, _GRID * unit - 1, _GRID * unit - 1), fill=255)


def _stroke(draw: ImageDraw.ImageDraw, unit: float, *points: tuple[float, float], thick: float = 5) -> None:
    """Draw a line with round joints and ends."""
    scaled = [(x * unit, y * unit) for x, y in points]
    draw.line(scaled, fill=255, width=round(thick * unit))
    radius = thick * unit / 2
    for x, y in scaled:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _tick(draw: ImageDraw.ImageDraw, unit: float) -> None:
    _stroke(draw, unit, (13.5, 25), (21, 32.5), (35, 17))


def _cross(draw: ImageDraw.ImageDraw, unit: float) -> None:
    _stroke(draw, unit, (16, 16), (32, 32))
    _stroke(draw, unit, (32, 16), (16, 32))


def _exclamation(draw: ImageDraw.ImageDraw, unit: float) -> None:
    _stroke(draw, unit, (24, 12.5), (24, 27))
    _stroke(draw, unit, (24, 36), (24, 36), thick=6)


def _hour_glass(draw: ImageDraw.ImageDraw, unit: float) -> None:
    _stroke(draw, unit, (15.5, 12.5), (32.5, 12.5), thick=3.5)
    _stroke(draw, unit, (15.5, 35.5), (32.5, 35.5), thick=3.5)
    outline = ((18, 13), (18, 17), (24, 24), (30, 17), (30, 13))
    _stroke(draw, unit, *outline, thick=2.5)
    _stroke(draw, unit, *((x, _GRID - y) for x, y in outline), thick=2.5)
    sand = ((19.5, 34.5), (28.5, 34.5), (28.5, 33), (24, 29), (19.5, 33))
    draw.polygon([(x * unit, y * unit) for x, y in sand], fill=255)
    draw.polygon([(x * unit, y * unit) for x, y in ((20.5, 18.5), (27.5, 18.5), (24, 22.5))], fill=255)


_SIGNS: Final = {
    Tone.SUCCESS: _tick,
    Tone.ERROR: _cross,
    Tone.WARNING: _exclamation,
    Tone.BUSY: _hour_glass,
}
