"""The wires to a display: luma.core's SPI with its data/command pin, and its I2C.

Owned here: whatever luma or the kernel raise is told as DisplayFailed. The bytes of SPI go through the kernel's file,
not through the library spidev, which needs a compiler where it is installed and makes a list of every picture.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from drivers.gpio.library import vendor_errors
from firmware.hal.errors import DisplayFailed

SPEEDS_MHZ: Final = (1, 2, 4, 8, 16, 20, 24, 28, 32, 36, 40, 44, 48, 50, 52)
"""The clocks that luma.core knows; the kernel takes the next lower one that the chip can make."""
RESET_S: Final = 0.001
"""A reset pulse must last 10 us (ST7789, ILI9341) or 3 us (SSD1306)."""


class Wire(Protocol):
    """A controller's end: luma's serial interfaces are such. Calls raise OSError and luma's own errors."""

    def command(self, *cmd: int) -> None:
        """Send command bytes."""
        ...

    def data(self, data: bytes) -> None:
        """Send data bytes."""
        ...

    def cleanup(self) -> None:
        """Let go of the bus."""
        ...


@dataclass(frozen=True, slots=True)
class SpiWiring:
    """A display on SPI: /dev/spidev`port`.`select`, and its pins by BCM number."""

    port: int
    select: int
    speed_mhz: int
    dc: int
    reset: int | None = None
    backlight: int | None = None

    @property
    def name(self) -> str:
        """The kernel's file."""
        return f"/dev/spidev{self.port}.{self.select}"


@dataclass(frozen=True, slots=True)
class I2cWiring:
    """A display on /dev/i2c-`port`."""

    port: int
    address: int

    @property
    def name(self) -> str:
        """The kernel's file, and the address."""
        return f"/dev/i2c-{self.port} at 0x{self.address:02x}"


class SpiFile:
    """The kernel's file of an SPI device, with the calls of the library spidev that luma makes.

    Source: Linux, Documentation/spi/spidev.rst and include/uapi/linux/spi/spidev.h.
    """

    _SET_SPEED: Final = 0x4004_6B04

    def __init__(self, control: Callable[[int, int, bytes], object] = fcntl.ioctl) -> None:
        self._control = control
        self._file = -1
        self._speed_hz = 0

    def open(self, port: int, device: int) -> None:
        """Open chip select `device` of bus `port`."""
        self._file = os.open(f"/dev/spidev{port}.{device}", os.O_RDWR | os.O_CLOEXEC)

    @property
    def max_speed_hz(self) -> int:
        """The clock."""
        return self._speed_hz

    @max_speed_hz.setter
    def max_speed_hz(self, speed_hz: int) -> None:
        self._control(self._file, self._SET_SPEED, struct.pack("=I", speed_hz))
        self._speed_hz = speed_hz

    def writebytes(self, data: bytes | list[int]) -> None:
        """Send up to 4096 bytes in one transfer: the kernel takes them all or none."""
        os.write(self._file, bytes(data))

    def close(self) -> None:
        """Let go; may be called more than once."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


@contextlib.contextmanager
def told(where: str) -> Iterator[None]:
    """Tell what fails inside as DisplayFailed, with where the display hangs."""
    from luma.core.error import Error  # noqa: PLC0415 - luma is loaded in the thread that draws

    try:
        yield
    except (*vendor_errors(), Error) as error:
        raise DisplayFailed(f"display on {where}: {error}") from error


def spi_wire(wiring: SpiWiring, pins: Any, bus: Any = None) -> Wire:
    """Open a display on SPI, and reset it where its reset pin is wired. Raises: DisplayFailed.

    `pins` is the library of the header; `bus` what has the calls of `SpiFile`.
    """
    from luma.core.interface.serial import spi  # noqa: PLC0415 - as above

    bus = SpiFile() if bus is None else bus
    with contextlib.ExitStack() as stack, told(wiring.name):
        # luma leaves the bus open where the next step fails, and this is tried again every second.
        stack.callback(bus.close)
        wire: Wire = spi(
            bus,
            pins,
            port=wiring.port,
            device=wiring.select,
            bus_speed_hz=wiring.speed_mhz * 1_000_000,
            gpio_DC=wiring.dc,
            gpio_RST=wiring.reset,
            reset_hold_time=RESET_S,
        )
        stack.pop_all()
        return wire


def i2c_wire(wiring: I2cWiring) -> Wire:
    """Open a display on I2C. Raises: DisplayFailed."""
    from luma.core.interface.serial import i2c  # noqa: PLC0415 - as above

    with told(wiring.name):
        wire: Wire = i2c(port=wiring.port, address=wiring.address)
        return wire
