"""Measurements of a chip sale end to end: the terminal's own time, early in a batch and late, and memory over days."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.config import Parameters
from tests.benchmark.measures import Measure, median, timed_ms
from tests.benchmark.own_time import OwnTimeLoop
from tests.benchmark.settlement import fill
from tests.shop import Shop, file_storage, hurried

SALES: Final = 30
RECORDS: Final = 10_000
OTHER_CARDS: Final = 900
"""A batch takes 999 records by card; the others are cash sales."""
IN_MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None
MANY: Final = 10_000
SETTLED: Final = 1_000
"""Memory is compared from here on: by then every part of the terminal has been used, settlement included."""


@dataclass(slots=True)
class _Own:
    """Milliseconds of the terminal's own, one number for each sale; `computed` leaves out the waits for the storage."""

    decided: list[float]
    decided_computed: list[float]
    whole: list[float]
    whole_computed: list[float]


def measure_sale() -> Iterator[Measure]:
    """Sell in a new batch, then in a batch of many records; the journal lies on real files."""
    early, bare_ms = _sales(0), _bare_sync_ms()
    own, computed = median(early.decided), median(early.decided_computed)
    yield Measure("chip sale: card in to approval, own time", own, "ms", SALES, 25, "write and fsync 4 KiB", bare_ms)
    yield Measure("chip sale: card in to approval, computing alone", computed, "ms", SALES)
    yield Measure("chip sale: first key to idle, two receipts, own time", median(early.whole), "ms", SALES)
    late = _sales(RECORDS)
    name, first = f"chip sale at {RECORDS:,} records, computing alone", median(early.whole_computed)
    yield Measure(name, median(late.whole_computed), "ms", SALES, peer="at none", peer_value=first)


def _bare_sync_ms() -> float:
    with tempfile.NamedTemporaryFile(dir=Path.cwd(), buffering=0) as file:

        def write() -> None:
            file.write(bytes(4_096))
            os.fsync(file.fileno())

        return median(timed_ms(write, SALES))


def measure_memory() -> Iterator[Measure]:
    """Take very many cash sales and some by card, settle now and then, and compare the resident memory."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder, asyncio.Runner(loop_factory=OwnTimeLoop) as runner:
        before, after = runner.run(_days(Path(folder)))
    name = f"memory of the whole shop after {MANY:,} sales (RSS)"
    yield Measure(name, after, "MiB", peer=f"after {SETTLED:,}", peer_value=before)


def _sales(already: int) -> _Own:
    """A few sales on real files; behind many records on files in memory, which are written sooner."""
    place = IN_MEMORY if already else Path.cwd()
    with tempfile.TemporaryDirectory(dir=place) as folder, asyncio.Runner(loop_factory=OwnTimeLoop) as runner:
        return runner.run(_measured(Path(folder), already))


async def _measured(folder: Path, already: int) -> _Own:
    shop, loop = _shop(folder, hurried())
    if already:
        journal = shop.journal()
        fill(journal, already, OTHER_CARDS)
        journal.close()
    own = _Own([], [], [], [])
    loop.inside(shop.power_on)
    await shop.see("^idle$", 120)
    await _chip_sale(shop, loop, _Own([], [], [], []))  # It loads what a sale needs.
    for _ in range(SALES):
        await _chip_sale(shop, loop, own)
    await shop.cut_power()
    return own


def _shop(folder: Path, parameters: Parameters) -> tuple[Shop, OwnTimeLoop]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, OwnTimeLoop)
    acquirer = loop.far_end(InMemoryAcquirer.open())
    return Shop(file_storage(folder), parameters=parameters, wire=loop.wire, acquirer=acquirer), loop


async def _chip_sale(shop: Shop, loop: OwnTimeLoop, own: _Own) -> None:
    """One sale by a card with a PIN, from idle to idle."""
    first_key = (loop.own_ns, loop.own_processor_ns)
    await shop.press("1 2 3 4 ENTER")
    card_in = (loop.own_ns, loop.own_processor_ns)
    shop.insert("up-debit")
    await shop.see("enter_pin", 60)
    await shop.press("1 2 3 4 5 6 ENTER")
    await shop.see("chip_approved", 60)
    own.decided.append((loop.own_ns - card_in[0]) / 1e6)
    own.decided_computed.append((loop.own_processor_ns - card_in[1]) / 1e6)
    await shop.see("请拔卡", 60)
    shop.remove()
    await shop.see("^idle$", 120)
    own.whole.append((loop.own_ns - first_key[0]) / 1e6)
    own.whole_computed.append((loop.own_processor_ns - first_key[1]) / 1e6)


async def _days(folder: Path) -> tuple[float, float]:
    shop, loop = _shop(folder, replace(hurried(), copies=("merchant",)))
    loop.inside(shop.power_on)
    before = 0.0
    for number in range(1, MANY + 1):
        await shop.sell("1 2 00")
        if number % SETTLED == 0:
            await _settle(shop)
            before = before or _resident_mib()
    after = _resident_mib()
    await shop.cut_power()
    return before, after


async def _settle(shop: Shop) -> None:
    await shop.menu("settlement")
    await shop.press("ENTER")
    await shop.see("^settled$", 3_600)
    await shop.see("^idle$", 1_000)


def _resident_mib() -> float:
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")
