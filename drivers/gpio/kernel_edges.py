"""Edges of pins heard from the kernel itself, for a process that really sleeps until there is one.

rpi-lgpio offers edges too, but the lgpio below it looks for them 2,000 times in a second for as long as any is wanted.
So while a pin is listened to, it is not the library's: the kernel's character device (linux/gpio.h, version 2) has it,
and its file tells the loop. Everything else stays the library's.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LABELS: Final = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
"""What the kernel calls the chip of the header: on a Pi 5, on a Pi 4, on those before."""
CHIP_NUMBER: Final = "RPI_LGPIO_CHIP"
"""The environment variable by which rpi-lgpio lets a person choose the chip."""

_CHIP_INFO: Final = 0x8044_B401
_CHIP_INFO_BYTES: Final = 68
_LABEL: Final = slice(32, 64)
_GET_LINE: Final = 0xC250_B407
_REQUEST: Final = struct.Struct("=I252x32sQ264xII20xi")
"""struct gpio_v2_line_request of one line: its number, who asks, flags, how many lines, room for events, the file."""
_GET_VALUES: Final = 0xC010_B40E
_VALUES: Final = struct.Struct("=QQ")
_INPUT, _RISING, _FALLING, _PULL_UP = 1 << 2, 1 << 4, 1 << 5, 1 << 8
_EVENTS: Final = 16
_EVENT_BYTES: Final = 48


@dataclass(slots=True)
class KernelEdges:
    """A GpioLibrary, for the loop that it is used in: `library` with edges of the chip `device`."""

    library: Any
    device: Path
    _heard_at: dict[int, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.library, name)

    def add_event_detect(self, channel: int, edge: int, callback: Callable[[int], None]) -> None:
        """Call back in the loop at each edge of an input, whose pull-up stays. Raises: OSError."""
        self.library.cleanup([channel])
        edges = {self.library.FALLING: _FALLING, self.library.BOTH: _FALLING | _RISING}[edge]
        fd = _take_line(self.device, channel, _INPUT | _PULL_UP | edges)
        self._heard_at[channel] = fd
        asyncio.get_running_loop().add_reader(fd, self._hear, channel, callback)

    def remove_event_detect(self, channel: int) -> None:
        """Call back no more; the pin is the library's again, an input with its pull-up."""
        fd = self._heard_at.pop(channel, None)
        if fd is None:
            return
        asyncio.get_running_loop().remove_reader(fd)
        os.close(fd)
        self.library.setup(channel, self.library.IN, pull_up_down=self.library.PUD_UP)

    def input(self, channel: int) -> int:
        """The level of a pin, listened to or not."""
        fd = self._heard_at.get(channel)
        if fd is None:
            level: int = self.library.input(channel)
            return level
        values = bytearray(_VALUES.pack(0, 1))
        fcntl.ioctl(fd, _GET_VALUES, values)
        bits, _ = _VALUES.unpack(values)
        return int(bits)

    def _hear(self, channel: int, callback: Callable[[int], None]) -> None:
        try:
            os.read(self._heard_at[channel], _EVENTS * _EVENT_BYTES)
        except BlockingIOError:
            return
        except OSError:
            # The chip is gone: whoever listens finds out when it looks at the pin.
            asyncio.get_running_loop().remove_reader(self._heard_at[channel])
        callback(channel)


def find_header(environment: Mapping[str, str] = os.environ, devices: Path = Path("/dev")) -> Path | None:
    """The file of the header's chip, as rpi-lgpio would choose it; None where this machine has none that is known."""
    number = environment.get(CHIP_NUMBER, "")
    if number:
        return devices / f"gpiochip{number}"
    return next((each for each in sorted(devices.glob("gpiochip*")) if _label(each) in LABELS), None)


def _label(device: Path) -> str:
    try:
        fd = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        info = bytearray(_CHIP_INFO_BYTES)
        fcntl.ioctl(fd, _CHIP_INFO, info)
    except OSError:
        return ""
    finally:
        os.close(fd)
    return info[_LABEL].rstrip(b"\0").decode("ascii", "replace")


def _take_line(device: Path, line: int, flags: int) -> int:
    chip = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    try:
        request = bytearray(_REQUEST.pack(line, b"tillberry", flags, 1, 0, -1))
        fcntl.ioctl(chip, _GET_LINE, request)
    finally:
        os.close(chip)
    fd: int = _REQUEST.unpack(request)[-1]
    os.set_blocking(fd, False)
    return fd
