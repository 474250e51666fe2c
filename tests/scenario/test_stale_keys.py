"""A sign-on whose answer is lost changes the keys at the acquirer alone: the terminal notices, and signs on again."""

from __future__ import annotations

from pathlib import Path

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Phase
from tests.scenario.test_online_sale import a_day_online, back_to_idle, pay_by_chip
from tests.shop import Shop

SIGN_ON_AGAIN = "1 2 8 3"
"""An amount that is approved, and whose answer asks for a new sign-on."""


async def lose_the_keys(shop: Shop, acquirer: InMemoryAcquirer) -> None:
    """Let the acquirer ask for a sign-on, lose its answer, and start the terminal anew, which forgets the demand."""
    await pay_by_chip(shop, SIGN_ON_AGAIN)
    await shop.see("approved", 60)
    acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sign_on"})))
    await back_to_idle(shop)
    acquirer.mend()
    await shop.cut_power()
    shop.power_on()
    await shop.see("^idle$", 60)


async def buy(shop: Shop, amount: str) -> bool:
    await pay_by_chip(shop, amount)
    await shop.see("approved|declined", 300)
    approved = shop.text_id == "chip_approved"
    await back_to_idle(shop)
    return approved


def test_refused_code_leads_to_a_sign_on_before_the_next_sale(tmp_path: Path) -> None:
    told: list[bool] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await lose_the_keys(shop, acquirer)
        told.extend([await buy(shop, "7 0 0 00"), await buy(shop, "8 0 0 00")])

    records = a_day_online(tmp_path, work)
    assert told == [False, True]
    assert records[-1].phase is Phase.DONE


def test_reversal_under_stale_keys_is_sent_again_under_new_ones(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await lose_the_keys(shop, acquirer)
        acquirer.add_fault(Fault(FaultKind.SILENT_BEFORE, frozenset({"sale"})))
        assert not await buy(shop, "7 0 0 00")
        assert await buy(shop, "8 0 0 00")

    records = a_day_online(tmp_path, work)
    assert [record.phase for record in records[-2:]] == [Phase.REVERSED, Phase.DONE]
