"""Printers with the hands that load, open and unplug them in reach: what the contract tests build."""

from __future__ import annotations

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
from firmware.hal import Printer
from firmware.units import Millis
from tests.contract.printer_plugs import NetworkPlug, Plug, SerialPlug, UsbPlug
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


def over_a_wire(plug: Plug) -> tuple[Printer, Outside]:
    """The ESC/POS driver on a descriptor of the kernel's."""

    def gag(mute: bool) -> None:
        plug.deaf_to_confirmations = mute

    printer = EscPosPrinter(plug.port, PrinterProfile(), VirtualClock())
    return printer, Outside(plug.virtual, lambda: bytes(plug.jobs), plug.babble, gag)


def on_usb() -> tuple[Printer, Outside]:
    """A printer on USB, under another number each time."""
    return over_a_wire(UsbPlug())


def on_a_serial_line() -> tuple[Printer, Outside]:
    """A printer on a serial line."""
    return over_a_wire(SerialPlug())


def on_the_network() -> tuple[Printer, Outside]:
    """A printer on the network."""
    return over_a_wire(NetworkPlug())


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
