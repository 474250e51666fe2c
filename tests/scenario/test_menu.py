"""Void, reprint, look up, choose a language: what the menu offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.journal import Kind, Phase
from tests.scenario.test_cash_sale import a_day
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually


def test_void_gives_the_cash_back_once(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.sell("1 2 00", "2 00 0")
        await shop.menu("void")
        assert shop.text_id == "enter_voucher"
        await shop.press("1 ENTER")
        assert (shop.text_id, shop.lines[:2]) == ("confirm_void", ["现金消费 12.00", "凭证号 000001"])
        await shop.press("ENTER")
        assert (shop.text_id, shop.lines[0]) == ("voided", "退款 12.00")
        await shop.see("idle")
        assert [receipt.kind for receipt in shop.paper] == ["cash_sale"] * 2 + ["cash_void"] * 2
        assert "-RMB 12.00" in shop.paper[-1].text
        await shop.menu("void")
        await shop.press("1 ENTER")
        assert shop.text_id == "already_voided"

    sale, void = a_day(tmp_path, work)
    assert (sale.kind, sale.voided_by) == (Kind.CASH_SALE, void.id)
    assert (void.kind, void.phase, void.original_id, void.amount) == (Kind.CASH_VOID, Phase.DONE, sale.id, sale.amount)


def test_void_enter_alone_takes_the_last_record(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.sell("1 00")
        await shop.sell("2 00")
        await shop.menu("void")
        await shop.press("ENTER")
        assert shop.lines[:2] == ["现金消费 2.00", "凭证号 000002"]
        await shop.press("ENTER")
        await shop.see("idle")

    assert [record.voided_by is not None for record in a_day(tmp_path, work)] == [False, True, False]


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        ("9 9 9 ENTER", "voucher_unknown"),
        ("0 ENTER", "enter_voucher"),
        ("3 ENTER", "not_voidable"),
        ("1 ENTER CANCEL", "cancelled"),
        ("CANCEL", "cancelled"),
    ],
)
def test_void_that_cannot_be_says_why_and_does_nothing(tmp_path: Path, keys: str, seen: str) -> None:
    async def work(shop: Shop) -> None:
        await shop.sell("1 00")
        await shop.sell("2 00")
        await shop.menu("void")
        await shop.press("2 ENTER ENTER")
        await shop.see("idle")
        await shop.menu("void")
        await shop.press(keys)
        assert shop.text_id == seen
        await shop.see("idle", 90)

    records = a_day(tmp_path, work)
    assert [record.kind for record in records] == [Kind.CASH_SALE, Kind.CASH_SALE, Kind.CASH_VOID]


def test_reprint_is_marked_as_a_duplicate(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.menu("reprint_last")
        assert shop.text_id == "no_records"
        await shop.see("idle")
        await shop.sell("1 00")
        await shop.sell("2 00")
        await shop.menu("reprint_last")
        await shop.see("idle")
        await shop.menu("reprint_any")
        await shop.press("1 ENTER")
        await shop.see("idle")
        first, last = shop.paper[0].text, shop.paper[-1].text
        assert "DUPLICATE" not in first
        assert "****重打印/DUPLICATE****" in last
        assert [("2.00" in receipt.text, "DUPLICATE" in receipt.text) for receipt in shop.paper[4:]] == [
            (True, True),
            (True, True),
            (False, True),
            (False, True),
        ]
        without = [line for line in last.splitlines() if "DUPLICATE" not in line]
        assert without == shop.paper[1].text.splitlines()

    assert len(a_day(tmp_path, work)) == 2


def test_transactions_are_turned_over_newest_first(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.menu("transactions")
        assert shop.text_id == "no_records"
        await shop.see("idle")
        await shop.sell("1 00")
        await shop.sell("2 00")
        await shop.menu("void")
        await shop.press("1 ENTER ENTER")
        await shop.see("idle")
        await shop.menu("transactions")
        seen = []
        for _ in range(4):
            seen.append((shop.lines[0], shop.lines[2]))
            await shop.press("DOWN")
        void, second, first, again = seen
        assert (void, second) == (("现金撤销 1.00", "成功"), ("现金消费 2.00", "成功"))
        assert (first, again) == (("现金消费 1.00", "已撤销"), void)
        await shop.press("UP CANCEL")
        assert shop.text_id == "idle"

    assert len(a_day(tmp_path, work)) == 3


def test_language_chosen_speaks_at_once_and_outlives_a_power_cut(tmp_path: Path) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path), parameters=hurried()) as shop:
            await shop.see("idle")
            await shop.menu("language")
            await shop.press("2")
            await shop.see("Enter amount")
            await shop.cut_power()
            shop.power_on()
            await shop.see("idle")
            assert shop.lines[0] == "Enter amount"
            await shop.menu("language")
            await shop.press("UP ENTER")
            await shop.see("请输入金额")
            await shop.menu("language")
            await shop.press("CANCEL")
            assert shop.lines[0] == "请输入金额"

    run_virtually(day())


def test_version_is_shown_until_a_key(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.menu("version")
        assert "终端 10000001" in shop.lines
        await shop.press("5")
        assert shop.text_id == "idle"

    assert a_day(tmp_path, work) == []


def test_menu_is_walked_by_arrows_as_by_digits(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("F4 DOWN DOWN DOWN ENTER")
        assert [line.marked for line in shop.world.frame.lines] == [True, False, False, False]
        await shop.press("UP ENTER")
        assert shop.text_id == "version"
        await shop.press("CANCEL MENU 6 CANCEL")
        assert shop.world.frame.title == "菜单"
        await shop.press("9 00 F1 CANCEL")
        assert shop.text_id == "idle"

    assert a_day(tmp_path, work) == []
