"""Cut the power at every effect of a sale, a void and a declined card; boot again, and compare all there is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from tests.power.books import COUNTS, Ledger, check
from tests.power.dealing import dealt
from tests.power.outage import Outage
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually

STEP = 2
"""Each effect is told before and after: cutting at every second count covers both sides of every effect."""
HANDS = 3


async def a_sale(shop: Shop, ledger: Ledger) -> None:
    await shop.see("idle", 60)
    ledger.sales.append("12.34")
    await shop.press("1 2 3 4 ENTER F1 2 00 0 ENTER")
    await shop.see("idle", 60)


async def a_void(shop: Shop, ledger: Ledger) -> None:
    await shop.see("idle", 60)
    ledger.voids.append("12.34")
    await shop.menu("void")
    await shop.press("1 ENTER ENTER")
    await shop.see("idle", 60)


async def a_chip_sale(shop: Shop, ledger: Ledger) -> None:
    await shop.see("^idle$", 60)
    ledger.cards.append("12.34")
    await shop.press("1 2 3 4 ENTER")
    shop.insert("offline-ok")
    await shop.see("chip_approved", 60)
    shop.remove()
    await shop.see("^idle$", 60)


async def a_declined_stripe(shop: Shop, _ledger: Ledger) -> None:
    await shop.see("^idle$", 60)
    await shop.press("1 2 3 4 ENTER")
    shop.swipe("up-stripe")
    await shop.see("^declined$", 60)
    await shop.see("^idle$", 60)


Work = Callable[[Shop, Ledger], Coroutine[Any, Any, None]]


async def until_cut(outage: Outage, work: Coroutine[Any, Any, None]) -> None:
    """Work until the work is done or the power is gone."""
    working = asyncio.ensure_future(work)
    losing = asyncio.ensure_future(outage.lost.wait())
    await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
    losing.cancel()
    if outage.lost.is_set():
        working.cancel()
        with contextlib.suppress(BaseException):
            await working
    else:
        await working


async def cut_once(before: Work | None, work: Work, cut_at: int | None, seed: int) -> int:
    """One run: prepare, cut at one effect of `work`, boot, check, and sell again; returns the effects of `work`."""
    outage, ledger = Outage(seed=seed), Ledger()
    parameters = replace(hurried(), decline_slip=("customer",))
    shop = Shop(outage.storage(), parameters=parameters, wire=outage.wire)
    shop.power_on()
    await shop.see("idle")
    if before is not None:
        await before(shop, ledger)
    outage.effects = 0
    outage.cut_at = cut_at
    await until_cut(outage, work(shop, ledger))
    effects = outage.effects
    outage.cut()
    await shop.cut_power()
    for answer in ("ENTER", None):
        outage.restore()
        shop.power_on()
        await shop.see("idle|offer_receipt|power_failed|enter_amount", 60)
        if shop.world.snapshot()["card"] is not None:
            shop.remove()
        if answer and shop.text_id == "offer_receipt":
            await shop.press(answer)
        await shop.see("idle", 120)
        if answer is None:
            ledger.sales.append("5.00")
            await shop.sell("5 00")
        outage.cut()
        await shop.cut_power()
    outage.restore()
    journal = shop.journal()
    check(journal, ledger, outage.frames, shop.paper)
    assert journal.unfinished() == []
    assert journal.records()[-1].phase in COUNTS
    assert sum(record.amount.minor == 500 for record in journal.records()) == 1
    journal.close()
    return effects


@pytest.mark.parametrize(
    ("before", "work", "hand"),
    [(None, a_sale, 0), (a_sale, a_void, 1), (None, a_chip_sale, 2), (None, a_declined_stripe, 0)],
    ids=["sale", "void", "chip", "declined"],
)
def test_power_cut_at_every_effect_keeps_every_promise(before: Work | None, work: Work, hand: int) -> None:
    effects = run_virtually(cut_once(before, work, None, 0))
    assert effects > 100
    for cut_at in dealt(effects, HANDS, hand, STEP):
        try:
            run_virtually(cut_once(before, work, cut_at, seed=cut_at))
        except BaseException as error:
            error.add_note(f"the power was cut at effect {cut_at} of {effects}")
            raise
