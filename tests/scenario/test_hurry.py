"""A merchant in a hurry, keys pressed before the screen could be read: nothing is confirmed or missed unseen."""

from __future__ import annotations

from pathlib import Path

from firmware.journal import Kind
from firmware.units import Millis
from tests.scenario.test_cash_sale import a_day
from tests.shop import Shop


def test_void_typed_blindly_is_not_confirmed(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.sell("1 00")
        await shop.menu("void")
        shop.slam_keys("ENTER ENTER ENTER")
        await shop.see("confirm_void", 1)
        await shop.clock.sleep(Millis(3_000))
        assert shop.text_id == "confirm_void"
        await shop.press("CANCEL")

    assert [record.kind for record in a_day(tmp_path, work)] == [Kind.CASH_SALE]


def test_refusal_stays_to_be_read_whatever_was_typed_ahead(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.menu("void")
        shop.slam_keys("9 ENTER ENTER 1 2 ENTER CANCEL")
        await shop.see("voucher_unknown", 1)
        await shop.clock.sleep(Millis(2_000))
        assert shop.text_id == "voucher_unknown"

    assert a_day(tmp_path, work) == []


def test_cancel_while_the_first_copy_prints_does_not_drop_the_second(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("1 00 ENTER F1 ENTER")
        shop.slam_keys("CANCEL")
        await shop.see("idle", 20)
        assert [receipt.copy for receipt in shop.paper] == ["merchant", "customer"]

    assert len(a_day(tmp_path, work, hurry=False)) == 1


def test_enclosure_opened_behind_a_storm_of_keys_is_noticed(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("1 00 ENTER F1 ENTER")
        shop.slam("7" * 60)
        shop.world.set_tamper(opened=True)
        await shop.see("机壳被打开", 20)
        await shop.ended()
        shop.world.set_tamper(opened=False)
        shop.power_on()

    assert len(a_day(tmp_path, work)) == 1
