"""Letters and digits made larger without steps: corners that the eye joins are rounded, and no grey is added.

The rules are those of the Scale2x and Scale3x algorithms (scale2x.it), reduced to two colours.
"""

from __future__ import annotations

from typing import Final

from PIL import Image

_Around = tuple[bool, ...]
"""A pixel and its eight neighbours, row by row: the pixel itself is in the middle."""


def enlarged(mask: Image.Image, scale: int) -> Image.Image:
    """The `mask` (mode "1") at two or three times its size."""
    blocks = _BLOCKS[scale]
    lit = _with_margin(mask)
    larger = Image.new("1", (mask.width * scale, mask.height * scale))
    for y in range(mask.height):
        for x in range(mask.width):
            above, here, below = (lit[y + down][x : x + 3] for down in range(3))
            for index, pixel in enumerate(blocks((*above, *here, *below))):
                if pixel:
                    larger.putpixel((x * scale + index % scale, y * scale + index // scale), 1)
    return larger


def _with_margin(mask: Image.Image) -> list[tuple[bool, ...]]:
    pixels = mask.convert("L").tobytes()
    dark = (False,) * (mask.width + 2)
    rows = [
        (False, *(value > 0 for value in pixels[start : start + mask.width]), False)
        for start in range(0, len(pixels), mask.width)
    ]
    return [dark, *rows, dark]


def _doubled(around: _Around) -> tuple[bool, ...]:
    _, up, _, left, pixel, right, _, down, _ = around
    if up == down or left == right:
        return (pixel,) * 4
    return (
        left if left == up else pixel,
        right if up == right else pixel,
        left if left == down else pixel,
        right if down == right else pixel,
    )


def _tripled(around: _Around) -> tuple[bool, ...]:
    up_left, up, up_right, left, pixel, right, down_left, down, down_right = around
    if up == down or left == right:
        return (pixel,) * 9
    corner_ul, corner_ur = left == up, up == right
    corner_dl, corner_dr = left == down, down == right
    return (
        left if corner_ul else pixel,
        up if (corner_ul and pixel != up_right) or (corner_ur and pixel != up_left) else pixel,
        right if corner_ur else pixel,
        left if (corner_ul and pixel != down_left) or (corner_dl and pixel != up_left) else pixel,
        pixel,
        right if (corner_ur and pixel != down_right) or (corner_dr and pixel != up_right) else pixel,
        left if corner_dl else pixel,
        down if (corner_dl and pixel != down_right) or (corner_dr and pixel != down_left) else pixel,
        right if corner_dr else pixel,
    )


_BLOCKS: Final = {2: _doubled, 3: _tripled}
