"""The picture of 320 by 240 in the middle of a larger panel, as large as it fits.

Whole multiples keep every letter sharp, and are taken where they fill four fifths of what fits; else the picture is
enlarged further and averaged down.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from PIL import Image

from drivers.drawing.changes import Box
from drivers.drawing.tft import HEIGHT, WIDTH

LARGEST_LOSS: Final = Fraction(5, 4)


@dataclass(frozen=True, slots=True)
class Placing:
    """How much the picture is enlarged, and where its left upper corner comes to lie."""

    scale: Fraction
    left: int
    top: int

    def part(self, picture: Image.Image, box: Box) -> tuple[Image.Image, int, int]:
        """What the panel shows where `box` of the picture is, with its left upper corner on the panel."""
        if self.scale.denominator == 1:
            left, top, right, bottom = (edge * self.scale.numerator for edge in box)
            part = picture.crop(box).resize((right - left, bottom - top), Image.Resampling.NEAREST)
            return part, self.left + left, self.top + top
        scaled = _scaled(picture, self.scale)
        left, top = (floor(edge * self.scale) for edge in box[:2])
        right, bottom = min(scaled.width, ceil(box[2] * self.scale)), min(scaled.height, ceil(box[3] * self.scale))
        return scaled.crop((left, top, right, bottom)), self.left + left, self.top + top


def placing(width: int, height: int) -> Placing:
    """How the picture lies on a panel of this size."""
    scale = min(Fraction(width, WIDTH), Fraction(height, HEIGHT))
    if scale >= 1 and scale / floor(scale) <= LARGEST_LOSS:
        scale = Fraction(floor(scale))
    return Placing(scale, (width - floor(WIDTH * scale)) // 2, (height - floor(HEIGHT * scale)) // 2)


def _scaled(picture: Image.Image, scale: Fraction) -> Image.Image:
    times = ceil(scale)
    large = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    return large.resize((floor(picture.width * scale), floor(picture.height * scale)), Image.Resampling.BOX)
