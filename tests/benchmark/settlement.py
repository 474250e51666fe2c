"""Measurements of a settlement: batches of 500 and 5,000 records that do not balance, so that all is uploaded.

A batch holds 999 card records at most, as a settlement has three digits for counts; the others are cash sales.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import AnswerFacts, CardFacts, CardSecrets, Journal, Kind, Phase
from firmware.units import Money, Pan
from tests.benchmark.measures import Measure, median, timed_ms
from tests.shop import PARAMETERS, Shop, file_storage, hurried
from tests.virtual_time import run_virtually

BATCHES: Final = ((500, 500), (5_000, 990))
"""Records of a batch, and how many of them are by card."""
LOOKS: Final = 5
_CARD: Final = CardFacts("622202*********0013", "S", "signature", needs_signature=True)


def measure_settlement() -> Iterator[Measure]:
    """Fill a journal, settle it on virtual time with the acquirer in memory, and count what the processor took."""
    for records, cards in BATCHES:
        with tempfile.TemporaryDirectory() as folder:
            yield from _measured(Path(folder), records, cards)


def _measured(folder: Path, records: int, cards: int) -> Iterator[Measure]:
    shop = Shop(file_storage(folder), parameters=hurried(), acquirer=InMemoryAcquirer.open())
    adding = run_virtually(_filled(shop, records, cards))
    began = perf_counter()
    run_virtually(_settled(shop))
    took = perf_counter() - began
    yield Measure(f"totals of a batch of {records:,}", median(adding), "ms", LOOKS)
    yield Measure(f"settlement of a batch of {records:,} with its upload ({cards} by card)", took, "s")


async def _filled(shop: Shop, records: int, cards: int) -> list[float]:
    """Write the batch into the journal of a terminal that is off; returns how long its totals take."""
    journal = shop.journal()
    fill(journal, records, cards)
    adding = timed_ms(lambda: journal.batches.totals(1), LOOKS)
    journal.close()
    return adding


def fill(journal: Journal, records: int, cards: int) -> None:
    for number in range(records):
        amount = Money(100 + number, PARAMETERS.currency)
        if number < cards:
            record = journal.open_record(Kind.SALE, amount, card=(_CARD, CardSecrets(Pan("6222020000000000013"), b"")))
            record = journal.host.ask(record, {}, reversible=True)
            record = journal.host.approved(record, AnswerFacts("00", organisation="CUP"))
        else:
            record = journal.advance(journal.open_record(Kind.CASH_SALE, amount), Phase.COMPLETED)
        journal.advance(record, Phase.DONE)


async def _settled(shop: Shop) -> None:
    """The acquirer has booked nothing of it: whatever is told does not balance."""
    async with shop:
        await shop.see("^idle$", 60)
        await shop.menu("settlement")
        await shop.press("ENTER")
        await shop.see("^settled$", 3_600)
