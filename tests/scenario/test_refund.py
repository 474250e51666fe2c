"""Refunds: of a voucher or of a slip, refused beyond the sale, and unresolved where nobody answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Kind, Phase
from tests.scenario.counter import LANGUAGES, a_day_online, back_to_idle, sell, show_card
from tests.scenario.dialects import BOTH, FIRST_VOUCHER
from tests.shop import Shop

pytestmark = BOTH


async def begin_refund(shop: Shop, amount: str = "2 0 0") -> None:
    await shop.menu("refund")
    await shop.press(f"{FIRST_VOUCHER} ENTER")
    await shop.see("confirm_errand")
    await shop.press(f"ENTER {amount} ENTER")
    await shop.see("present_card", 10)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_refund_of_a_voucher_gives_a_part_back(tmp_path: Path, card: str, language: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await sell(shop, card=card)
        await begin_refund(shop)
        await show_card(shop, card)
        await back_to_idle(shop)
        assert "-RMB 2.00" in shop.paper[-1].text

    sale, refund = a_day_online(tmp_path, work, language)
    assert (refund.kind, refund.phase, refund.original_id) == (Kind.REFUND, Phase.DONE, sale.id)


def test_refund_of_a_slip_is_known_by_reference_number_and_date(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        (row,) = acquirer.books.rows("SELECT rrn, date FROM booking")
        await shop.menu("refund")
        await shop.press("ENTER")
        await shop.see("enter_rrn")
        await shop.press(" ".join(row["rrn"]) + " ENTER")
        await shop.see("enter_date")
        await shop.press(" ".join(row["date"][4:]) + " ENTER 2 0 0 ENTER")
        await show_card(shop, "up-stripe")

    sale, refund = a_day_online(tmp_path, work)
    assert (refund.phase, refund.original_id, sale.kind) == (Phase.DONE, None, Kind.SALE)


def test_refunds_beyond_the_sale_are_refused_here(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        await begin_refund(shop, "4 0 0")
        await show_card(shop, "up-stripe")
        await back_to_idle(shop)
        await begin_refund(shop, "2 0 0")
        shop.swipe("up-stripe")
        await shop.see("enter_pin", 30)
        await shop.press("1 2 3 4 5 6 ENTER")
        await shop.see("not_voidable", 30)

    assert len(a_day_online(tmp_path, work)) == 2


def test_refund_without_an_answer_is_settled_by_hand_after_two_confirmations(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"refund"})))
        await begin_refund(shop)
        await show_card(shop, "up-stripe")
        assert shop.text_id == "unresolved"
        await back_to_idle(shop)
        await sell(shop, "7 0 0")
        await shop.menu("status")
        await shop.see("last_state")
        await shop.press("ENTER")
        assert shop.lines[2].endswith("1")
        await shop.press("ENTER")
        await shop.see("settle_by_hand")
        await shop.press("F1")
        await shop.see("confirm_counted")
        await shop.press("ENTER")
        await shop.see("settled_by_hand")

    _, refund, _ = a_day_online(tmp_path, work)
    assert refund.phase is Phase.DONE


@pytest.mark.parametrize(("keys", "left"), [("CANCEL", "CANCEL"), ("CLEAR", "CLEAR"), ("F4 CANCEL", "F4")])
def test_unresolved_refund_is_left_where_the_person_is_not_sure(tmp_path: Path, keys: str, left: str) -> None:
    del left

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT_BEFORE, frozenset({"refund"})))
        await begin_refund(shop)
        await show_card(shop, "up-stripe")
        await back_to_idle(shop)
        await shop.menu("status")
        await shop.press("ENTER")
        await shop.press("ENTER")
        await shop.see("settle_by_hand")
        for key in keys.split():
            await shop.press(key)

    _, refund = a_day_online(tmp_path, work)
    assert refund.phase is Phase.UNRESOLVED


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        ("CANCEL", "cancelled"),
        ("9 ENTER", "voucher_unknown"),
        ("0 ENTER CANCEL", "cancelled"),
        ("VOUCHER ENTER CANCEL", "cancelled"),
        ("VOUCHER ENTER ENTER CANCEL", "cancelled"),
        ("VOUCHER ENTER ENTER 1 ENTER CANCEL", "cancelled"),
        ("ENTER CANCEL", "cancelled"),
    ],
)
def test_refund_cancelled_at_each_step_does_nothing(tmp_path: Path, keys: str, seen: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        await shop.menu("refund")
        for key in keys.split():
            await shop.press(FIRST_VOUCHER if key == "VOUCHER" else key)
        await shop.see(seen)

    assert len(a_day_online(tmp_path, work)) == 1
