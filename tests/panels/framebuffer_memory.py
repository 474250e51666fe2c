"""A framebuffer as the kernel offers it: its two answers about its geometry, its bytes, the picture that they are."""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from drivers.framebuffer.geometry import Geometry, read_geometry
from tests.panels.buses import Traffic
from tests.panels.colour_memory import planes_of_16_bits

ORDERS: Final = {"xrgb": (32, 16, 8, 0), "xbgr": (32, 0, 8, 16), "rgb565": (16, 11, 5, 0), "bgr565": (16, 0, 5, 11)}


@dataclass(frozen=True)
class Panel:
    """A panel's geometry; `margin` pixels of memory are to the left, right, above and below of what is visible."""

    width: int
    height: int
    order: str = "xrgb"
    margin: int = 0
    padding: int = 0

    @property
    def line_bytes(self) -> int:
        """From one line to the next."""
        return (self.width + 2 * self.margin) * ORDERS[self.order][0] // 8 + self.padding

    @property
    def lines(self) -> int:
        """All lines in memory."""
        return self.height + 2 * self.margin

    def answers(self) -> tuple[bytes, bytes]:
        """What the kernel answers: the variable and the fixed part."""
        bits, red, green, blue = ORDERS[self.order]
        sizes = (5, 6, 5) if bits == 16 else (8, 8, 8)
        places = zip((red, green, blue), sizes, strict=True)
        fields = [value for offset, size in places for value in (offset, size, 0)]
        virtual = (self.width + 2 * self.margin, self.lines)
        variable = (self.width, self.height, *virtual, self.margin, self.margin, bits, 0, *fields, 0, 0, 0)
        fixed = (b"simple", 0, self.line_bytes * self.lines, 0, 0, 2, 1, 1, 0, self.line_bytes, 0, 0, 0, 0, 0, 0)
        return struct.pack("=20I", *variable).ljust(160, b"\0"), struct.pack("@16sLIIIIHHHILIIHHH", *fixed)


@dataclass
class FramebufferMemory:
    """The memory of a panel, in place of the kernel's file."""

    panel: Panel
    traffic: Traffic
    cells: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.replug()

    def replug(self) -> None:
        """What another program or another panel leaves behind."""
        self.cells = bytearray(b"\x5a" * (self.panel.line_bytes * self.panel.lines))

    def geometry(self) -> Geometry:
        """As the kernel's file tells it."""
        self.traffic.send(b"", lambda _nothing: None, errno.ENODEV)
        return read_geometry(*self.panel.answers())

    def write(self, data: bytes, at: int) -> None:
        """As into the kernel's file."""

        def take(arriving: Sequence[int]) -> None:
            self.cells[at : at + len(arriving)] = bytes(arriving)

        assert at + len(data) <= len(self.cells), "beyond the end"
        self.traffic.send(data, take, errno.ENODEV)

    def close(self) -> None:
        """Nothing is left open."""

    def picture(self) -> Image.Image:
        """What the panel shows."""
        panel = self.panel
        bits, red, _green, _blue = ORDERS[panel.order]
        pixel = bits // 8
        rows = []
        for line in range(panel.margin, panel.margin + panel.height):
            start = line * panel.line_bytes + panel.margin * pixel
            rows.append(bytes(self.cells[start : start + panel.width * pixel]))
        data, size = b"".join(rows), (panel.width, panel.height)
        if bits == 32:
            return Image.frombytes("RGB", size, data, "raw", "BGRX" if red else "RGBX")
        high, middle, low = planes_of_16_bits(data[1::2], data[::2])
        planes = (high, middle, low) if red else (low, middle, high)
        return Image.merge("RGB", [Image.frombytes("L", size, plane) for plane in planes])
