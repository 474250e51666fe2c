"""Measurement of the printer driver on a line: how much of the line's speed a long slip uses."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from time import perf_counter
from typing import Final

from drivers.escpos.encoder import encode
from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import PrinterProfile
from drivers.escpos.wires import SerialPrinter, WirePort
from drivers.serial_line import SerialLine
from drivers.system import SystemClock
from firmware.surfaces import Cut, Document, Text
from tests.benchmark.measures import Measure, median
from tests.hil.simulators.line import running

BAUD: Final = 115_200
LIMIT: Final = BAUD // 10
"""Bytes in a second: eight bits of each, and the two around them."""
ROUNDS: Final = 3
SLIP: Final = Document(
    "cash_sale", "merchant", (*(Text(f"{number:03} " + "0123456789" * 4) for number in range(390)), Cut())
)


def measure_printer() -> Iterator[Measure]:
    """Print a long slip over a line that moves as a serial line of 115,200 baud does."""
    with tempfile.TemporaryDirectory() as folder, running("printer", Path(folder), "--pace", str(LIMIT)) as control:
        speeds = [asyncio.run(_speed(str(control.path), job)) for job in range(ROUNDS)]
    yield Measure(
        "printer: a long slip on a serial line",
        median(speeds),
        "B/s",
        ROUNDS,
        peer="the line's limit",
        peer_value=float(LIMIT),
    )


async def _speed(device: str, job: int) -> float:
    profile = PrinterProfile(bytes_per_second=LIMIT)
    wire = SerialPrinter(SerialLine(device, BAUD))
    printer = EscPosPrinter(WirePort(wire.open), profile, SystemClock(UTC))
    await printer.status()
    size = len(encode(SLIP, profile))
    began = perf_counter()
    await printer.print(SLIP, job)
    took = perf_counter() - began
    await printer.close()
    return size / took
