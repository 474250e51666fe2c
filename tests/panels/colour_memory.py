"""An ST7789 or ILI9341 as its datasheet tells it: commands and data in, its memory and what the glass shows out.

The memory is 240 columns by 320 rows, whatever way it is filled; the glass lies on its side, the controller's first row
at the left. A command that the model does not know, data that nobody asked for, or a wait that is too short, fails; but
as long as nobody has woken it since its power came, the controller makes of everything what it can.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from tests.panels.buses import loop_s

COLUMNS: Final = 240
ROWS: Final = 320

_TURNED, _COLUMNS_BACK, _ROWS_BACK, _BGR = 0x20, 0x40, 0x80, 0x08
_PARAMETERS: Final = {0x2A: 4, 0x2B: 4, 0x36: 1, 0x3A: 1}
_PLAIN: Final = frozenset({0x01, 0x11, 0x13, 0x20, 0x21, 0x29, 0x2C})
_POWER: Final = frozenset({0x26, *range(0xB0, 0x100)})
"""Gamma, voltages, frame rates: they change how a picture looks and not which it is, and are let pass."""

_MASK: Final = bytes(value & 0xFC for value in range(256))
_RED: Final = bytes(value & 0xF8 for value in range(256))
_GREEN_HIGH: Final = bytes((value << 5) & 0xFF for value in range(256))
_GREEN_LOW: Final = bytes((value & 0xE0) >> 3 for value in range(256))
_BLUE: Final = bytes((value & 0x1F) << 3 for value in range(256))


@dataclass
class ColourMemory:
    """The controller; `mirrored`, `bgr` and `inverting` are how the glass hangs on it."""

    mirrored: bool = False
    bgr: bool = False
    inverting: bool = True
    _skipped_s: float = 0.0
    _planes: list[bytearray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lose_power()

    def lose_power(self) -> None:
        """Switch off and on: registers as after a reset, the memory full of chance."""
        self.unset = True
        self._planes = [bytearray(random.Random(colour).randbytes(COLUMNS * ROWS)) for colour in "rgb"]
        self._reset()

    def _reset(self) -> None:
        self.asleep, self.on, self.inverted = True, False, False
        self.access, self.format = 0, 0x66
        self._window = {0x2A: (0, COLUMNS - 1), 0x2B: (0, ROWS - 1)}
        self._order = 0x00
        self._values = bytearray()
        self._at = (0, 0)
        self._busy_until_s = self._now_s()

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self._skipped_s += seconds

    def _now_s(self) -> float:
        return self._skipped_s + loop_s()

    def command(self, order: int) -> None:
        """Take a command byte."""
        assert self._now_s() >= self._busy_until_s, f"command {order:#04x} comes too early"
        assert order in _PARAMETERS or order in _PLAIN or order in _POWER, f"no command {order:#04x}"
        self._order, self._values = order, bytearray()
        match order:
            case 0x01:
                self._reset()
                self._busy_until_s = self._now_s() + 0.12
            case 0x11:
                self.unset = False
                self._busy_until_s = self._now_s() + 0.005
                self.asleep = False
            case 0x20 | 0x21:
                self.inverted = order == 0x21
            case 0x29:
                self.on = True
            case 0x2C:
                self._at = (self._window[0x2A][0], self._window[0x2B][0])

    def data(self, data: bytes) -> None:
        """Take data bytes."""
        if self._order == 0x2C:
            self._values += data
            size = 2 if self.format & 0x07 == 0x05 else 3
            whole = len(self._values) // size * size
            self._fill(_colours(bytes(self._values[:whole]), size))
            del self._values[:whole]
            return
        for value in data:
            self._values.append(value)
            if len(self._values) == _PARAMETERS.get(self._order):
                self._set(bytes(self._values))
        assert self._order in _POWER or len(self._values) <= _PARAMETERS.get(self._order, 0), "data nobody asked for"

    def _set(self, values: bytes) -> None:
        match self._order:
            case 0x36:
                self.access = values[0]
            case 0x3A:
                assert values[0] & 0x07 in {0x05, 0x06}, values
                self.format = values[0]
            case order:
                first, last = int.from_bytes(values[:2], "big"), int.from_bytes(values[2:], "big")
                turned = bool(self.access & _TURNED)
                limit = ROWS if (order == 0x2A) == turned else COLUMNS
                fits = first <= last < limit
                assert fits or self.unset, f"window {first}..{last} of {limit}"
                self._window[order] = (first, last) if fits else (0, limit - 1)

    def _fill(self, colours: list[bytes]) -> None:
        """Write pixels from where the last ones ended, row after row of the window."""
        left, right = self._window[0x2A]
        top, bottom = self._window[0x2B]
        done, count = 0, len(colours[0])
        while done < count:
            x, y = self._at
            run = min(count - done, right - x + 1)
            for plane, values in zip(self._planes, colours, strict=True):
                plane[self._cells(x, y, run)] = values[done : done + run]
            done += run
            self._at = (x + run, y) if x + run <= right else (left, y + 1 if y < bottom else top)

    def _cells(self, x: int, y: int, run: int) -> slice:
        """Where so many pixels from (x, y) to the right lie in memory."""
        turned = bool(self.access & _TURNED)
        column, row = (y, x) if turned else (x, y)
        if self.access & _COLUMNS_BACK:
            column = COLUMNS - 1 - column
        if self.access & _ROWS_BACK:
            row = ROWS - 1 - row
        back = self.access & (_ROWS_BACK if turned else _COLUMNS_BACK)
        step = (COLUMNS if turned else 1) * (-1 if back else 1)
        first = row * COLUMNS + column
        end = first + run * step
        return slice(first, end if end >= 0 else None, step)

    def picture(self) -> Image.Image:
        """What is seen on the glass, lying on its side; black where the controller sleeps or is off."""
        if self.asleep or not self.on:
            return Image.new("RGB", (ROWS, COLUMNS))
        planes = [Image.frombytes("L", (COLUMNS, ROWS), bytes(plane)) for plane in self._planes]
        standing = Image.merge("RGB", planes)
        if self.mirrored:
            standing = standing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        seen = standing.transpose(Image.Transpose.ROTATE_90)
        if self.inverting != self.inverted:
            seen = seen.point(lambda value: value ^ 0xFC)
        if self.bgr != bool(self.access & _BGR):
            red, green, blue = seen.split()
            seen = Image.merge("RGB", (blue, green, red))
        return as_kept(seen)


def _colours(data: bytes, size: int) -> list[bytes]:
    """The red, green and blue values of pixels of two or three bytes."""
    if size == 3:
        return [data[colour::3].translate(_MASK) for colour in range(3)]
    return planes_of_16_bits(data[::2], data[1::2])


def planes_of_16_bits(high: bytes, low: bytes) -> list[bytes]:
    """The values of the five, six and five bits of each pixel, as eight bits whose lowest are 0."""
    green = int.from_bytes(high.translate(_GREEN_HIGH)) | int.from_bytes(low.translate(_GREEN_LOW))
    return [high.translate(_RED), green.to_bytes(len(high)), low.translate(_BLUE)]


def as_kept(picture: Image.Image) -> Image.Image:
    """The picture in the colours that 16 bits can hold."""
    return picture.point([value & mask for mask in (0xF8, 0xFC, 0xF8) for value in range(256)])


def st7789() -> ColourMemory:
    """As most modules are made."""
    return ColourMemory()


def ili9341() -> ColourMemory:
    """As most modules are made."""
    return ColourMemory(mirrored=True, bgr=True, inverting=False)
