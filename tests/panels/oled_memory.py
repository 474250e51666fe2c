"""An SSD1306 as its datasheet tells it: commands and data in, its memory and what the glass shows out.

A command that the model does not know fails, as do data for a window that does not fit, but not before somebody has
chosen the horizontal addressing. What a command still wants is taken from the commands that come next, as it is by the
controller.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

COLUMNS: Final = 128
PAGES: Final = 8

_PARAMETERS: Final = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
_PLAIN: Final = frozenset({0xA0, 0xA1, 0xA4, 0xA5, 0xA6, 0xA7, 0xAE, 0xAF, 0xC0, 0xC8, 0xE3, *range(0x40, 0x80)})


@dataclass
class OledMemory:
    """The controller, on a glass whose first column and row are at the lower right, as modules are made."""

    cells: bytearray = field(default_factory=lambda: bytearray(COLUMNS * PAGES))

    def __post_init__(self) -> None:
        self.lose_power()

    def lose_power(self) -> None:
        """Switch off and on: registers as after a reset, the memory full of chance."""
        self.cells[:] = random.Random(7).randbytes(len(self.cells))
        self._switches = {0xA0, 0xC0, 0xA4, 0xA6, 0xAE}
        self._registers: dict[int, bytes] = {0x20: b"\2", 0x8D: b"\x10", 0xA8: b"\x3f", 0xD3: b"\0", 0xDA: b"\x12"}
        self._first_line = 0
        self._windows = {0x21: (0, COLUMNS - 1), 0x22: (0, PAGES - 1)}
        self._beyond = False
        self._at = (0, 0)
        self._pending: bytearray = bytearray()

    def command(self, value: int) -> None:
        """Take one byte of a command."""
        if self._pending:
            self._pending.append(value)
            if len(self._pending) == 1 + _PARAMETERS[self._pending[0]]:
                order, *values = self._pending
                self._pending = bytearray()
                self._set(order, bytes(values))
            return
        if value in _PARAMETERS:
            self._pending.append(value)
            return
        assert value in _PLAIN, f"no command {value:#04x}"
        if 0x40 <= value < 0x80:
            self._first_line = value - 0x40
        elif value != 0xE3:
            self._switches -= {value ^ (8 if value >= 0xC0 else 1)}
            self._switches.add(value)

    def _set(self, order: int, values: bytes) -> None:
        self._registers[order] = values
        if order in {0x21, 0x22}:
            count = COLUMNS if order == 0x21 else PAGES
            self._windows[order] = (values[0] % count, values[1] % count)
            self._beyond = max(values) >= count or values[0] > values[1]
            self._at = (self._windows[0x21][0], self._windows[0x22][0])

    def data(self, data: bytes) -> None:
        """Take data bytes, in horizontal addressing."""
        assert not self._pending, "data in the middle of a command"
        if self._registers[0x20] != b"\0":
            return
        assert not self._beyond, f"no such window: {self._windows}"
        (left, right), (top, bottom) = self._windows[0x21], self._windows[0x22]
        for value in data:
            column, page = self._at
            self.cells[page * COLUMNS + column] = value
            if column < right:
                self._at = (column + 1, page)
            else:
                self._at = (left, page + 1 if page < bottom else top)

    def picture(self) -> Image.Image:
        """What is seen on the glass, the cable above it; dark where nothing drives it."""
        if 0xAE in self._switches or self._registers[0x8D] != b"\x14":
            return Image.new("1", (COLUMNS, 8 * PAGES))
        assert self._registers[0xA8] == b"\x3f", "all 64 rows are driven"
        assert self._registers[0xDA] == b"\x12", "how the rows of this glass are wired"
        assert self._registers[0xD3] == b"\0", "no offset"
        assert self._first_line == 0
        seen = Image.new("1", (COLUMNS, 8 * PAGES))
        for page in range(PAGES):
            for bit in range(8):
                row = bytes(255 * (value >> bit & 1) for value in self.cells[page * COLUMNS :][:COLUMNS])
                seen.paste(Image.frombytes("L", (COLUMNS, 1), row), (0, 8 * page + bit))
        if 0xA5 in self._switches:
            seen = Image.new("1", seen.size, 255)
        if 0xA7 in self._switches:
            seen = seen.point(lambda dot: 255 - dot)
        if 0xA0 in self._switches:
            seen = seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if 0xC0 in self._switches:
            seen = seen.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        return seen
