"""A panel behind the kernel's framebuffer: the rectangles that changed are written into its file, enlarged.

Its text console writes there too: the board's system must keep it off (`vt.global_cursor_default=0 consoleblank=0` for
the kernel, no getty on tty1). Whatever gets through is painted over within a minute.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from PIL import Image

from drivers.drawing.changes import Box, changed_boxes
from drivers.drawing.tft import HEIGHT, WIDTH, draw_tft
from drivers.framebuffer.geometry import FIXED, VARIABLE_BYTES, Geometry, read_geometry
from drivers.framebuffer.placing import Placing, placing
from firmware.hal.errors import DisplayFailed
from firmware.surfaces import Frame

ROW_GAP: Final = 4
_WHOLE: Final[Box] = (0, 0, WIDTH, HEIGHT)


class Memory(Protocol):
    """The memory of a framebuffer. Calls raise OSError and DisplayFailed."""

    def geometry(self) -> Geometry:
        """Its size and pixels, as they are now."""
        ...

    def write(self, data: bytes, at: int) -> None:
        """Write all of `data` so many bytes behind its beginning."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class FramebufferFile:
    """The kernel's file. `ask` is the system's ioctl."""

    _VARIABLE: Final = 0x4600
    _FIXED: Final = 0x4602

    def __init__(self, path: Path, ask: Callable[[int, int, bytes], bytes] = fcntl.ioctl) -> None:
        self._ask = ask
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def geometry(self) -> Geometry:
        """Ask the kernel."""
        variable = self._ask(self._file, self._VARIABLE, bytes(VARIABLE_BYTES))
        return read_geometry(variable, self._ask(self._file, self._FIXED, bytes(FIXED.size)))

    def write(self, data: bytes, at: int) -> None:
        """Write into the file."""
        if os.pwrite(self._file, data, at) != len(data):
            raise DisplayFailed("the framebuffer is smaller than it says")

    def close(self) -> None:
        """Close the file; the picture stays."""
        os.close(self._file)


class FramebufferGlass:
    """A panel; `turned` hangs upside down."""

    def __init__(self, memory: Memory, *, turned: bool) -> None:
        self._memory = memory
        self._turned = turned
        self._geometry: Geometry | None = None
        self._placing = Placing(placing(WIDTH, HEIGHT).scale, 0, 0)
        self._shown: Image.Image | None = None

    def set_up(self) -> None:
        """Ask for the geometry, which may have changed; the whole panel is painted with the next frame."""
        self._geometry = self._memory.geometry()
        self._placing = placing(self._geometry.width, self._geometry.height)
        self._shown = None

    def draw(self, frame: Frame) -> None:
        """Write what `frame` changes. Raises: OSError; DisplayFailed - no fonts."""
        geometry = self._geometry
        assert geometry is not None, "set up before"
        picture = draw_tft(frame)
        if self._turned:
            picture = picture.transpose(Image.Transpose.ROTATE_180)
        if self._shown is None:
            panel = Image.new("RGB", (geometry.width, geometry.height))
            part, left, top = self._placing.part(picture, _WHOLE)
            panel.paste(part, (left, top))
            self._write(panel, geometry, 0, 0)
        else:
            for box in changed_boxes(self._shown, picture, ROW_GAP):
                part, left, top = self._placing.part(picture, box)
                self._write(part, geometry, left, top)
        self._shown = picture

    def close(self) -> None:
        """Let go of the file; the picture stays."""
        self._memory.close()

    def _write(self, part: Image.Image, geometry: Geometry, left: int, top: int) -> None:
        data = geometry.pack(part)
        at = geometry.start + top * geometry.line_bytes + left * geometry.pixel_bytes
        row_bytes = part.width * geometry.pixel_bytes
        if row_bytes == geometry.line_bytes:
            self._memory.write(data, at)
            return
        for row in range(part.height):
            self._memory.write(data[row * row_bytes : (row + 1) * row_bytes], at + row * geometry.line_bytes)
