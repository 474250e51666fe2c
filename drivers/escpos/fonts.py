"""The fonts that draw Chinese for printers without it, found without loading anything.

A driver for such a printer asks at its start, so that a missing font is told before the first sale and not after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from firmware.errors import ConfigError

FontPlace = tuple[str, str, int]

FONTS: Final[Sequence[FontPlace]] = (
    ("fonts-wqy-zenhei", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 1),
    ("fonts-wqy-microhei", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 1),
)
"""Debian package, file and face of the fonts that serve, the best first; face 1 has half-width Latin letters."""


def font_file(fonts: Sequence[FontPlace] = FONTS) -> tuple[Path, int]:
    """File and face of the first font that is there. Raises: ConfigError - none of the packages is installed."""
    for _, name, face in fonts:
        if (path := Path(name)).is_file():
            return path, face
    raise ConfigError(f"no font for drawing Chinese: install the Debian package {fonts[0][0]}")
