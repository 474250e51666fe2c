"""What comes between a card and its decision: CANCEL, an opened enclosure, a slow card, a reader that is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.bench.card_readers import BenchCard, BenchCardReader
from drivers.bench.devices import Harness
from drivers.bench.wire import CardCommand, CardPower
from firmware.flows.dialogue import Tampered
from firmware.hal.errors import ReaderMissing
from firmware.journal import Phase
from firmware.units import Millis
from tests.scenario.test_cash_sale import a_day
from tests.scenario.test_chip_sale import offer, take_back
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually


def test_cancel_while_the_card_works_ends_the_sale_before_the_card_decides(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "offline-ok", slow_ms=500)
        await shop.see("chip_processing", 5)
        shop.slam_keys("CANCEL")
        await shop.see("请拔卡", 2)
        shop.remove()
        await shop.see("^cancelled$", 2)
        await shop.see("^idle$", 10)
        assert len(shop.paper) == 0

    assert a_day(tmp_path, work) == []


def test_cancel_too_late_for_the_card_is_not_heard_and_sells(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        for wait_ms in range(500, 30_000, 500):
            await offer(shop, "offline-ok", slow_ms=500)
            await shop.clock.sleep(Millis(wait_ms))
            if shop.text_id == "chip_approved":
                break
            shop.slam_keys("CANCEL")
            await shop.see("请拔卡", 30)
            sold = shop.text_id == "chip_approved"
            shop.remove()
            await shop.see("^idle$", 120)
            if sold:
                return
        pytest.fail("there was no moment in which CANCEL was too late")

    (record,) = a_day(tmp_path, work)
    assert record.phase is Phase.DONE


def test_tamper_while_a_slow_card_works_ends_at_once(tmp_path: Path) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path), parameters=hurried()) as shop:
            await offer(shop, "offline-ok", slow_ms=4_000)
            await shop.see("chip_processing", 5)
            began_ms = shop.clock.elapsed_ms()
            shop.world.set_tamper(opened=True)
            assert isinstance(await shop.ended(), Tampered)
            assert shop.clock.elapsed_ms() - began_ms < 1_000
            shop.world.set_tamper(opened=False)
            shop.remove()
            shop.power_on()
            await shop.see("idle", 5)
        journal = shop.journal()
        assert journal.records() == []
        assert journal.verify() == []
        journal.close()

    run_virtually(day())


@pytest.mark.parametrize("slow_ms", [2_900, 20_000])
def test_card_without_haste_is_a_card_error_within_its_time(tmp_path: Path, slow_ms: int) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "offline-ok", slow_ms=slow_ms)
        await shop.see("卡片错误", 45)
        await shop.see("请拔卡", 5)
        shop.remove()
        await shop.see("insert_again|idle", 10)
        if shop.text_id == "insert_again":
            await shop.press("CANCEL")
        await offer(shop, "offline-ok")
        await shop.see("chip_approved", 30)
        await take_back(shop)

    records = a_day(tmp_path, work)
    assert [record.phase for record in records] == [Phase.DONE]


class UnpluggedReader(BenchCardReader):
    """A reader whose cable is pulled before a command with a number; the slot can tell nothing any more."""

    commands_left = 0

    async def ask(self, card: BenchCard, number: int, question: CardPower | CardCommand, timeout_ms: Millis) -> bytes:
        if self.commands_left == 0:
            raise ReaderMissing("the cable is out")
        self.commands_left -= 1
        return await super().ask(card, number, question, timeout_ms)


def plugged_for(commands: int) -> Callable[[Harness], BenchCardReader]:
    def reader(harness: Harness) -> BenchCardReader:
        made = UnpluggedReader(harness)
        made.commands_left = commands
        return made

    return reader


@pytest.mark.parametrize("commands", [0, 1, 5])
def test_reader_that_is_gone_is_told_and_waits_for_no_removal(tmp_path: Path, commands: int) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path), parameters=hurried(), reader=plugged_for(commands)) as shop:
            await offer(shop, "offline-ok")
            await shop.see("^reader_missing$", 5)
            await shop.see("^idle$", 5)
            await shop.sell("5")
        journal = shop.journal()
        assert len(journal.records()) == 1
        journal.close()

    run_virtually(day())


@pytest.mark.parametrize(("card", "title"), [("up-debit", "请输入密码"), ("plain-offline-pin", "ENTER PIN")])
def test_pin_is_asked_for_in_the_cardholders_language_and_the_result_told_in_the_merchants(
    tmp_path: Path, card: str, title: str
) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, card)
        await shop.see("enter_pin", 30)
        assert shop.world.frame.title == title
        await shop.press("CANCEL")
        await shop.see("请拔卡", 5)
        shop.remove()

    assert a_day(tmp_path, work) == []


def test_english_display_asks_a_chinese_card_in_english(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "up-debit")
        await shop.see("enter_pin", 30)
        assert shop.world.frame.title == "ENTER PIN"
        await shop.press("CANCEL")
        await shop.see("Remove card", 5)
        shop.remove()

    assert a_day(tmp_path, work, display="lcd-20x4") == []
