"""Cards drawn through the stripe reader: no host yet, so that every one of them is declined in the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.card_readers import BenchStripeReader
from drivers.bench.cards.personality import load_cards
from drivers.bench.devices import Harness
from firmware.hal import EventSink
from firmware.hal.errors import DeviceMissing
from firmware.journal import Kind, Phase, Record
from firmware.units import Millis
from tests.scenario.test_cash_sale import a_day
from tests.shop import PARAMETERS, Shop, file_storage, hurried
from tests.virtual_time import run_virtually

SLIPPING = replace(PARAMETERS, decline_slip=("merchant", "customer"))


def a_day_with_slips(tmp_path: Path, work: Callable[[Shop], Awaitable[None]]) -> list[Record]:
    """A day in a shop that prints a slip for a declined card."""

    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), parameters=SLIPPING) as shop:
            await shop.see("idle")
            await work(shop)
        journal = shop.journal()
        assert journal.verify() == []
        records = journal.records()
        journal.close()
        return records

    return run_virtually(day())


async def ask_for_payment(shop: Shop) -> None:
    await shop.see("^idle$")
    await shop.press("1 2 3 4 ENTER")
    await shop.see("choose_payment", 5)


def test_stripe_card_cannot_be_authorised_and_is_declined_with_the_reason(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await ask_for_payment(shop)
        assert shop.lines == ["12.34", "请插卡或刷卡"]
        shop.swipe("up-stripe")
        await shop.see("^declined$", 5)
        assert shop.world.frame.title == "交易拒绝"
        assert shop.lines[:2] == ["12.34", "联机失败"]
        await shop.see("^idle$", 10)
        assert len(shop.paper) == 0

    (record,) = a_day(tmp_path, work)
    assert (record.kind, record.phase) == (Kind.SALE, Phase.DECLINED)
    assert record.card is not None
    assert record.card.entry == "S"


def test_declined_stripe_prints_its_slips_where_the_shop_wants_them(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await ask_for_payment(shop)
        shop.swipe("up-stripe")
        await shop.see("^idle$", 60)
        merchant, customer = shop.paper
        for slip in (merchant, customer):
            assert slip.complete
            for line in ("DECLINED", "UNABLE TO GO ONLINE", "联机失败", "12.34", "******"):
                assert line in slip.text
            assert "SIGNATURE" not in slip.text.replace("持卡人签名/SIGNATURE", "")
            assert load_cards()["up-stripe"].pan() not in slip.text

    (record,) = a_day_with_slips(tmp_path, work)
    assert record.phase is Phase.DECLINED


@pytest.mark.parametrize("card", ["chip-stripe", "up-debit"])
def test_stripe_of_a_chip_card_is_sent_to_the_chip_reader(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop) -> None:
        await ask_for_payment(shop)
        shop.swipe(card)
        await shop.see("^use_chip$", 5)
        shop.insert("offline-ok")
        await shop.see("chip_approved", 30)
        await shop.see("请拔卡", 5)
        shop.remove()
        await shop.see("^idle$", 120)

    assert [record.kind for record in a_day(tmp_path, work)] == [Kind.SALE]


def test_worn_stripe_is_asked_for_again_and_the_next_swipe_is_taken(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await ask_for_payment(shop)
        shop.swipe("up-stripe", readable=False)
        await shop.see("^swipe_again$", 5)
        shop.swipe("up-stripe")
        await shop.see("^declined$", 5)

    assert len(a_day(tmp_path, work)) == 1


def test_stripe_that_stays_worn_ends_the_sale(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await ask_for_payment(shop)
        for _ in range(4):
            shop.swipe("up-stripe", readable=False)
            await shop.see("^swipe_again$", 5)
        shop.swipe("up-stripe", readable=False)
        await shop.see("^cancelled$", 5)

    assert a_day(tmp_path, work) == []


def test_cash_is_taken_after_a_stripe_that_could_not_be_used(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await ask_for_payment(shop)
        shop.swipe("chip-stripe")
        await shop.see("^use_chip$", 5)
        await shop.press("F1 ENTER")
        await shop.see("^approved$", 5)
        await shop.see("^idle$", 60)

    assert [record.kind for record in a_day(tmp_path, work)] == [Kind.CASH_SALE]


def test_swipe_at_idle_begins_a_sale(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.swipe("up-stripe", readable=False)
        shop.swipe("up-stripe")
        await shop.see("^enter_amount$", 5)
        await shop.press("1 2 3 4 ENTER")
        await shop.see("^declined$", 5)
        assert shop.lines[0] == "12.34"

    (record,) = a_day(tmp_path, work)
    assert (record.kind, record.phase) == (Kind.SALE, Phase.DECLINED)


def test_unreadable_swipe_at_idle_begins_nothing(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.swipe("up-stripe", readable=False)
        await shop.clock.sleep(Millis(1_000))
        assert shop.text_id == "idle"

    assert a_day(tmp_path, work) == []


def test_card_that_may_not_pay_by_its_stripe_is_refused_with_the_reason(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await ask_for_payment(shop)
        for track2, reason in (
            ("6210948000000003=2012120", "卡已过期"),
            ("6210948000000003=3012123", "此卡只能取现"),
        ):
            shop.swipe_track(track2)
            await shop.see("^stripe_refused$", 5)
            assert shop.lines[1] == reason
            await shop.clock.sleep(Millis(500))
        await shop.press("CANCEL")

    assert a_day(tmp_path, work) == []


class MissingStripeReader(BenchStripeReader):
    """A stripe reader that is not plugged in."""

    def start(self, sink: EventSink) -> None:
        del sink
        raise DeviceMissing("there is no stripe reader")


def no_swiper(_harness: Harness) -> None:
    """A board without a stripe reader."""


@pytest.mark.parametrize("swiper", [no_swiper, MissingStripeReader])
def test_shop_without_its_stripe_reader_sells_by_chip_and_offers_no_fallback(
    tmp_path: Path, swiper: Callable[[Harness], BenchStripeReader | None]
) -> None:
    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), parameters=hurried(), swiper=swiper) as shop:
            await ask_for_payment(shop)
            assert shop.lines == ["12.34", "请插卡"]
            for tries in range(3):
                await shop.see("^choose_payment$|^insert_again$", 5)
                shop.insert("mute")
                await shop.see("chip_refused", 60)
                shop.remove()
                await shop.see("^cancelled$" if tries == 2 else "^insert_again$", 60)
            await ask_for_payment(shop)
            shop.insert("offline-ok")
            await shop.see("chip_approved", 30)
            shop.remove()
            await shop.see("^idle$", 120)
        journal = shop.journal()
        records = journal.records()
        journal.close()
        return records

    assert [record.phase for record in run_virtually(day())] == [Phase.DONE]


def no_slot(_harness: Harness) -> None:
    """A board without a chip reader."""


def test_board_without_a_chip_reader_takes_a_chip_card_by_its_stripe(tmp_path: Path) -> None:
    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), reader=no_slot) as shop:
            await ask_for_payment(shop)
            assert shop.lines == ["12.34", "请刷卡"]
            shop.swipe("chip-stripe")
            await shop.see("^declined$", 5)
        journal = shop.journal()
        records = journal.records()
        journal.close()
        return records

    (record,) = run_virtually(day())
    assert record.card is not None
    assert record.card.entry == "S"


def test_english_shop_is_told_in_english_and_gets_an_english_slip(tmp_path: Path) -> None:
    async def day() -> None:
        english = replace(PARAMETERS, screen_language="en", receipt_language="en", decline_slip=("customer",))
        async with Shop(file_storage(tmp_path), parameters=english) as shop:
            await ask_for_payment(shop)
            assert shop.lines == ["12.34", "Insert or swipe"]
            shop.swipe("chip-stripe")
            await shop.see("USE CHIP READER", 5)
            shop.swipe("up-stripe")
            await shop.see("^declined$", 5)
            assert shop.lines[:2] == ["12.34", "Cannot go online"]
            await shop.see("^idle$", 30)
            (slip,) = shop.paper
            assert "UNABLE TO GO ONLINE" in slip.text
            assert slip.text.isascii()

    run_virtually(day())
