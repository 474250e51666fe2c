"""Pictures as PNG files in memory, fast rather than small."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def png_bytes(image: Image.Image) -> bytes:
    """Encode `image` as PNG: the lightest compression, because a screen is sent once and its flat colours pack well."""
    packed = BytesIO()
    image.save(packed, "PNG", compress_level=1)
    return packed.getvalue()
