"""Pictures as the bytes that panels keep: 16-bit colour, and pages of eight dots under each other."""

from __future__ import annotations

from typing import Final, Literal

from PIL import Image, ImageChops

_HIGH_RED: Final = [value & 0xF8 for value in range(256)]
_HIGH_GREEN: Final = [value >> 5 for value in range(256)]
_LOW_GREEN: Final = [(value & 0x1C) << 3 for value in range(256)]
_LOW_BLUE: Final = [value >> 3 for value in range(256)]


def rgb565(picture: Image.Image, order: Literal["big", "little"] = "big") -> bytes:
    """Two bytes for each pixel of a picture of mode RGB: five bits of red, six of green, five of blue."""
    red, green, blue = picture.split()
    high = ImageChops.add(red.point(_HIGH_RED), green.point(_HIGH_GREEN))
    low = ImageChops.add(green.point(_LOW_GREEN), blue.point(_LOW_BLUE))
    # Pillow has no packer for 16 bits; two planes of bytes, woven into each other, are the same thing.
    return Image.merge("LA", (high, low) if order == "big" else (low, high)).tobytes()


def pages(picture: Image.Image) -> bytes:
    """A picture of mode "1" and of whole pages, eight rows each: a byte is eight dots, its lowest bit on top."""
    assert picture.height % 8 == 0, picture.height
    turned = (picture.crop((0, top, picture.width, top + 8)) for top in range(0, picture.height, 8))
    return b"".join(page.transpose(Image.Transpose.TRANSPOSE).tobytes("raw", "1;R") for page in turned)
