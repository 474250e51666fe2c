"""When the stripe may speak for a chip: after three times that it could not be read, and never after a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.journal import Kind, Phase
from tests.scenario.test_cash_sale import a_day
from tests.scenario.test_chip_sale import offer
from tests.shop import Shop


async def fail(shop: Shop, card: str, times: int) -> None:
    """Offer a chip that cannot be read, so often; the sale has begun and asks for a card."""
    await shop.see("^idle$")
    await shop.press("1 2 3 4 ENTER")
    for _ in range(times):
        await shop.see("choose_payment|insert_again|swipe_card", 5)
        shop.insert(card)
        await shop.see("chip_refused", 60)
        await shop.see("请拔卡", 5)
        shop.remove()


@pytest.mark.parametrize("card", ["mute", "garbage"])
def test_chip_unreadable_three_times_is_swiped_and_marked_as_fallback(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop) -> None:
        await fail(shop, card, 3)
        await shop.see("^swipe_card$", 5)
        assert shop.world.frame.title == "请刷卡"
        shop.swipe("chip-stripe")
        await shop.see("^declined$", 5)
        await shop.see("^idle$", 30)

    (record,) = a_day(tmp_path, work)
    assert (record.kind, record.phase) == (Kind.SALE, Phase.DECLINED)
    assert record.card is not None
    assert record.card.entry == "F"


def test_chip_unreadable_twice_is_not_enough_for_its_stripe(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await fail(shop, "mute", 2)
        await shop.see("^insert_again$", 5)
        assert shop.lines == ["12.34", "芯片读不出"]
        shop.swipe("chip-stripe")
        await shop.see("^use_chip$", 5)
        await shop.press("CANCEL")

    assert a_day(tmp_path, work) == []


def test_stripe_without_a_chip_is_no_fallback_even_after_a_dead_chip(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await fail(shop, "mute", 3)
        shop.swipe("up-stripe")
        await shop.see("^declined$", 5)

    (record,) = a_day(tmp_path, work)
    assert record.card is not None
    assert record.card.entry == "S"


@pytest.mark.parametrize("card", ["blocked", "expired", "pin-blocked"])
def test_card_that_was_refused_never_comes_to_its_stripe(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, card)
        await shop.see("chip_refused|declined", 60)
        await shop.see("请拔卡", 5)
        shop.remove()
        await shop.see("^idle$", 60)
        await shop.press("1 2 3 4 ENTER")
        shop.swipe(card)
        await shop.see("^use_chip$", 5)
        await shop.press("CANCEL")

    assert all(record.kind is Kind.SALE for record in a_day(tmp_path, work))


def test_good_chip_after_three_bad_ones_is_still_read(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await fail(shop, "mute", 3)
        await shop.see("^swipe_card$", 5)
        shop.insert("offline-ok")
        await shop.see("chip_approved", 30)
        await shop.see("请拔卡", 5)
        shop.remove()
        await shop.see("^idle$", 120)

    assert [record.phase for record in a_day(tmp_path, work)] == [Phase.DONE]


def test_chips_that_never_can_be_read_end_the_sale(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await fail(shop, "mute", 7)
        await shop.see("^cancelled$", 5)

    assert a_day(tmp_path, work) == []
