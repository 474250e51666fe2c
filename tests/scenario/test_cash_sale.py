"""Cash sales as a merchant makes them: by keys, watching screen and paper."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from firmware.journal import Kind, Phase, Record
from tests.shop import PARAMETERS, Shop, file_storage, hurried
from tests.virtual_time import run_virtually


def a_day(
    tmp_path: Path, work: Callable[[Shop], Awaitable[None]], display: str = "tft-320x240", hurry: bool = True
) -> list[Record]:
    """Open the shop, work, close it; the journal must be whole, and its records are returned."""

    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), parameters=hurried() if hurry else PARAMETERS, display=display) as shop:
            await shop.see("idle")
            await work(shop)
        journal = shop.journal()
        assert journal.verify() == []
        records = journal.records()
        journal.close()
        return records

    return run_virtually(day())


def test_cash_sale_exact_is_journalled_and_printed_twice(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("1 2 00 ENTER")
        assert (shop.text_id, shop.lines[0]) == ("choose_payment", "12.00")
        await shop.press("F1")
        assert (shop.text_id, shop.lines[0]) == ("enter_tendered", "应收 12.00")
        assert shop.drawer_opened == 0
        await shop.press("ENTER")
        assert shop.drawer_opened == 1
        assert (shop.text_id, shop.lines[0]) == ("approved", "找零 0.00")
        await shop.see("idle")
        assert [receipt.copy for receipt in shop.paper] == ["merchant", "customer"]
        assert all(receipt.complete and not receipt.unknown for receipt in shop.paper)

    (record,) = a_day(tmp_path, work)
    assert (record.kind, record.phase, record.amount.minor) == (Kind.CASH_SALE, Phase.DONE, 1200)


def test_cash_sale_more_tendered_shows_and_prints_the_change(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("1 2 3 4 ENTER F1 2 00 0 ENTER")
        assert shop.lines[0] == "找零 7.66"
        await shop.see("idle")
        assert all("20.00" in receipt.text and "7.66" in receipt.text for receipt in shop.paper)

    (record,) = a_day(tmp_path, work)
    assert record.change is not None
    assert record.change.minor == 766


def test_cash_sale_less_tendered_is_refused_and_can_be_mended(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("1 2 00 ENTER F1 5 00 ENTER")
        assert shop.text_id == "tendered_short"
        assert shop.world.frame.entry is not None
        assert shop.world.frame.entry.text == "5.00"
        await shop.press("CLEAR CLEAR CLEAR 1 2 00 ENTER")
        assert shop.text_id == "approved"

    (record,) = a_day(tmp_path, work)
    assert record.amount == record.tendered


def test_amount_zero_is_refused_with_its_reason(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("0 00 ENTER")
        assert shop.text_id == "amount_zero"
        await shop.press("CANCEL")
        await shop.press("1 CLEAR ENTER")
        assert shop.text_id == "amount_zero"
        await shop.press("CANCEL")
        assert shop.text_id == "idle"

    assert a_day(tmp_path, work) == []


def test_amount_above_the_limit_is_refused_and_the_entry_kept(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("9 9 9 9 9 9 9 9 9")
        assert shop.text_id == "enter_amount"
        await shop.press("9")
        assert shop.text_id == "amount_limit"
        assert "9,999,999.99" in shop.lines[1]
        await shop.press("ENTER F1 ENTER")
        assert shop.text_id == "approved"

    (record,) = a_day(tmp_path, work)
    assert record.amount.decimal() == "9,999,999.99"


@pytest.mark.parametrize("keys", ["1 2 CANCEL", "1 2 ENTER CANCEL", "1 2 ENTER F1 CANCEL", "1 2 ENTER F1 5 0 CANCEL"])
def test_cancel_anywhere_leaves_no_record_and_no_paper(tmp_path: Path, keys: str) -> None:
    async def work(shop: Shop) -> None:
        await shop.press(keys)
        await shop.see("idle", 5)
        assert len(shop.paper) == 0

    assert a_day(tmp_path, work) == []


@pytest.mark.parametrize("keys", ["1 2", "1 2 ENTER", "1 2 ENTER F1", "MENU", "MENU 1", "MENU 7 2", "MENU 7 3"])
def test_silence_anywhere_goes_back_to_idle(tmp_path: Path, keys: str) -> None:
    async def work(shop: Shop) -> None:
        await shop.press(keys)
        assert shop.text_id != "idle"
        before_ms = shop.clock.elapsed_ms()
        await shop.see("idle", 90)
        assert 55_000 <= shop.clock.elapsed_ms() - before_ms <= 65_000

    assert a_day(tmp_path, work) == []


def test_next_amount_typed_during_the_result_begins_the_next_sale(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.press("2 00")
        assert shop.text_id == "enter_amount"
        assert shop.world.frame.entry is not None
        assert shop.world.frame.entry.text == "2.00"
        await shop.press("ENTER F1 ENTER")
        await shop.see("idle")

    assert [record.amount.minor for record in a_day(tmp_path, work)] == [100, 200]


def test_keys_faster_than_any_hand_are_dropped_with_a_beep_and_harm_nothing(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.slam("1" * 500)
        await shop.see("idle|amount")
        await shop.press("CANCEL")
        await shop.see("idle", 5)
        await shop.press("1 2 00 ENTER F1 ENTER")
        assert shop.text_id == "approved"

    (record,) = a_day(tmp_path, work)
    assert record.amount.minor == 1200


def test_keys_that_mean_nothing_change_nothing(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press(". ENTER CLEAR CANCEL UP DOWN F1 F2 F3")
        assert shop.text_id == "idle"
        await shop.press("1 .")
        assert shop.text_id == "amount_point"
        await shop.press("F1 UP")
        assert shop.text_id == "enter_amount"
        await shop.press("ENTER F2 ENTER 5")
        assert shop.text_id == "choose_payment"

    assert a_day(tmp_path, work) == []


@pytest.mark.parametrize("display", ["tft-320x240", "oled-128x64", "lcd-20x4"])
def test_cash_sale_on_every_display_goes_the_same_way(tmp_path: Path, display: str) -> None:
    async def work(shop: Shop) -> None:
        await shop.sell("5 00", "1 00 0")
        title = shop.world.frame.lines[0].text
        assert title.isascii() == (display == "lcd-20x4")

    (record,) = a_day(tmp_path, work, display=display)
    assert record.change is not None
    assert record.change.minor == 500


def test_second_copy_waits_to_be_torn_off_and_comes_by_itself(tmp_path: Path) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path)) as shop:
            await shop.see("idle")
            await shop.press("1 00 ENTER F1 ENTER")
            await shop.see("顾客联", 5)
            assert [receipt.copy for receipt in shop.paper] == ["merchant"]
            await shop.see("idle", 15)
            assert [receipt.copy for receipt in shop.paper] == ["merchant", "customer"]

    run_virtually(day())


def test_second_copy_can_be_refused(tmp_path: Path) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path)) as shop:
            await shop.see("idle")
            await shop.press("1 00 ENTER F1 ENTER")
            await shop.see("顾客联", 5)
            await shop.press("CANCEL")
            await shop.see("idle", 5)
            assert [receipt.copy for receipt in shop.paper] == ["merchant"]

    run_virtually(day())
