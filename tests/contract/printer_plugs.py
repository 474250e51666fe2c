"""The virtual printer at the far end of a real wire: USB and a serial line on pseudo terminals, and the network.

The wires are the kernel's and the drivers' own way to open them; the time is virtual. So each end waits, in real time,
until the kernel has carried what was sent, before virtual time may go on.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import socket
import struct
import tempfile
import termios
import tty
import weakref
from pathlib import Path
from time import monotonic, sleep

from drivers.bench.printer import PrinterFault, VirtualPrinter
from drivers.escpos.wires import NetworkPrinter, SerialPrinter, UsbPrinter, WirePort
from drivers.serial_line import SerialLine
from firmware.units import Millis

CARRIED_S = 10.0
"""How long the kernel may take to carry a few bytes on a machine that is busy with other things."""


class Plug:
    """One end of a wire and the printer there; unplugged, the wire ends, and none is opened.

    With `bytes_per_second` the printer reads no faster, while the wire takes all it is given, as the kernel's does.
    """

    empty_is_end = True

    def __init__(self, bytes_per_second: int = 0) -> None:
        self._pace = bytes_per_second
        self.virtual = VirtualPrinter(self._answer, on_change=self._changed)
        self.jobs = bytearray()
        self.deaf_to_confirmations = False
        self.port: WirePort = _Carried(self, empty_is_end=self.empty_is_end)
        self._far = self._near = -1
        self._ends: list[int] = []
        self._sent = self._heard = 0
        self._early = b""
        weakref.finalize(self, _close, self._ends)

    async def open(self) -> int:
        """Plug in, and return the terminal's end."""
        if self.virtual.fault is PrinterFault.OFFLINE:
            raise OSError("no such printer")
        self._unplug()
        near, self._far = await self._joined()
        os.set_blocking(self._far, False)
        # Held too, so that what waits there can be counted; it keeps no wire open whose far end is closed.
        self._near = os.dup(near)
        self._ends += [self._far, self._near]
        self._sent = self._heard = 0
        asyncio.get_running_loop().add_reader(self._far, self._hear)
        early, self._early = self._early, b""
        self.babble(early)
        return near

    def babble(self, data: bytes) -> None:
        """Let bytes arrive that answer nothing."""
        if self._far < 0:
            self._early += data
            return
        waiting = _waiting(self._near)
        os.write(self._far, data)
        _until_waiting(self._near, waiting + len(data))

    def carry(self, count: int) -> None:
        """Wait until `count` bytes more have come to the printer's end."""
        if self._far >= 0:
            self._sent += count
            _until_waiting(self._far, self._sent - self._heard)

    async def _joined(self) -> tuple[int, int]:
        """A new wire: the terminal's end and the printer's."""
        near, far = socket.socketpair()
        return near.detach(), far.detach()

    def _hear(self) -> None:
        data = os.read(self._far, 16 if self._pace else 65_536)
        self._heard += len(data)
        if self._pace:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._far)
            loop.call_later(len(data) / self._pace, self._go_on, self._far)
        if data[:2] != b"\x10\x04":
            self.jobs += data
        self.virtual.feed(data)

    def _go_on(self, far: int) -> None:
        if far == self._far:
            asyncio.get_running_loop().add_reader(far, self._hear)

    def _answer(self, data: bytes) -> None:
        if not (self.deaf_to_confirmations and data[0] in {0x37, 0x00}):
            self.babble(data)

    def _changed(self) -> None:
        if self.virtual.fault is PrinterFault.OFFLINE:
            self._unplug()

    def _unplug(self) -> None:
        if self._far >= 0:
            asyncio.get_running_loop().remove_reader(self._far)
            _close(self._ends)
            self._far = self._near = -1


class SerialPlug(Plug):
    """A serial line, opened as the driver for serial lines does."""

    async def _joined(self) -> tuple[int, int]:
        far, own = _pseudo_terminal()
        near = await SerialPrinter(SerialLine(os.ttyname(own), 115_200)).open()
        os.close(own)
        return near, far


class UsbPlug(Plug):
    """USB, opened as the driver for USB does; the kernel gives the printer another number each time."""

    empty_is_end = False

    def __init__(self) -> None:
        super().__init__()
        self._root = Path(tempfile.mkdtemp())
        self._number = 0
        weakref.finalize(self, shutil.rmtree, self._root)

    async def _joined(self) -> tuple[int, int]:
        far, own = _pseudo_terminal()
        shutil.rmtree(self._root)
        files, place = self._root / "dev/usb", self._root / f"sys/class/usbmisc/lp{self._number}/device"
        files.mkdir(parents=True)
        place.mkdir(parents=True)
        (place / "ieee1284_id").write_text("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;")
        (files / f"lp{self._number}").symlink_to(os.ttyname(own))
        self._number += 1
        near = await UsbPrinter("TM-T20", root=self._root).open()
        os.close(own)
        return near, far


class NetworkPlug(Plug):
    """The network, reached as the driver for the network does."""

    async def _joined(self) -> tuple[int, int]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            near = await NetworkPrinter(*server.getsockname()).open()
            far, _address = server.accept()
        return near, far.detach()


class _Carried(WirePort):
    """The driver's port, whose bytes have arrived when a write returns."""

    def __init__(self, plug: Plug, *, empty_is_end: bool) -> None:
        super().__init__(plug.open, empty_is_end=empty_is_end)
        self._plug = plug

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        taken = await super().write(data, timeout_ms)
        self._plug.carry(taken)
        return taken


def _pseudo_terminal() -> tuple[int, int]:
    far, own = os.openpty()
    tty.setraw(own, termios.TCSANOW)
    return far, own


def _close(ends: list[int]) -> None:
    while ends:
        os.close(ends.pop())


def _waiting(descriptor: int) -> int:
    """How many bytes wait there to be read."""
    count: int = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))[0]
    return count


def _until_waiting(descriptor: int, count: int) -> None:
    deadline = monotonic() + CARRIED_S
    while _waiting(descriptor) < count:
        assert monotonic() < deadline, "the kernel has lost bytes"
        sleep(0.0001)
