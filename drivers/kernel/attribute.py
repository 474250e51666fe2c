"""One value of the kernel's, from the small file that shows it; what is not there or no number is no value."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Final

BYTES_MAX: Final = 64
"""More than the longest number or name that is read here."""
FOLDERS_MAX: Final = 64
"""More devices of one kind than any board has."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


def folders(root: Path, pattern: str) -> Iterator[Path]:
    """The folders that a pattern fits, in the order of their names."""
    try:
        found = sorted(islice(root.glob(pattern), FOLDERS_MAX))
    except OSError:
        return
    yield from found


def text(folder: Path, name: str) -> str:
    """What the file says, without the line's end; empty where it cannot be read, or is too long."""
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            data = os.read(descriptor, BYTES_MAX + 1)
        finally:
            os.close(descriptor)
    except OSError:
        return ""
    return data.decode("ascii", "replace").strip() if len(data) <= BYTES_MAX else ""


def number(folder: Path, name: str) -> Fraction | None:
    """The decimal number that the file says, exactly; None where it says none."""
    said = text(folder, name)
    return Fraction(said) if _NUMBER.fullmatch(said) else None


def rounded(value: Fraction | None, least: int, most: int) -> int | None:
    """The whole number nearest to `value`; None outside the limits of what it can mean."""
    if value is None or not least <= value <= most:
        return None
    return round(value)
