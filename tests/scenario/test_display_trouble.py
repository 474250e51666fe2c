"""A display that fails ends no sale; a PIN is not taken where nobody could read what is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.devices import BenchKeypad
from drivers.bench.link import Link
from drivers.keypad_pin.pad import KeypadPinPad
from firmware.hal import Devices, Display
from firmware.hal.errors import DisplayFailed
from firmware.journal import Record
from firmware.journal.phases import Phase
from firmware.surfaces import Frame
from tests.scenario.counter import back_to_idle
from tests.scenario.test_chip_sale import offer
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually

RESULTS = {"approved", "declined", "chip_approved", "stripe_approved"}


class DisplayOnALooseWire:
    """The bench's display; fails at the screens in `fails_at` and is back for a result; all of them can be seen."""

    def __init__(self, display: Display, fails_at: set[str]) -> None:
        self._display = display
        self._fails_at = fails_at
        self.columns, self.chinese = display.columns, display.chinese
        self.failed = False

    def show(self, frame: Frame) -> None:
        self._display.show(frame)
        self.failed = self.failed and frame.text_id not in RESULTS
        if frame.text_id in self._fails_at:
            self._fails_at.remove(frame.text_id)
            self.failed = True
            raise DisplayFailed("display on /dev/i2c-1: not found")

    async def close(self) -> None:
        await self._display.close()


class LooseShop(Shop):
    fails_at: set[str]

    def devices(self, link: Link) -> Devices:
        devices = super().devices(link)
        display = DisplayOnALooseWire(devices.display, self.fails_at)
        assert isinstance(devices.keypad, BenchKeypad)
        return replace(devices, display=display, pin_pad=KeypadPinPad(devices.keypad, display, devices.panel))


def in_a_shop(
    tmp_path: Path,
    fails_at: set[str],
    work: Callable[[Shop], Awaitable[None]],
    acquirer: InMemoryAcquirer | None = None,
) -> list[Record]:
    sold: list[Record] = []

    async def day() -> None:
        shop = LooseShop(file_storage(tmp_path), parameters=hurried(), acquirer=acquirer)
        shop.fails_at = fails_at
        async with shop:
            await work(shop)
        assert fails_at == set()
        journal = shop.journal()
        sold.extend(journal.records())
        journal.close()

    run_virtually(day())
    return sold


def test_display_that_fails_in_the_middle_of_a_sale_is_logged_once_and_the_sale_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(shop: Shop) -> None:
        await shop.see("idle")
        await shop.sell("1 2 3")

    (record,) = in_a_shop(tmp_path, {"idle", "enter_amount"}, work)
    assert (record.amount.minor, record.phase) == (123, Phase.DONE)
    assert capsys.readouterr().out.count("display.failed") == 2


@pytest.mark.parametrize("fails_at", ["enter_pin", "chip_processing"])
def test_pin_is_not_taken_for_a_chip_on_a_display_that_has_failed(tmp_path: Path, fails_at: str) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "plain-offline-pin")
        await shop.see("请拔卡", 30)
        shop.remove()
        await shop.see("^idle$", 120)

    (record,) = in_a_shop(tmp_path, {fails_at}, work)
    assert record.phase is Phase.DECLINED


@pytest.mark.parametrize("fails_at", ["enter_pin", "choose_payment"])
def test_pin_is_not_taken_for_a_stripe_on_a_display_that_has_failed(tmp_path: Path, fails_at: str) -> None:
    async def work(shop: Shop) -> None:
        await shop.see("idle")
        await shop.press("5 0 0 ENTER")
        await shop.see("choose_payment")
        shop.swipe("up-stripe")
        await shop.see("approved|declined", 60)
        await back_to_idle(shop)

    (record,) = in_a_shop(tmp_path, {fails_at}, work, InMemoryAcquirer.open())
    assert record.card is not None
    assert record.card.cvm == "signature"
