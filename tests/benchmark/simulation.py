"""Measurements of the whole shop in memory: how fast virtual time passes, and how long a receipt takes to draw."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final

from drivers.bench.printer import PaperReceipt, render_png
from tests.benchmark.measures import Measure, median, timed_ms
from tests.shop import Shop, file_storage
from tests.virtual_time import run_virtually

SALES: Final = 40
DRAWINGS: Final = 20


def measure_simulation() -> Iterator[Measure]:
    """Take cash sales on virtual time, with real files under the journal; then draw one of their receipts."""
    receipts: list[PaperReceipt] = []
    with tempfile.TemporaryDirectory() as folder:

        async def business() -> None:
            async with Shop(file_storage(Path(folder))) as shop:
                for _ in range(SALES):
                    await shop.sell("1 2 00", "2 0 00")
                receipts.extend(shop.paper)

        began = perf_counter()
        run_virtually(business())
        took = perf_counter() - began
    yield Measure("cash sales on virtual time", SALES / took, "/s", SALES)
    drawing = timed_ms(lambda: render_png(receipts[0]), DRAWINGS)
    yield Measure("receipt: paper to PNG", median(drawing), "ms", DRAWINGS)
