"""SPI and I2C buses with a panel at their end: what luma sends reaches the model, is counted, may fail on its way."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import smbus2
from luma.core.interface.serial import i2c

DC = 24
RESET = 25
LIGHT = 18


def loop_s() -> float:
    """The time of the loop that runs here; a panel's own clock goes on with it."""
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop().time()
    return 0.0


class Memory(Protocol):
    """A panel's controller."""

    def command(self, order: int, /) -> None: ...

    def data(self, data: bytes) -> None: ...


@dataclass
class Traffic:
    """What went over a bus. `fails_after` so many bytes more it raises the error of a device that is gone."""

    bytes_sent: int = 0
    transfers: int = 0
    fails_after: int | None = None

    def send(self, data: Sequence[int], take: Callable[[Sequence[int]], None], error: int) -> None:
        """Pass one transfer on to `take`. Raises: OSError - some of it, or all, did not arrive."""
        arriving = len(data) if self.fails_after is None else min(len(data), self.fails_after)
        self.bytes_sent += arriving
        self.transfers += 1
        take(data[:arriving])
        if self.fails_after is not None:
            self.fails_after -= arriving
            if self.fails_after == 0:
                raise OSError(error, "no such device any more")


class Header:
    """The header's pins, as far as a display needs them."""

    OUT, LOW, HIGH = 0, 0, 1

    def __init__(self) -> None:
        self.levels: dict[int, int] = {}
        self.resets = 0

    def setup(self, channel: int, direction: int, initial: int = 0) -> None:
        assert direction == self.OUT
        self.levels[channel] = initial

    def output(self, channel: int, value: int) -> None:
        self.resets += channel == RESET and value == self.HIGH
        self.levels[channel] = value

    def cleanup(self, channel: Sequence[int]) -> None:
        raise AssertionError("pins that are let go of would darken the display")


class SpiBus:
    """What has the calls of the library spidev."""

    def __init__(self, memory: Memory, pins: Header, traffic: Traffic) -> None:
        self._memory = memory
        self._pins = pins
        self._traffic = traffic
        self.max_speed_hz = 0
        self.is_open = False

    def open(self, port: int, device: int) -> None:
        self._traffic.send(b"", lambda _nothing: None, errno.ENODEV)
        self.is_open = True

    def writebytes(self, data: Sequence[int]) -> None:
        assert self.is_open
        assert len(data) <= 4096, "more than the kernel takes"
        self._traffic.send(data, self._take, errno.ENODEV)

    def _take(self, data: Sequence[int]) -> None:
        if self._pins.levels[DC]:
            self._memory.data(bytes(data))
            return
        for order in data:
            self._memory.command(order)

    def close(self) -> None:
        self.is_open = False


class I2cBus:
    """What has the calls of the library smbus2, with one device at `address`."""

    def __init__(self, memory: Memory, address: int, traffic: Traffic) -> None:
        self._memory = memory
        self._address = address
        self._traffic = traffic

    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int]) -> None:
        assert len(data) <= 32, "more than SMBus takes"
        self._send(address, [register, *data])

    def i2c_rdwr(self, message: Any) -> None:
        self._send(message.addr, list(message))

    def close(self) -> None:
        pass

    def _send(self, address: int, data: Sequence[int]) -> None:
        assert address == self._address
        self._traffic.send(data, self._take, errno.EREMOTEIO)

    def _take(self, data: Sequence[int]) -> None:
        control, *rest = data or [0]
        if control == 0x40:
            self._memory.data(bytes(rest))
            return
        assert control == 0x00, "a control byte"
        for order in rest:
            self._memory.command(order)


class KernelI2c(i2c):  # type: ignore[misc]
    """luma's I2C as it is over the kernel's file: data go in one message, not in blocks of 32."""

    def __init__(self, bus: I2cBus, address: int) -> None:
        super().__init__(bus=bus, address=address)
        self._managed = True
        self._i2c_msg_write = smbus2.i2c_msg.write
