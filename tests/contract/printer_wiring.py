"""Printers with the hands that load, open and unplug them in reach: what the contract tests build."""

from __future__ import annotations

import asyncio
import socket
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from drivers.bench.devices import Harness
from drivers.bench.link import memory_links
from drivers.bench.printer import PaperReceipt, PrinterFault, VirtualPrinter
from drivers.bench.printer.port import MemoryPort
from drivers.bench.printer_port import BenchPrinter, LinkPort
from drivers.bench.world import World
from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import Completion, PrinterProfile
from drivers.escpos.wires import WirePort
from firmware.hal import Printer
from firmware.units import Millis
from tests.virtual_time import VirtualClock


class Cable(MemoryPort):
    """A cable to the virtual printer that notes what goes to it, and can lose or add what comes back."""

    def __init__(self, printer: VirtualPrinter) -> None:
        super().__init__(printer)
        self.jobs = bytearray()
        self.deaf_to_confirmations = False

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        if data[:2] != b"\x10\x04":
            self.jobs += data
        return await super().write(data, timeout_ms)

    def add_noise(self, data: bytes) -> None:
        """Let bytes arrive that answer nothing."""
        super()._receive(data)

    def _receive(self, data: bytes) -> None:
        if not (self.deaf_to_confirmations and data[0] in {0x37, 0x00}):
            super()._receive(data)


class Plug:
    """The virtual printer behind a real descriptor; unplugged, the descriptor ends, and none is opened.

    With `bytes_per_second` it reads no faster, while the wire takes all it is given, as the kernel's buffer does.
    """

    def __init__(self, bytes_per_second: int = 0) -> None:
        self._pace = bytes_per_second
        self.virtual = VirtualPrinter(self._answer, on_change=self._changed)
        self.jobs = bytearray()
        self.deaf_to_confirmations = False
        self._far: socket.socket | None = None
        self._early = b""

    async def open(self) -> int:
        """Plug in, and return the terminal's end."""
        if self.virtual.fault is PrinterFault.OFFLINE:
            raise OSError("no such printer")
        self._unplug()
        near, self._far = socket.socketpair()
        weakref.finalize(self, self._far.close)
        self._far.send(self._early)
        self._early = b""
        asyncio.get_running_loop().add_reader(self._far, self._hear)
        return near.detach()

    def babble(self, data: bytes) -> None:
        """Let bytes arrive that answer nothing."""
        if self._far is None:
            self._early += data
        else:
            self._far.send(data)

    def _hear(self) -> None:
        assert self._far is not None, "an unplugged printer hears nothing"
        data = self._far.recv(16 if self._pace else 65_536)
        if self._pace:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._far)
            loop.call_later(len(data) / self._pace, self._go_on, self._far)
        if not data:
            self._unplug()
        elif data[:2] != b"\x10\x04":
            self.jobs += data
        self.virtual.feed(data)

    def _go_on(self, far: socket.socket) -> None:
        if far is self._far:
            asyncio.get_running_loop().add_reader(far, self._hear)

    def _answer(self, data: bytes) -> None:
        if not (self.deaf_to_confirmations and data[0] in {0x37, 0x00}):
            self.babble(data)

    def _changed(self) -> None:
        if self.virtual.fault is PrinterFault.OFFLINE:
            self._unplug()

    def _unplug(self) -> None:
        far, self._far = self._far, None
        if far is not None:
            asyncio.get_running_loop().remove_reader(far)
            far.close()


@dataclass(slots=True)
class Outside:
    """What stands around one printer. `sent` are the bytes of jobs, `noise` and `gag` act on what comes back."""

    virtual: VirtualPrinter
    sent: Callable[[], bytes]
    noise: Callable[[bytes], None]
    gag: Callable[[bool], None]
    confirms: bool = True

    def fault(self, fault: PrinterFault, after_lines: int | None = None) -> None:
        """Load, open, unplug, or put right again."""
        self.virtual.set_fault(fault, after_lines)

    def papers(self) -> Sequence[PaperReceipt]:
        """What has come out."""
        return self.virtual.receipts

    def whole(self) -> list[PaperReceipt]:
        """The receipts that came out to their cut."""
        return [paper for paper in self.papers() if paper.cut and (paper.complete or not self.confirms)]


def over_memory(completion: Completion) -> tuple[Printer, Outside]:
    """The ESC/POS driver on a cable in memory."""
    virtual = VirtualPrinter(lambda _data: None)
    cable = Cable(virtual)
    printer = EscPosPrinter(cable, PrinterProfile(completion=completion), VirtualClock())

    def gag(mute: bool) -> None:
        cable.deaf_to_confirmations = mute

    return printer, Outside(
        virtual, lambda: bytes(cable.jobs), cable.add_noise, gag, confirms=completion is not Completion.DLE_EOT
    )


def with_tags() -> tuple[Printer, Outside]:
    """A printer that confirms each job by its tag."""
    return over_memory(Completion.GS_H)


def with_status() -> tuple[Printer, Outside]:
    """A printer that confirms by GS r."""
    return over_memory(Completion.GS_R)


def with_patience() -> tuple[Printer, Outside]:
    """A printer that cannot confirm: the driver waits its time and looks at the sensors."""
    return over_memory(Completion.DLE_EOT)


def over_a_wire() -> tuple[Printer, Outside]:
    """The ESC/POS driver on a descriptor, as on USB, a serial line or the network."""
    plug = Plug()
    printer = EscPosPrinter(WirePort(plug.open), PrinterProfile(), VirtualClock())

    def gag(mute: bool) -> None:
        plug.deaf_to_confirmations = mute

    return printer, Outside(plug.virtual, lambda: bytes(plug.jobs), plug.babble, gag)


def over_the_link() -> tuple[Printer, Outside]:
    """The printer of the bench, as the terminal's process reaches it."""
    world = World()
    terminal_side, world_side = memory_links()
    harness = Harness(terminal_side, lambda _reason: None)
    world.attach(world_side)
    printer = BenchPrinter(harness, EscPosPrinter(LinkPort(harness), PrinterProfile(), VirtualClock()))

    def nothing(_: object) -> None:
        pytest.fail("the bench's own cable is neither broken nor made to babble from outside")

    def sent() -> bytes:
        return b"".join(paper.data for paper in world.printer.receipts)

    return printer, Outside(world.printer, sent, nothing, nothing)
