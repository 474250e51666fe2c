"""Chip sales as customers make them: with the test cards of the bench, offline, for there is no host yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.cards.personality import load_cards
from firmware.journal import Kind, Phase
from firmware.units import Millis
from tests.scenario.test_cash_sale import a_day
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually


async def offer(shop: Shop, card: str, amount: str = "1 2 3 4", **fault: int) -> None:
    """Type the amount and put the card in."""
    await shop.see("^idle$")
    await shop.press(f"{amount} ENTER")
    assert shop.text_id == "choose_payment"
    shop.insert(card, **fault)


async def take_back(shop: Shop) -> None:
    """Take the card when the screen asks for it, and come to idle."""
    await shop.see("请拔卡", 60)
    shop.remove()
    await shop.see("^idle$", 120)


def test_offline_approval_is_journalled_printed_and_waits_for_its_upload(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "offline-ok")
        await shop.see("chip_approved", 30)
        await take_back(shop)
        merchant, customer = shop.paper
        assert merchant.complete
        assert customer.complete
        for line in ("应用标签(APP LABEL)", "AID", "TVR", "TSI", "TC ", "ATC", "12.34", "******"):
            assert line in merchant.text
        assert not merchant.unknown

    (record,) = a_day(tmp_path, work)
    assert (record.kind, record.phase, record.amount.minor) == (Kind.SALE, Phase.DONE, 1234)
    assert record.card is not None
    assert record.card.cryptogram.startswith("TC ")
    assert record.card.pan_masked.count("*") >= 6


def test_card_at_idle_begins_a_sale(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.insert("offline-ok")
        await shop.see("enter_amount", 5)
        await shop.press("1 2 3 4 ENTER")
        await shop.see("chip_approved", 30)
        await take_back(shop)

    assert [record.kind for record in a_day(tmp_path, work)] == [Kind.SALE]


def test_card_taken_again_before_the_amount_is_typed_ends_it(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.insert("offline-ok")
        await shop.see("enter_amount", 5)
        await shop.press("1 2")
        shop.remove()
        await shop.see("^idle$", 1)

    assert a_day(tmp_path, work) == []


def test_offline_pin_is_asked_for_and_never_shown(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "plain-offline-pin")
        await shop.see("enter_pin", 30)
        assert shop.lines[0] == "12.34"
        await shop.press("1 2 3")
        assert shop.world.frame.entry is not None
        assert shop.world.frame.entry.text == "***"
        await shop.press("5 ENTER")
        await shop.see("Wrong, try again", 10)
        await shop.press("1 2 3 4 ENTER")
        await shop.see("请拔卡", 30)
        shop.remove()
        await shop.see("^idle$", 120)

    for record in a_day(tmp_path, work):
        assert record.card is not None
        assert record.card.cvm == "offline_pin"


def test_cardholder_chooses_between_two_applications(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "two-apps")
        await shop.see("choose_application", 30)
        assert len(shop.lines) == 2
        await shop.press("2")
        await shop.see("enter_pin", 30)
        await shop.press("1 2 3 4 5 6 ENTER")
        await shop.see("请拔卡", 30)
        shop.remove()
        await shop.see("^idle$", 120)

    a_day(tmp_path, work)


@pytest.mark.parametrize("card", ["expired", "blocked", "garbage", "mute"])
def test_card_that_cannot_pay_is_refused_and_the_next_good_card_works(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, card)
        await shop.see("chip_refused|declined", 60)
        await shop.see("请拔卡", 30)
        shop.remove()
        await shop.see("idle|insert_again", 30)
        if shop.text_id == "insert_again":
            await shop.press("CANCEL")
        await offer(shop, "offline-ok")
        await shop.see("chip_approved", 30)
        await take_back(shop)

    records = a_day(tmp_path, work)
    assert [record.phase for record in records if record.phase is not Phase.DECLINED] == [Phase.DONE]


def test_card_pulled_at_any_apdu_ends_well_and_sells_nothing_untold(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        for apdu in range(1, 40):
            await offer(shop, "offline-ok", pull_at_apdu=apdu)
            await shop.see("chip_refused|chip_approved", 60)
            if shop.text_id == "chip_approved":
                break
            await shop.see("idle|insert_again", 60)
            if shop.text_id == "insert_again":
                await shop.press("CANCEL")
        else:
            pytest.fail("the card was pulled at every APDU, and there was always one more")
        shop.remove()
        await shop.see("^idle$", 120)

    assert [record.phase for record in a_day(tmp_path, work)].count(Phase.DONE) == 1


def test_cancel_at_the_pin_ends_the_sale_and_gives_the_card_back(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "plain-offline-pin")
        await shop.see("enter_pin", 30)
        await shop.press("1 CANCEL")
        await take_back(shop)
        assert len(shop.paper) == 0

    assert a_day(tmp_path, work) == []


def test_chip_sale_cannot_be_voided_without_the_host(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "offline-ok")
        await shop.see("chip_approved", 30)
        await take_back(shop)
        await shop.menu("void")
        await shop.press("ENTER")
        assert shop.text_id == "no_acquirer"

    assert [record.phase for record in a_day(tmp_path, work)].count(Phase.DONE) == 1


def test_signature_card_has_a_line_to_sign_on_the_merchants_copy(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "visa-sign")
        await shop.see("请拔卡", 30)
        shop.remove()
        await shop.see("^idle$", 120)
        signed = ["CARDHOLDER SIGNATURE" in receipt.text for receipt in shop.paper]
        assert signed in ([True, False], [])

    for record in a_day(tmp_path, work):
        assert record.card is not None
        assert record.card.needs_signature


def test_card_taken_while_the_pin_is_typed_ends_the_sale(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "plain-offline-pin")
        await shop.see("enter_pin", 30)
        await shop.press("1 2")
        shop.remove()
        await shop.see("chip_refused", 5)
        await shop.see("^idle$", 30)

    assert a_day(tmp_path, work) == []


def test_digits_typed_ahead_of_the_pin_pad_are_no_part_of_the_pin(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("1 2 3 4 ENTER")
        shop.insert("plain-offline-pin")
        shop.slam("99")
        await shop.see("enter_pin", 30)
        assert shop.world.frame.entry is not None
        assert shop.world.frame.entry.text == ""
        await shop.press("CANCEL")
        await take_back(shop)

    assert a_day(tmp_path, work) == []


def test_pin_digits_typed_on_after_the_card_left_become_nothing(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "up-debit")
        await shop.see("enter_pin", 30)
        await shop.press("1 2 3")
        shop.remove()
        shop.slam("456")
        await shop.see("^idle$", 30)
        assert shop.text_id == "idle"
        await shop.clock.sleep(Millis(3_000))
        assert shop.text_id == "idle"

    assert a_day(tmp_path, work) == []


@pytest.mark.parametrize("late", ["", "CANCEL"])
def test_card_taken_while_an_application_is_chosen_ends_at_once(tmp_path: Path, late: str) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "two-apps")
        await shop.see("choose_application", 30)
        shop.remove()
        shop.slam_keys(late)
        await shop.see("^idle$", 10)

    assert a_day(tmp_path, work) == []


@pytest.mark.parametrize("cancel_first", [True, False])
def test_cancel_and_card_leaving_together_do_not_hang(tmp_path: Path, cancel_first: bool) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "up-debit")
        await shop.see("enter_pin", 30)
        if cancel_first:
            shop.slam_keys("CANCEL")
        shop.remove()
        if not cancel_first:
            shop.slam_keys("CANCEL")
        await shop.see("^idle$", 15)

    assert a_day(tmp_path, work) == []


@pytest.mark.parametrize(("card", "reason", "code"), [("expired", "脱机拒绝", "Z1"), ("no-cvm", "联机失败", "Z3")])
def test_declined_chip_is_told_with_its_reason_kept_and_printed_where_the_shop_wants_it(
    tmp_path: Path, card: str, reason: str, code: str
) -> None:
    async def day() -> None:
        wanted = replace(hurried(), decline_slip=("customer",))
        async with Shop(file_storage(tmp_path), parameters=wanted) as shop:
            await offer(shop, card)
            await shop.see("^declined$", 60)
            assert shop.lines == ["12.34", reason, "请拔卡"]
            assert len(shop.paper) == 0
            await take_back(shop)
            (slip,) = shop.paper
            assert slip.complete
            for line in ("DECLINED", "AAC ", "AID", "TVR", "TSI", code, reason):
                assert line in slip.text
            assert load_cards()[card].pan() not in slip.text
            await shop.menu("transactions")
            await shop.see("已拒绝", 5)
            await shop.press("CANCEL")
            await shop.menu("reprint_last")
            await shop.see("no_records", 5)
        journal = shop.journal()
        (record,) = journal.records()
        assert (record.kind, record.phase) == (Kind.SALE, Phase.DECLINED)
        assert journal.verify() == []
        journal.close()

    run_virtually(day())
