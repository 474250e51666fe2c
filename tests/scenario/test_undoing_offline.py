"""What was approved offline, or refunded from a slip: undone as the acquirer knows it, and only once it knows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.reader import Reader
from drivers.bench.acquirer.request import Request
from drivers.bench.host_link import LineFaults
from firmware.journal import Kind, Phase
from tests.scenario.counter import a_day_online, back_to_idle, sell, show_card
from tests.scenario.test_chip_sale import offer, take_back
from tests.scenario.test_settlement import HUNG_UP_S, settle, unbalance
from tests.shop import Shop


def hear(acquirer: InMemoryAcquirer, told: Callable[[Request], None]) -> None:
    """Let a test see each message that the acquirer can read."""
    reader, answer = Reader(acquirer.host.profile), acquirer.host.answer

    def heard(frame: bytes, fault: Fault | None = None) -> bytes | None:
        told(reader.read(frame))
        return answer(frame, fault)

    acquirer.host.answer = heard  # type: ignore[method-assign]


async def sell_offline(shop: Shop) -> None:
    await offer(shop, "offline-ok")
    await shop.see("approved", 60)
    await take_back(shop)


async def void_first(shop: Shop, ends: str) -> None:
    await shop.menu("void")
    await shop.press("1 ENTER")
    await shop.see("confirm_void")
    await shop.press("ENTER")
    await shop.see(ends, 300)
    await back_to_idle(shop)


def test_void_of_a_sale_that_waits_for_its_upload_tells_it_first(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell_offline(shop)
        await asyncio.sleep(HUNG_UP_S)
        acquirer.far_end.faults = LineFaults(refuse_connect=True)
        await void_first(shop, "^not_told_yet$")
        acquirer.mend()
        await void_first(shop, "^errand_approved$")

    records = a_day_online(tmp_path, work)
    assert [(each.kind, each.phase) for each in records] == [(Kind.SALE, Phase.DONE), (Kind.VOID, Phase.DONE)]


def test_refund_of_a_sale_that_waits_for_its_upload_names_the_answer_to_it(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell_offline(shop)
        await shop.menu("refund")
        await shop.press("1 ENTER")
        await shop.see("confirm_errand")
        await shop.press("ENTER 5 0 0 ENTER")
        await show_card(shop, "offline-ok")
        await back_to_idle(shop)

    records = a_day_online(tmp_path, work)
    assert [(each.kind, each.phase) for each in records] == [(Kind.SALE, Phase.DONE), (Kind.REFUND, Phase.DONE)]


def test_upload_of_a_refund_from_a_slip_names_what_was_typed(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        (booking,) = acquirer.books.rows("SELECT rrn, date FROM booking")
        await shop.menu("refund")
        await shop.press(f"ENTER {' '.join(booking['rrn'])} ENTER {' '.join(booking['date'][4:])} ENTER 5 0 0 ENTER")
        await show_card(shop, "up-stripe")
        await back_to_idle(shop)
        unbalance(acquirer)
        hear(acquirer, lambda request: told.append((request.row, request.fields.get("37", ""))))
        await settle(shop)
        assert ("upload_refund", booking["rrn"]) in told

    a_day_online(tmp_path, work)


@pytest.mark.parametrize(("item", "code"), [("preauth", "030000"), ("cash_advance", "010000")])
def test_script_result_has_the_code_of_the_transaction_that_brought_the_script(
    tmp_path: Path, item: str, code: str
) -> None:
    told: list[tuple[str, str]] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        hear(acquirer, lambda request: told.append((request.row, request.fields.get("3", ""))))
        await shop.menu(item)
        await shop.press("9 9 5 ENTER")
        await show_card(shop, "up-debit")
        await back_to_idle(shop)

    a_day_online(tmp_path, work)
    assert ("script_notice", code) in told
