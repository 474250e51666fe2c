"""An HD44780 as its datasheet tells it: halves of bytes in, its memory and what the glass shows out.

It ignores what comes while it is busy, as the real one does. A driver that makes it do so fails, as one that breaks a
rule of the bus, but not while it sets the controller up after power or bus were gone.
Also a PCF8574 in front of it, and the header's pins.
"""

from __future__ import annotations

import errno
import time
from dataclasses import dataclass, field
from typing import Final

from tests.panels.buses import Header, Traffic, loop_s

LINE: Final = 40
SECOND: Final = 0x40
I2C_BYTE_S: Final = 9 / 400_000
"""A byte on the fastest bus that an expander is put on."""


@dataclass
class CharacterMemory:
    """The controller, with a glass of `columns` by `rows`."""

    columns: int
    rows: int
    _skipped_s: float = 0.0
    _cells: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lose_power()

    def replug(self) -> None:
        """Take the display away and plug it in again; it had a second to wake."""
        self.lose_power()
        self.pause(1)

    def lose_power(self) -> None:
        """Switch off and on."""
        self._cells = [0x20] * 0x80
        self.unset = True
        self._wide, self._two_lines = True, False
        self._half: int | None = None
        self._on, self._forward = False, True
        self._at = 0
        self._busy_until_s = self._now_s() + 0.04

    def _now_s(self) -> float:
        # RPLCD's own waits are real, the others are skipped.
        return time.perf_counter() + self._skipped_s + loop_s()

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self._skipped_s += seconds

    def pulse(self, half: int, *, character: bool) -> None:
        """Take what D4 to D7 carry when E falls."""
        if self._now_s() < self._busy_until_s:
            assert self.unset, "written to while busy"
            return
        if self._wide:
            self._take(half << 4, character=character)
        elif self._half is None:
            self._half = half
        else:
            value, self._half = self._half << 4 | half, None
            self._take(value, character=character)

    def _take(self, value: int, *, character: bool) -> None:
        self._busy_until_s = self._now_s() + (0.00152 if not character and value in {1, 2, 3} else 0.000037)
        if character:
            self._cells[self._at % 0x80] = value
            self._at = self._next(self._at)
        elif value >= 0x80:
            self._at = value & 0x7F
        elif value >= 0x20:
            assert value < 0x40 or self.unset, "signs of one's own are not used"
            if value < 0x40:
                self._wide, self._two_lines = bool(value & 0x10), bool(value & 0x08)
        elif value >= 0x08:
            assert value < 0x10 or self.unset, "nothing is shifted"
            self._on = bool(value & 0x04)
        elif value >= 0x04:
            assert value == 0x06 or self.unset, "to the right, and the glass stays"
            self.unset = False
        elif value >= 0x01:
            self._at = 0
            if value == 0x01:
                self._cells = [0x20] * 0x80

    def _next(self, at: int) -> int:
        if at == LINE - 1:
            return SECOND
        return 0 if at == SECOND + LINE - 1 else at + 1

    def text(self) -> tuple[str, ...]:
        """What is read on the glass."""
        starts = (0, SECOND, self.columns, SECOND + self.columns)[: self.rows]
        if not self._on or not self._two_lines:
            return (" " * self.columns,) * self.rows
        return tuple("".join(map(chr, self._cells[start : start + self.columns])) for start in starts)


@dataclass
class ExpanderBus:
    """An I2C bus with a PCF8574 on it: RS, R/W, E, backlight and D4 to D7 on its outputs."""

    memory: CharacterMemory
    traffic: Traffic
    outputs: int = 0xFF

    def connect(self, _port: int, _address: int) -> ExpanderBus:
        """As the kernel's file is opened, which finds no device missing."""
        return self

    def write(self, data: bytes) -> None:
        """Take one message."""
        try:
            self.traffic.send([0x27 << 1, *data], self._take, errno.EREMOTEIO)
        except OSError:
            self.memory.unset = True
            raise

    def close(self) -> None:
        """Nothing is left open."""

    def _take(self, data: object) -> None:
        assert isinstance(data, list)
        self.memory.pause(I2C_BYTE_S)
        for value in data[1:]:
            self.memory.pause(I2C_BYTE_S)
            before, self.outputs = self.outputs, value
            assert not value & 0x02, "nothing is read"
            if value & 0x04 and not before & 0x04:
                assert (value ^ before) & 0x01 == 0 or self.memory.unset, "RS must settle before E rises"
            if before & 0x04 and not value & 0x04:
                assert (value ^ before) & 0xF1 == 0 or self.memory.unset, "data and RS must hold until E has fallen"
                self.memory.pulse(before >> 4, character=bool(before & 0x01))


class CharacterHeader(Header):
    """The header's pins with an HD44780 on them, as `PinWiring` has it."""

    RS, ENABLE, DATA = 7, 8, (25, 24, 23, 18)

    def __init__(self, memory: CharacterMemory, traffic: Traffic) -> None:
        super().__init__()
        self._memory = memory
        self._traffic = traffic

    def output(self, channel: int, value: int) -> None:
        falls = channel == self.ENABLE and self.levels[channel] == self.HIGH and value == self.LOW
        super().output(channel, value)
        if falls:
            half = sum(self.levels[pin] << place for place, pin in enumerate(self.DATA))
            try:
                self._traffic.send([half], self._take, errno.EIO)
            except OSError:
                self._memory.unset = True
                raise

    def _take(self, data: object) -> None:
        assert isinstance(data, list)
        for half in data:
            self._memory.pulse(half, character=bool(self.levels[self.RS]))
