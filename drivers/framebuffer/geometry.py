"""What the kernel says of a framebuffer: its size, and how a pixel lies in memory.

Source: Linux, include/uapi/linux/fb.h, `fb_var_screeninfo` and `fb_fix_screeninfo`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image

from drivers.drawing.packing import rgb565
from firmware.hal.errors import DisplayFailed

VARIABLE_BYTES: Final = 160
FIXED: Final = struct.Struct("@16sL4I3HILIIHHH")
"""Name, start, length, type, its number, visual, three steps, bytes in a line; what follows is not needed here."""
SIZE_MAX: Final = 8192

_VARIABLE: Final = struct.Struct("=8I12I")
_PACKED, _TRUE_COLOUR, _DIRECT_COLOUR = 0, 2, 4
_TYPE, _VISUAL, _LINE = 3, 5, 9

Packer = Callable[[Image.Image], bytes]


def _swapped(picture: Image.Image) -> Image.Image:
    red, green, blue = picture.split()
    return Image.merge("RGB", (blue, green, red))


_PACKERS: Final[dict[tuple[int, int, int, int], tuple[int, Packer]]] = {
    (32, 16, 8, 0): (4, lambda picture: picture.tobytes("raw", "BGRX")),
    (32, 0, 8, 16): (4, lambda picture: picture.tobytes("raw", "RGBX")),
    (16, 11, 5, 0): (2, lambda picture: rgb565(picture, "little")),
    (16, 0, 5, 11): (2, lambda picture: rgb565(_swapped(picture), "little")),
}
"""Bits of a pixel, and the lowest bits of red, green and blue: its bytes, and what packs a picture so."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A framebuffer: `line_bytes` from one line to the next, `start` is where the first visible pixel lies."""

    width: int
    height: int
    pixel_bytes: int
    line_bytes: int
    start: int
    pack: Packer


def read_geometry(variable: bytes, fixed: bytes) -> Geometry:
    """The geometry in the kernel's two answers. Raises: DisplayFailed - the driver cannot draw on such a one."""
    (width, height, virtual_width, virtual_height, left, top, bits, _grey, *fields) = _VARIABLE.unpack_from(variable)
    kind = FIXED.unpack_from(fixed)
    packer = _PACKERS.get((bits, fields[0], fields[3], fields[6]))
    if packer is None or kind[_TYPE] != _PACKED or kind[_VISUAL] not in {_TRUE_COLOUR, _DIRECT_COLOUR}:
        raise DisplayFailed(f"the framebuffer has {bits} bits in an order that is not known: choose 16 or 32 bits")
    pixel_bytes, pack = packer
    fits = left + width <= virtual_width <= SIZE_MAX and top + height <= virtual_height <= SIZE_MAX
    if not fits or width < 1 or height < 1 or kind[_LINE] < virtual_width * pixel_bytes:
        raise DisplayFailed(f"the framebuffer says that it is {width} by {height}, which cannot be")
    return Geometry(width, height, pixel_bytes, kind[_LINE], top * kind[_LINE] + left * pixel_bytes, pack)
