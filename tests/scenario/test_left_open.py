"""A power cut while the acquirer has the question: what boot says of each kind of record, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Phase
from firmware.units import Millis
from tests.scenario.counter import LANGUAGES, PIN, a_day_online, back_to_idle, sell
from tests.scenario.dialects import FIRST_VOUCHER
from tests.shop import Shop


async def cut_while_asking(shop: Shop) -> None:
    """Show the card, cut the power before the answer, and switch on again."""
    shop.swipe("up-stripe")
    await shop.see("enter_pin", 30)
    await shop.press(PIN)
    await shop.see("stripe_processing", 10)
    await shop.clock.sleep(Millis(5_000))
    await shop.cut_power()
    shop.power_on()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sale_left_open_is_told_and_reversed(tmp_path: Path, language: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
        await shop.press("1 0 0 ENTER")
        await shop.see("choose_payment")
        await cut_while_asking(shop)
        await shop.see("power_failed_reversed", 30)
        await shop.press("ENTER")
        await sell(shop, "7 0 0")

    first, second = a_day_online(tmp_path, work, language)
    assert (first.phase, second.phase) == (Phase.REVERSED, Phase.DONE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_refund_left_open_is_told_and_stays_in_sight(tmp_path: Path, language: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT_BEFORE, frozenset({"refund"})))
        await shop.menu("refund")
        await shop.press(f"{FIRST_VOUCHER} ENTER")
        await shop.see("confirm_errand")
        await shop.press("ENTER 2 0 0 ENTER")
        await shop.see("present_card", 10)
        await cut_while_asking(shop)
        await shop.see("power_failed_unknown", 30)
        await shop.press("ENTER")
        await back_to_idle(shop)

    _, refund = a_day_online(tmp_path, work, language)
    assert refund.phase is Phase.UNRESOLVED
