"""How the glass of a colour display hangs on its controller: which corner is first, and which colour.

Source: Sitronix ST7789V and Ilitek ILI9341 datasheets, memory to display mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Final


class Access(IntFlag):
    """Bits of the command for memory access: in which order the memory is filled."""

    BGR = 0x08
    TURNED = 0x20
    COLUMNS_BACK = 0x40
    ROWS_BACK = 0x80


ST7789: Final[Mapping[int, Access]] = {
    0: Access.TURNED | Access.COLUMNS_BACK,
    180: Access.TURNED | Access.ROWS_BACK,
}
ILI9341: Final[Mapping[int, Access]] = {
    0: Access.TURNED,
    180: Access.TURNED | Access.COLUMNS_BACK | Access.ROWS_BACK,
}
"""How the memory is filled for a panel on its side, by rotation; the glass of an ILI9341 counts its columns back."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What a module's maker has decided: the order of memory, and whether its glass shows colours inverted."""

    access: Access
    inverted: bool
