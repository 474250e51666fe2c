"""The wires that real printers hang on: USB, a serial line, the network. Each is a descriptor on the event loop."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.descriptor import Descriptor
from drivers.escpos.port import PortClosed
from drivers.serial_line import SerialLine
from firmware.units import Millis

CONNECT_S: Final = 2.0
KEEPALIVE_S: Final = 5
UNACKNOWLEDGED_MS: Final = 5_000
"""How long the network may keep silent about bytes sent before the connection is given up."""
USB_PRINTERS: Final = "sys/class/usbmisc/lp*"
"""Where the kernel's usblp lists its printers, below the root."""

Open = Callable[[], Awaitable[int]]


class WirePort:
    """A `BytePort` on whatever `open_wire` opens, which raises OSError or ValueError where it cannot.

    `empty_is_end` as in `Descriptor`.
    """

    def __init__(self, open_wire: Open, *, empty_is_end: bool = True) -> None:
        self._open_wire = open_wire
        self._empty_is_end = empty_is_end
        self._wire: Descriptor | None = None

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        """Send what the wire takes within the time. Raises: PortClosed."""
        wire = await self._opened()
        try:
            return await wire.write(data, timeout_ms)
        except OSError as error:
            raise self._lost(error) from error

    async def read(self, timeout_ms: Millis) -> bytes:
        """What the printer has sent. Raises: PortClosed."""
        wire = await self._opened()
        try:
            return await wire.read(timeout_ms)
        except OSError as error:
            raise self._lost(error) from error

    async def reopen(self) -> None:
        """Close and open again. Raises: PortClosed."""
        await self.close()
        await self._opened()

    async def close(self) -> None:
        """Let go of the wire."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    async def _opened(self) -> Descriptor:
        if self._wire is None:
            try:
                self._wire = Descriptor(await self._open_wire(), empty_is_end=self._empty_is_end)
            except (OSError, ValueError) as error:
                raise PortClosed(f"the printer cannot be reached: {error}") from error
        return self._wire

    def _lost(self, error: OSError) -> PortClosed:
        """Close what is broken, so that nothing but `reopen` or the next call opens it anew."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
        return PortClosed(f"the connection to the printer is gone: {error}")


@dataclass(frozen=True, slots=True)
class UsbPrinter:
    """A printer on USB, through the kernel's usblp: found again under whatever number it is plugged in next.

    `model` is a part of what the printer calls itself (its IEEE 1284 identity), `serial_number` that of its USB plug,
    which tells two printers of one model apart; both are empty where there is only one printer.
    """

    model: str = ""
    serial_number: str = ""
    root: Path = Path("/")

    @property
    def port(self) -> WirePort:
        """The printer as a `BytePort`. Many printers answer a read with an empty packet where they have no answer."""
        return WirePort(self.open, empty_is_end=False)

    async def open(self) -> int:
        """Open the printer's file. Raises: OSError - there is none, or more than one, or it is not ours to use."""
        found = [place for place in sorted(self.root.glob(USB_PRINTERS)) if self._wanted(place)]
        if len(found) != 1:
            names = " ".join(repr(name) for name in (self.model, self.serial_number) if name)
            raise OSError(f"{len(found)} printers {f'called {names} ' if names else ''}are plugged in on USB, not one")
        return os.open(self.root / "dev" / "usb" / found[0].name, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def _wanted(self, place: Path) -> bool:
        """Whether the kernel's printer at `place` is this one; its plug is told one level above its interface."""
        if self.model not in _told(place / "device/ieee1284_id"):
            return False
        return not self.serial_number or self.serial_number == _told(place / "device/../serial")


def _told(file: Path) -> str:
    """What the kernel tells in a file of one line; nothing where there is none."""
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class SerialPrinter:
    """A printer on a serial line."""

    line: SerialLine

    async def open(self) -> int:
        """Open the line for this program alone. Raises: OSError, ValueError."""
        return self.line.open()


@dataclass(frozen=True, slots=True)
class NetworkPrinter:
    """A printer on the network; 9100 is the port on which printers take raw bytes."""

    host: str
    port: int = 9_100

    async def open(self) -> int:
        """Connect; a cable that is pulled out is noticed within seconds. Raises: OSError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_S):
            addresses = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = addresses[0]
            connection = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                for option, value in (
                    (socket.TCP_KEEPIDLE, KEEPALIVE_S),
                    (socket.TCP_KEEPINTVL, 1),
                    (socket.TCP_KEEPCNT, 3),
                    (socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS),
                    (socket.TCP_NODELAY, 1),
                ):
                    connection.setsockopt(socket.IPPROTO_TCP, option, value)
                await loop.sock_connect(connection, address)
            except BaseException:
                connection.close()
                raise
            return connection.detach()
