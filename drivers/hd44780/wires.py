"""How bytes reach an HD44780: in two halves over four wires, from an expander on I2C or from the header's pins.

Owned here: the controller's times. It takes a half when E falls, 40 ns after RS has settled; a byte takes it 37 us, and
clearing or going home 1.52 ms. On I2C the bytes themselves take longer than that, but for the last.
Source: Hitachi HD44780U datasheet, tables 6 and bus timing; NXP PCF8574 datasheet; wiring of the common backpack.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from drivers.gpio.library import told
from firmware.hal.errors import DisplayFailed

POWER_UP_S: Final = 0.05
LONG_S: Final = 0.002
SHORT_S: Final = 0.00005
LONG_ORDERS: Final = 0x03
"""Clearing is 1, going home 2 or 3."""


class Wires(Protocol):
    """A controller's end. Calls raise DeviceError."""

    def send(self, value: int, *, character: bool) -> None:
        """Send a byte: a character for the screen, or an order."""
        ...

    def close(self) -> None:
        """Let go of the bus; what the screen shows stays."""
        ...


@dataclass(frozen=True, slots=True)
class ExpanderWiring:
    """A PCF8574 on /dev/i2c-`port`."""

    port: int
    address: int

    @property
    def name(self) -> str:
        """The kernel's file, and the address."""
        return f"/dev/i2c-{self.port} at 0x{self.address:02x}"


@dataclass(frozen=True, slots=True)
class PinWiring:
    """Pins of the header by BCM number; `data` are D4 to D7. R/W is wired to ground."""

    rs: int
    enable: int
    data: tuple[int, ...]
    backlight: int | None = None


class I2cFile:
    """The kernel's file of an I2C bus, one device on it chosen. Source: Linux, Documentation/i2c/dev-interface.rst."""

    _SLAVE: Final = 0x0703

    def __init__(self, port: int, address: int) -> None:
        self._file = os.open(f"/dev/i2c-{port}", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(self._file, self._SLAVE, address)
        except OSError:
            self.close()
            raise

    def write(self, data: bytes) -> None:
        """Send one message."""
        os.write(self._file, data)

    def close(self) -> None:
        """Let go."""
        os.close(self._file)


class Expander:
    """A PCF8574 whose outputs 0 to 7 are RS, R/W, E, backlight and D4 to D7."""

    RS, ENABLE, LIGHT = 0x01, 0x04, 0x08

    def __init__(
        self,
        wiring: ExpanderWiring,
        connect: Callable[[int, int], Any] = I2cFile,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connect. Raises: DisplayFailed."""
        self._wiring = wiring
        self._pause = pause
        try:
            self._bus = connect(wiring.port, wiring.address)
        except OSError as error:
            raise self._failure(error) from error
        pause(POWER_UP_S)

    def send(self, value: int, *, character: bool) -> None:
        """Send both halves in one message. Raises: DisplayFailed."""
        steady = self.LIGHT | (self.RS if character else 0)
        high, low = value & 0xF0 | steady, value << 4 & 0xF0 | steady
        try:
            self._bus.write(bytes([high, high | self.ENABLE, high, low | self.ENABLE, low]))
        except OSError as error:
            raise self._failure(error) from error
        if not character and value <= LONG_ORDERS:
            self._pause(LONG_S)

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

    def _failure(self, error: OSError) -> DisplayFailed:
        return DisplayFailed(f"display on {self._wiring.name}: {error}")


class Pins:
    """The header's own pins, through the RPi.GPIO interface."""

    def __init__(self, wiring: PinWiring, library: Any, pause: Callable[[float], None] = time.sleep) -> None:
        """Take the pins. Raises: DeviceMissing."""
        self._wiring = wiring
        self._library = library
        self._pause = pause
        with told("display"):
            for pin in (wiring.enable, wiring.rs, *wiring.data):
                library.setup(pin, library.OUT, initial=library.LOW)
            if wiring.backlight is not None:
                library.setup(wiring.backlight, library.OUT, initial=library.HIGH)
        pause(POWER_UP_S)

    def send(self, value: int, *, character: bool) -> None:
        """Send both halves, one after the other. Raises: DeviceMissing."""
        with told("display"):
            self._library.output(self._wiring.rs, self._library.HIGH if character else self._library.LOW)
            for half in (value >> 4, value):
                self._half(half, self._wiring.data)
        if not character and value <= LONG_ORDERS:
            self._pause(LONG_S)

    def close(self) -> None:
        """Leave the pins as they are: let go of, they would wander, and E with them."""

    def _half(self, half: int, data: Sequence[int]) -> None:
        high, low = self._library.HIGH, self._library.LOW
        for place, pin in enumerate(data):
            self._library.output(pin, high if half >> place & 1 else low)
        self._library.output(self._wiring.enable, high)
        self._library.output(self._wiring.enable, low)
        self._pause(SHORT_S)
