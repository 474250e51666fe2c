"""Cut the power at every effect of a settlement that does not balance; boot, let it go on, and compare both books."""

from __future__ import annotations

import pytest

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import BatchState
from tests.acquirer_books import books_agree
from tests.power.dealing import dealt
from tests.power.outage import Outage
from tests.power.test_counter_power import STEP, until_cut
from tests.scenario.test_online_sale import back_to_idle, sell
from tests.scenario.test_settlement import findings, settle, unbalance
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually

HANDS = 6
"""The cuts are dealt out to so many tests, which may run side by side."""
UPLOADED = 3
"""The messages of the upload: the list of stripes, the chip sale, the end."""


async def a_card(shop: Shop, card: str) -> None:
    await sell(shop, card)
    await shop.see("approved", 60)
    await back_to_idle(shop)


async def cut_once(cut_at: int | None, seed: int) -> int:
    """One run: two sales, a settlement that is cut, and whatever it takes to end it; returns its effects."""
    outage, acquirer = Outage(seed=seed), InMemoryAcquirer.open()
    shop = Shop(outage.storage(), parameters=hurried(), wire=outage.wire, acquirer=acquirer, line=outage.line)
    shop.power_on()
    await a_card(shop, "up-debit")
    await a_card(shop, "up-stripe")
    unbalance(acquirer)
    outage.effects, outage.cut_at = 0, cut_at
    await until_cut(outage, settle(shop))
    effects = outage.effects
    outage.cut()
    await shop.cut_power()
    outage.restore()
    shop.power_on()
    await shop.see("settled|offer_slip|^idle$", 120)
    if shop.text_id == "offer_slip":
        await shop.press("F1")
    await shop.see("^idle$", 1_000)
    await shop.menu("totals")
    await shop.see("totals|no_records")
    unsettled = shop.text_id == "totals"
    await shop.press("CANCEL")
    if unsettled:
        await settle(shop)
    await a_card(shop, "up-stripe")
    outage.cut()
    await shop.cut_power()
    outage.restore()
    _check(shop, acquirer)
    return effects


def _check(shop: Shop, acquirer: InMemoryAcquirer) -> None:
    whole = ["DUPLICATE" in each.text for each in shop.paper if each.kind == "settlement" and each.complete]
    assert whole, "the slip of the settlement never came out"
    assert whole.count(False) <= 1, "the slip came out twice, and no duplicate is marked"
    journal = shop.journal()
    assert journal.verify() == []
    books_agree(journal, acquirer)
    closed = journal.batches.last_closed
    assert closed is not None
    assert (closed.batch, closed.facts["balanced"], closed.facts["uploaded"]) == (1, False, UPLOADED)
    assert (journal.batch, journal.batches.state) == (2, BatchState.OPEN)
    assert [record.batch for record in journal.records()] == [1, 1, 2]
    uploads = acquirer.books.rows("SELECT uploaded FROM booking WHERE batch = 1")
    assert [row["uploaded"] for row in uploads] == ["ok", "ok"]
    assert not [fact for fact in findings(acquirer) if not fact.startswith("batch 000001: told")]
    journal.close()


@pytest.mark.parametrize("hand", [1, 4])
def test_power_cut_at_every_effect_of_a_settlement_only_makes_it_go_on(hand: int) -> None:
    effects = run_virtually(cut_once(None, 0))
    assert effects > 100
    for cut_at in dealt(effects, HANDS, hand, STEP):
        try:
            run_virtually(cut_once(cut_at, seed=cut_at))
        except BaseException as error:
            error.add_note(f"the power was cut at effect {cut_at} of {effects}")
            raise
