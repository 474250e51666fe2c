"""Switches without diodes between simulated pins, or to ground: what is low comes through wherever a way is closed.

A driver that asks for a pull-up gets it from the kernel at once; a closed way is stronger, and is put back. The kernel
tells of each pin that somebody takes or lets go of, so nothing polls: at rest this costs nothing, and a row follows its
column within a fraction of the settling time.
"""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import Sequence
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from tests.hil.inside.gpio_sim import SimulatedChip

Crossing = tuple[int, int]
"""A switch: the line that is read, and the one that is driven, or GROUND."""
GROUND: Final = -1
_WATCH_LINE: Final = 0xC100_B406
"""GPIO_V2_GET_LINEINFO_WATCH_IOCTL of linux/gpio.h; what it takes has 256 bytes, the line's number at the 64th."""
_CHANGES: Final = 16 * 288
"""Room for 16 of its struct gpio_v2_line_info_changed."""


class Switches:
    """The switches, and the thread that lets the lines that are read follow those that are driven.

    Some are `closed` from the start.
    """

    def __init__(
        self, chip: SimulatedChip, device: Path, rows: Sequence[int], columns: Sequence[int], *closed: Crossing
    ) -> None:
        self._chip = chip
        self._rows, self._columns = tuple(rows), tuple(columns)
        self._closed = set(closed)
        self._lock = Lock()
        for line in self._columns:
            chip.pull(line, 1)
        self._follow()
        self._watch = os.open(device, os.O_RDONLY)
        for line in (*self._rows, *self._columns):
            fcntl.ioctl(self._watch, _WATCH_LINE, bytearray(bytes(64) + line.to_bytes(4, "little") + bytes(188)))
        self._end = os.eventfd(0)
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def close_switch(self, *crossings: Crossing) -> None:
        """Press keys, at once."""
        with self._lock:
            self._closed.update(crossings)
            self._follow()

    def open_switch(self, *crossings: Crossing) -> None:
        """Let keys go, at once."""
        with self._lock:
            self._closed.difference_update(crossings)
            self._follow()

    def close(self) -> None:
        """End the thread."""
        os.eventfd_write(self._end, 1)
        self._thread.join()
        os.close(self._watch)
        os.close(self._end)

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._watch, self._end], [], [])
            if self._end in ready:
                return
            os.read(self._watch, _CHANGES)
            with self._lock:
                self._follow()

    def _follow(self) -> None:
        low = self._driven_low()
        for row in self._rows:
            level = 0 if row in low else 1
            if self._chip.level(row) != level:
                self._chip.pull(row, level)

    def _driven_low(self) -> set[int]:
        """Every line that is connected to one which is low; a column that is let go reads its pull, high."""
        low = {GROUND, *(column for column in self._columns if self._chip.level(column) == 0)}
        while True:
            more = {line for crossing in self._closed if low & set(crossing) for line in crossing} - low
            if not more:
                return low
            low |= more
