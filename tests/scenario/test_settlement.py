"""Settlements that balance or not, with an acquirer that is silent or refuses, begun by a person or by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.views import batch_totals
from drivers.bench.host_link import LineFaults
from firmware.config import Parameters
from firmware.flows.totals import totals_of
from firmware.host.settlement import totals_text
from firmware.journal import BatchState, Journal
from tests.acquirer_books import books_agree
from tests.scenario.dialects import BOTH, open_acquirer
from tests.scenario.test_chip_sale import offer, take_back
from tests.scenario.test_online_sale import back_to_idle, sell
from tests.shop import PARAMETERS, Shop, file_storage, hurried
from tests.virtual_time import run_virtually

pytestmark = BOTH

HUNG_UP_S = 20
"""After so long the terminal has no connection left."""
Work = Callable[[Shop, InMemoryAcquirer], Awaitable[None]]


def a_day(tmp_path: Path, work: Work, parameters: Parameters = PARAMETERS) -> tuple[Journal, InMemoryAcquirer]:
    """Open a shop, work, and return the journal and the acquirer when both books agree."""
    acquirer = open_acquirer()

    async def day() -> Journal:
        async with Shop(file_storage(tmp_path), parameters=hurried(parameters), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await work(shop, acquirer)
        journal = shop.journal()
        books_agree(journal, acquirer)
        assert journal.verify() == []
        return journal

    return run_virtually(day()), acquirer


async def some_sales(shop: Shop) -> None:
    """One of each way: by chip online, by stripe, by chip offline, and for cash."""
    for card, amount in (("up-debit", "1 2 3 4"), ("up-stripe", "5 0 0")):
        await sell(shop, card, amount)
        await shop.see("approved", 60)
        await back_to_idle(shop)
    await offer(shop, "offline-ok")
    await shop.see("approved", 60)
    await take_back(shop)
    await shop.sell("1 00")


async def settle(shop: Shop, ends: str = "settled") -> None:
    await shop.see("^idle$", 60)
    await shop.menu("settlement")
    await shop.see("confirm_settlement")
    await shop.press("ENTER")
    await shop.see(ends, 600)
    await shop.see("^idle$", 600)


def unbalance(acquirer: InMemoryAcquirer) -> None:
    """Let the acquirer have booked the sales as what no totals count."""
    acquirer.books.rows("UPDATE booking SET kind = 'transfer' WHERE kind = 'sale'")


def findings(acquirer: InMemoryAcquirer) -> list[str]:
    return [
        row["fact"]
        for row in acquirer.books.rows("SELECT fact FROM finding WHERE kind IN ('batch', 'totals', 'upload')")
    ]


def test_settlement_that_balances_begins_the_next_batch(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await some_sales(shop)
        await settle(shop)
        assert findings(acquirer) == []
        assert "对账平" in shop.paper[-1].text
        await sell(shop, "up-debit", "7 0 0")
        await shop.see("approved", 60)
        await back_to_idle(shop)

    journal, acquirer = a_day(tmp_path, work)
    closed = journal.batches.last_closed
    assert closed is not None
    assert (closed.batch, closed.facts["balanced"], journal.batch) == (1, True, 2)
    ours = totals_text(totals_of(journal.batches.totals(1))).decode()
    assert ours == closed.facts["totals"]
    assert ours == batch_totals(acquirer.books, PARAMETERS.merchant_number, PARAMETERS.terminal, 1)
    assert journal.records()[-1].batch == 2
    assert findings(acquirer) == []
    journal.close()


def test_settlement_that_does_not_balance_uploads_every_record(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await some_sales(shop)
        unbalance(acquirer)
        await settle(shop)
        assert "对账不平" in shop.paper[-1].text

    journal, acquirer = a_day(tmp_path, work)
    closed = journal.batches.last_closed
    assert closed is not None
    assert (closed.facts["balanced"], closed.facts["uploaded"]) == (False, 4)
    assert [row["uploaded"] for row in acquirer.books.rows("SELECT uploaded FROM booking ORDER BY id")] == ["ok"] * 3
    assert not [fact for fact in findings(acquirer) if not fact.startswith("batch 000001: told")]
    journal.close()


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (row, kind)
        for row in ("settlement", "upload_chip_approved", "upload_end", "upload_stripe_list", "upload_offline_sale")
        for kind in (FaultKind.SILENT, FaultKind.SILENT_BEFORE, FaultKind.DECLINE)
        if (row, kind) != ("settlement", FaultKind.DECLINE)
    ],
)
def test_settlement_that_the_acquirer_leaves_stays_where_it_is_and_goes_on_later(
    tmp_path: Path, row: str, kind: FaultKind, balanced: bool
) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await some_sales(shop)
        if not balanced:
            unbalance(acquirer)
        acquirer.add_fault(Fault(kind, frozenset({row}), code="96"))
        struck = not balanced or row in ("settlement", "upload_chip_approved", "upload_end")
        await settle(shop, "settlement_stuck" if struck else "settled")
        if struck:
            await shop.press("5 00")
            await shop.see("batch_closing")
            await shop.see("^settled$", 1_000)
        await shop.see("^idle$", 60)

    journal, acquirer = a_day(tmp_path, work)
    assert (journal.batch, journal.batches.state) == (2, BatchState.OPEN)
    assert not [fact for fact in findings(acquirer) if not fact.startswith("batch 000001: told")]
    journal.close()


@pytest.mark.parametrize("refused", [True, False])
def test_shop_goes_on_selling_where_the_acquirer_has_refused_to_settle_or_was_not_reached(
    tmp_path: Path, refused: bool
) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await shop.sell("1 00")
        await shop.menu("sign_on")
        await shop.see("signed_on", 60)
        await shop.see("^idle$", 60)
        if refused:
            acquirer.add_fault(Fault(FaultKind.DECLINE, frozenset({"settlement"}), code="96"))
        else:
            await asyncio.sleep(HUNG_UP_S)
            acquirer.far_end.faults = LineFaults(refuse_connect=True)
        await settle(shop, "settlement_stuck")
        await shop.sell("2 00")
        acquirer.mend()
        await settle(shop)

    journal, acquirer = a_day(tmp_path, work)
    assert [record.batch for record in journal.records()] == [1, 1]
    assert (journal.batch, journal.batches.state) == (2, BatchState.OPEN)
    assert findings(acquirer) == []
    journal.close()


def test_nothing_to_settle_is_said(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.menu("settlement")
        await shop.see("no_records")

    journal, _acquirer = a_day(tmp_path, work)
    assert journal.batch == 1
    journal.close()


def test_settlement_by_the_clock_waits_for_idle_and_settles_each_batch_once(tmp_path: Path) -> None:
    parameters = replace(PARAMETERS, settlement_at=time(23, 30))

    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.see("^idle$")
        await shop.sell("1 00")
        await shop.see("settled", 86_500)
        assert shop.clock.now().astimezone(PARAMETERS.zone).strftime("%H:%M") == "23:30"
        await shop.see("^idle$", 60)

    journal, _acquirer = a_day(tmp_path, work, parameters)
    assert journal.batch == 2
    journal.close()


def test_reversal_that_is_owed_goes_before_the_settlement(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, "up-debit", "5 0 0")
        await shop.see("approved", 60)
        await back_to_idle(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"reversal"})))
        await sell(shop, "up-debit")
        await shop.see("declined", 300)
        await back_to_idle(shop)
        await settle(shop)

    journal, acquirer = a_day(tmp_path, work)
    assert journal.batch == 2
    assert findings(acquirer) == []
    journal.close()


def test_shop_without_an_acquirer_closes_its_batch_of_cash(tmp_path: Path) -> None:
    async def day() -> Journal:
        async with Shop(file_storage(tmp_path), parameters=hurried()) as shop:
            await shop.sell("1 00")
            await settle(shop)
            assert "现金" in shop.paper[-1].text
            await shop.menu("reprint_settlement")
            await shop.see("^idle$", 60)
            assert "DUPLICATE" in shop.paper[-1].text
        return shop.journal()

    journal = run_virtually(day())
    assert (journal.batch, journal.batches.state) == (2, BatchState.OPEN)
    journal.close()
