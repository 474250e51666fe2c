"""A batch that the acquirer refuses for ever, or leaves half closed: a person closes it here, and business goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.flows.settling import BY_HAND
from firmware.journal import BatchState, Journal, Phase
from tests.scenario.counter import back_to_idle, sell, show_card
from tests.scenario.test_settlement import settle
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually

_THEIRS = 57
_FOR_EVER = 1_000


def a_day(tmp_path: Path, work: Callable[[Shop, InMemoryAcquirer], Awaitable[None]]) -> Journal:
    acquirer = InMemoryAcquirer.open()

    async def day() -> Journal:
        async with Shop(file_storage(tmp_path), parameters=hurried(), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await work(shop, acquirer)
        journal = shop.journal()
        assert journal.verify() == []
        return journal

    return run_virtually(day())


async def close(shop: Shop, ending: str = "ENTER") -> None:
    """Try to settle, and answer the question that follows."""
    await settle_in_vain(shop)
    await shop.press("F4")
    await shop.see("confirm_by_hand")
    await shop.press(ending)
    await shop.see("^idle$", 60)


async def settle_in_vain(shop: Shop) -> None:
    await shop.see("^idle$", 60)
    await shop.menu("settlement")
    await shop.see("confirm_settlement|settlement_stuck", 600)
    if shop.text_id == "confirm_settlement":
        await shop.press("ENTER")
    await shop.see("settlement_stuck", 600)
    await shop.see("close_by_hand", 60)


def move_on(acquirer: InMemoryAcquirer) -> None:
    """Let the acquirer close its batch by itself and go on with another."""
    acquirer.books.rows("UPDATE terminal SET batch = ?", _THEIRS)


@pytest.mark.parametrize("card", [True, False])
def test_batch_that_the_acquirer_does_not_know_is_closed_here_and_its_own_is_adopted(
    tmp_path: Path, *, card: bool
) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await (sell(shop) if card else shop.sell("1 00"))
        await shop.menu("sign_on")
        await back_to_idle(shop)
        move_on(acquirer)
        await sell(shop)
        await shop.press("5 0 0 ENTER")
        await show_card(shop, "up-stripe")
        await shop.see("batch_differs", 60)
        assert "000057" in "".join(shop.lines)
        await back_to_idle(shop)
        await close(shop)
        assert "人工关批" in shop.paper[-1].text
        await sell(shop)

    journal = a_day(tmp_path, work)
    assert [(each.batch, each.phase) for each in journal.records()] == [
        (1, Phase.DONE),
        (1, Phase.DECLINED),
        (1, Phase.DECLINED),
        (_THEIRS, Phase.DONE),
    ]
    closed = journal.batches.last_closed
    assert closed is not None
    assert (closed.batch, closed.facts[BY_HAND]) == (1, True)
    journal.close()


@pytest.mark.parametrize("code", ["94", "30"])
def test_upload_that_is_refused_for_ever_is_left_by_hand(tmp_path: Path, code: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, card="up-debit")
        acquirer.add_fault(Fault(FaultKind.DECLINE, frozenset({"upload_end"}), code=code, times=_FOR_EVER))
        await settle(shop, "settlement_stuck")
        await close(shop)
        await shop.sell("1 00")

    journal = a_day(tmp_path, work)
    assert [each.batch for each in journal.records()] == [1, 2]
    assert journal.batches.state is BatchState.OPEN
    journal.close()


@pytest.mark.parametrize("last", ["CANCEL", "CLEAR"])
def test_batch_is_not_closed_by_hand_without_both_confirmations(tmp_path: Path, last: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        move_on(acquirer)
        await close(shop, last)
        await settle_in_vain(shop)
        await shop.press("ENTER")
        assert shop.text_id == "close_by_hand"
        await shop.press(last)
        await shop.see("^idle$", 60)
        await settle_in_vain(shop)
        await shop.see("^idle$", 600)

    journal = a_day(tmp_path, work)
    assert (journal.batch, journal.batches.state) == (1, BatchState.OPEN)
    journal.close()


@pytest.mark.parametrize("state", [BatchState.CLOSING, BatchState.UPLOADING])
def test_power_cut_while_a_batch_is_closed_by_hand_closes_it_at_the_start(tmp_path: Path, state: BatchState) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        move_on(acquirer)
        await shop.cut_power()
        journal = shop.journal()
        facts = {"totals": "0" * 62, "left": [], BY_HAND: True}
        journal.batches.advance(BatchState.CLOSING, facts)
        if state is BatchState.UPLOADING:
            journal.batches.advance(state, facts)
        journal.close()
        shop.power_on()
        await shop.see("^settled$", 60)
        await shop.see("^idle$", 60)

    journal = a_day(tmp_path, work)
    assert (journal.batch, journal.batches.state) == (2, BatchState.OPEN)
    journal.close()
