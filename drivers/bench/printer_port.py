"""The printer's cable on the bench: the byte port of the ESC/POS driver over the link, and the names of its jobs."""

from __future__ import annotations

import asyncio

from drivers.bench.devices import Harness
from drivers.bench.wire import DATA_MAX, PrinterAnswer, PrinterBytes, PrinterPower, PrintJobNamed
from drivers.escpos.port import PortClosed
from firmware.hal import Printer, PrinterStatus
from firmware.surfaces import Document
from firmware.units import Millis

READ_MAX = 4_096
"""The most bytes that one read returns, and that wait to be read: a printer's answers are a few bytes each."""


class LinkPort:
    """A `BytePort` to the virtual printer. It breaks when the printer's power goes, and `reopen` mends it."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._received = bytearray()
        self._changed = asyncio.Event()
        self._powered: bool | None = None
        self._open = False
        harness.on(PrinterAnswer, self._receive)
        harness.on(PrinterPower, self._switch)

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        """Send all of `data`: the virtual printer's buffer has no end."""
        await self._ready(timeout_ms)
        for start in range(0, len(data), DATA_MAX):
            self._harness.send(PrinterBytes(data[start : start + DATA_MAX]))
        return len(data)

    async def read(self, timeout_ms: Millis) -> bytes:
        """Return what the printer has answered."""
        await self._ready(timeout_ms)
        if not self._received and timeout_ms > 0:
            self._changed.clear()
            await self._wait(timeout_ms)
            self._must_be_open()
        data = bytes(self._received)
        self._received.clear()
        return data

    async def reopen(self) -> None:
        """Plug the cable in again."""
        self._received.clear()
        self._open = self._powered is True
        self._must_be_open()

    async def close(self) -> None:
        """Forget what was not read."""
        self._received.clear()

    async def _ready(self, timeout_ms: Millis) -> None:
        """Wait, right after the start only, until the world has told whether the printer has power."""
        if self._powered is None:
            await self._wait(timeout_ms)
        self._must_be_open()

    async def _wait(self, timeout_ms: Millis) -> None:
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await self._changed.wait()
        except TimeoutError:
            return

    def _must_be_open(self) -> None:
        if not self._open:
            raise PortClosed("the printer is switched off or unplugged")

    def _receive(self, answer: PrinterAnswer) -> None:
        if self._open and len(self._received) + len(answer.data) <= READ_MAX:
            self._received += answer.data
            self._changed.set()

    def _switch(self, power: PrinterPower) -> None:
        first = self._powered is None
        self._powered = power.on
        self._open = power.on if first else self._open and power.on
        self._changed.set()


class BenchPrinter:
    """The ESC/POS printer driver, which also tells the bench what each job is called."""

    def __init__(self, harness: Harness, printer: Printer) -> None:
        self._harness = harness
        self._printer = printer

    async def status(self, timeout_ms: Millis = Millis(300)) -> PrinterStatus:
        """Ask the printer how it is."""
        return await self._printer.status(timeout_ms)

    async def print(self, document: Document, job: int) -> None:
        """Name the job to the world, and print it."""
        self._harness.send(PrintJobNamed(document.kind, document.copy))
        await self._printer.print(document, job)

    async def finish(self, job: int, timeout_ms: Millis) -> None:
        """Wait on for a job that was left started."""
        await self._printer.finish(job, timeout_ms)

    async def close(self) -> None:
        """Let go of the printer."""
        await self._printer.close()
