"""The character display: only what changed is written, each run of characters behind one order that says where.

RPLCD sets the controller up, whatever half of a byte it was left in, and knows the places of rows and the codes of
characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from RPLCD.common import LCD_4BITMODE
from RPLCD.lcd import BaseCharLCD

from drivers.drawing.lcd import lcd_rows
from drivers.hd44780.wires import Wires
from firmware.surfaces import Frame


@dataclass(frozen=True, slots=True)
class Size:
    """Characters in a row, and rows."""

    columns: int
    rows: int


class _Controller(BaseCharLCD):  # type: ignore[misc]
    """RPLCD's knowledge of the controller, on our wires."""

    data_bus_mode = LCD_4BITMODE

    def __init__(self, wires: Wires, size: Size) -> None:
        self._wires = wires
        super().__init__(size.columns, size.rows, charmap="A00", auto_linebreaks=False)

    def _init_connection(self) -> None:
        """The wires are connected already."""

    def _close_connection(self) -> None:
        """The wires belong to the glass."""

    def _send_instruction(self, value: int) -> None:
        self._wires.send(value, character=False)

    def _send_data(self, value: int) -> None:
        self._wires.send(value, character=True)


class CharacterGlass:
    """An HD44780 on `wires`. Every call may raise DeviceError."""

    def __init__(self, wires: Wires, size: Size) -> None:
        self._wires = wires
        self._size = size
        self._controller: _Controller | None = None
        self._shown: tuple[str, ...] = ()

    def set_up(self) -> None:
        """Set the controller up; this clears the screen."""
        self._controller = _Controller(self._wires, self._size)
        self._shown = (" " * self._size.columns,) * self._size.rows

    def draw(self, frame: Frame) -> None:
        """Write the characters that `frame` changes."""
        controller = self._controller
        assert controller is not None, "set up before"
        rows = lcd_rows(frame, self._size.columns, self._size.rows)
        for row, (before, after) in enumerate(zip(self._shown, rows, strict=True)):
            for column, text in changed_runs(before, after):
                controller.cursor_pos = (row, column)
                controller.write_string(text)
        self._shown = rows

    def close(self) -> None:
        """Let go of the wires; the text stays."""
        self._wires.close()


def changed_runs(before: str, after: str) -> Iterator[tuple[int, str]]:
    """Each run of characters that differ, with the column of its first."""
    start = None
    for column, (old, new) in enumerate(zip(before + "\0", after + "\0", strict=True)):
        if old != new:
            start = column if start is None else start
        elif start is not None:
            yield start, after[start:column]
            start = None
