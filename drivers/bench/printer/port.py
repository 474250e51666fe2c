"""A cable in memory between the ESC/POS driver and a virtual printer, for tests and simulation in one process."""

from __future__ import annotations

import asyncio
from typing import Final

from drivers.bench.printer.virtual import PrinterFault, VirtualPrinter
from drivers.escpos.port import PortClosed
from firmware.units import Millis

READ_MAX: Final = 4096


class MemoryPort:
    """A `BytePort` to `printer`. It behaves as USB: a printer that is switched off is gone, until `reopen`."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer
        self._received = bytearray()
        self._arrived = asyncio.Event()
        self._open = True
        printer.connect(self._receive)

    async def write(self, data: bytes, timeout_ms: Millis) -> int:  # noqa: ARG002 - the printer is never busy
        """Hand all of `data` to the printer."""
        self._require_open()
        self._printer.feed(data)
        return len(data)

    async def read(self, timeout_ms: Millis) -> bytes:
        """Return what the printer has answered, or nothing when the time is over."""
        self._require_open()
        if not self._received and timeout_ms > 0:
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout_ms / 1000):
                    await self._arrived.wait()
            except TimeoutError:
                self._require_open()
        data = bytes(self._received[:READ_MAX])
        del self._received[:READ_MAX]
        return data

    async def reopen(self) -> None:
        """Plug in again and forget what was received."""
        self._received.clear()
        self._open = True
        self._require_open()

    async def close(self) -> None:
        """Unplug."""
        self._open = False
        self._received.clear()

    def _receive(self, data: bytes) -> None:
        if len(self._received) + len(data) <= READ_MAX:
            self._received += data
        self._arrived.set()

    def _require_open(self) -> None:
        if self._printer.fault is PrinterFault.OFFLINE:
            self._open = False
        if not self._open:
            raise PortClosed("the printer is unplugged or switched off")
