"""Card sales with an acquirer that answers, declines, is silent or lies: the journal and its books agree at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.card_slot import SlotEmpty
from firmware.journal import Kind, Phase, Record
from tests.acquirer_books import books_agree
from tests.scenario.dialects import BOTH, open_acquirer
from tests.scenario.test_chip_sale import offer, take_back
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually

pytestmark = BOTH


def a_day_online(tmp_path: Path, work: Callable[[Shop, InMemoryAcquirer], Awaitable[None]]) -> list[Record]:
    """Open a shop whose acquirer answers, work, and return its records when both books agree."""
    acquirer = open_acquirer()

    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), parameters=hurried(), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await work(shop, acquirer)
        journal = shop.journal()
        books_agree(journal, acquirer)
        assert journal.verify() == []
        records = journal.records()
        journal.close()
        return records

    return run_virtually(day())


async def pay_by_chip(shop: Shop, amount: str = "1 2 3 4") -> None:
    await offer(shop, "up-debit", amount)
    await shop.see("enter_pin|approved|declined", 60)
    if shop.text_id == "enter_pin":
        await shop.press("1 2 3 4 5 6 ENTER")


def test_chip_sale_is_approved_online_and_counts_in_both_books(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await pay_by_chip(shop)
        await shop.see("chip_approved", 60)
        await take_back(shop)

    (record,) = a_day_online(tmp_path, work)
    assert (record.kind, record.phase) == (Kind.SALE, Phase.DONE)
    assert record.answer is not None
    assert record.answer.code == "00"
    assert record.answer.rrn


@pytest.mark.parametrize("amount", ["1 2 5 1", "1 2 0 5", "1 2 7 5"])
def test_chip_sale_that_the_acquirer_refuses_is_declined(tmp_path: Path, amount: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await pay_by_chip(shop, amount)
        await shop.see("declined", 60)
        await take_back(shop)

    (record,) = a_day_online(tmp_path, work)
    assert record.phase is Phase.DECLINED
    assert record.answer is not None
    assert record.answer.code == amount.replace(" ", "")[2:]


@pytest.mark.parametrize(
    "fault",
    [FaultKind.SILENT, FaultKind.SILENT_BEFORE, FaultKind.DROP, FaultKind.WRONG_MAC, FaultKind.GARBLE, FaultKind.CUT],
)
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_sale_without_an_answer_to_believe_is_reversed_before_the_next(
    tmp_path: Path, card: str, fault: FaultKind
) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(fault, frozenset({"sale"})))
        await sell(shop, card)
        await shop.see("declined", 300)
        await back_to_idle(shop)
        await sell(shop, card, "5 0 0")
        await shop.see("approved", 300)
        await back_to_idle(shop)

    first, second = a_day_online(tmp_path, work)
    assert (first.phase, second.phase) == (Phase.REVERSED, Phase.DONE)


async def sell(shop: Shop, card: str, amount: str = "1 2 3 4") -> None:
    if card == "up-stripe":
        await shop.see("^idle$")
        await shop.press(f"{amount} ENTER")
        shop.swipe(card)
        await shop.see("enter_pin", 60)
        await shop.press("1 2 3 4 5 6 ENTER")
    else:
        await pay_by_chip(shop, amount)


async def back_to_idle(shop: Shop) -> None:
    with contextlib.suppress(SlotEmpty):
        shop.remove()
    await shop.see("^idle$", 300)


def test_approval_that_the_card_does_not_believe_is_reversed(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await offer(shop, "bad-arpc")
        await shop.see("enter_pin|approved|declined", 60)
        if shop.text_id == "enter_pin":
            await shop.press("1 2 3 4 5 6 ENTER")
        await shop.see("declined", 60)
        await take_back(shop)
        await sell(shop, "up-debit")
        await shop.see("approved", 60)
        await back_to_idle(shop)

    records = a_day_online(tmp_path, work)
    assert [record.phase for record in records] == [Phase.REVERSED, Phase.DONE]


def test_power_cut_between_question_and_answer_is_reversed_after_the_restart(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.LATE, frozenset({"sale"}), late_ms=20_000))
        await pay_by_chip(shop)
        await shop.see("processing", 10)
        await asyncio.sleep(5)
        await shop.cut_power()
        shop.power_on()
        shop.remove()
        await shop.see("power_failed|^idle$", 60)
        await shop.see("^idle$", 300)
        await sell(shop, "up-debit", "5 0 0")
        await shop.see("approved", 300)
        await back_to_idle(shop)

    first, second = a_day_online(tmp_path, work)
    assert (first.phase, second.phase) == (Phase.REVERSED, Phase.DONE)


def test_offline_approval_reaches_the_acquirer_after_the_next_success(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await offer(shop, "offline-ok")
        await shop.see("approved", 60)
        await take_back(shop)
        await sell(shop, "up-debit", "5 0 0")
        await shop.see("approved", 60)
        await back_to_idle(shop)

    first, second = a_day_online(tmp_path, work)
    assert (first.phase, second.phase) == (Phase.DONE, Phase.DONE)
