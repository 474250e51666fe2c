"""Voids of card sales: by voucher number, without the card, and reversed where nobody answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Kind, Phase
from tests.scenario.counter import LANGUAGES, a_day_online, back_to_idle, sell
from tests.scenario.dialects import BOTH, FIRST_VOUCHER
from tests.shop import Shop

pytestmark = BOTH


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_void_of_a_card_sale_needs_no_card_and_counts_in_both_books(tmp_path: Path, card: str, language: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await sell(shop, card=card)
        await shop.menu("void")
        await shop.press("ENTER")
        await shop.see("confirm_void")
        await shop.press("ENTER")
        await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        assert "-RMB 5.00" in shop.paper[-1].text
        await shop.menu("void")
        await shop.press(f"{FIRST_VOUCHER} ENTER")
        assert shop.text_id == "already_voided"

    sale, void = a_day_online(tmp_path, work, language)
    assert (void.kind, void.phase, void.original_id) == (Kind.VOID, Phase.DONE, sale.id)
    assert sale.voided_by == void.id


@pytest.mark.parametrize("keys", ["CANCEL", "ENTER CANCEL"])
def test_void_of_a_card_sale_cancelled_undoes_nothing(tmp_path: Path, keys: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        await shop.menu("void")
        await shop.press(keys)
        await shop.see("cancelled")
        assert acquirer.books.bookings() == 1

    (sale,) = a_day_online(tmp_path, work)
    assert sale.voided_by is None


@pytest.mark.parametrize("fault", [FaultKind.SILENT, FaultKind.SILENT_BEFORE, FaultKind.WRONG_MAC])
def test_void_without_an_answer_to_believe_is_reversed_before_the_next(tmp_path: Path, fault: FaultKind) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        acquirer.add_fault(Fault(fault, frozenset({"void"})))
        await shop.menu("void")
        await shop.press("ENTER")
        await shop.see("confirm_void")
        await shop.press("ENTER")
        await shop.see("^declined$", 300)
        await back_to_idle(shop)
        await sell(shop, "7 0 0")

    sale, void, _ = a_day_online(tmp_path, work)
    assert (sale.voided_by, void.phase) == (None, Phase.REVERSED)


def test_void_that_the_acquirer_refuses_leaves_the_sale(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        acquirer.add_fault(Fault(FaultKind.DECLINE, frozenset({"void"}), code="25"))
        await shop.menu("void")
        await shop.press("ENTER")
        await shop.see("confirm_void")
        await shop.press("ENTER")
        await shop.see("^declined$", 60)

    sale, void = a_day_online(tmp_path, work)
    assert (sale.voided_by, void.phase) == (None, Phase.DECLINED)
