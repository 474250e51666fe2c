"""A terminal on a matrix of keys of which one stays down: the idle screen names it, the log counts it, sales go on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from drivers.bench.link import Link
from firmware.hal import Devices, Key
from tests.drivers.gpio.keypad_hands import Hands
from tests.shop import Shop, file_storage
from tests.virtual_time import run_virtually


class MatrixShop(Shop):
    """A shop whose terminal has its keys on the header's pins."""

    hands: Hands

    def devices(self, link: Link) -> Devices:
        self.hands = Hands()
        return replace(super().devices(link), keypad=self.hands.keypad)


TOLD = "按键卡住: 5"


def test_key_that_sticks_is_named_at_idle_until_it_comes_up(tmp_path: Path) -> None:
    async def scene() -> list[Any]:
        with capture_logs() as logged:
            async with MatrixShop(file_storage(tmp_path)) as shop:
                await shop.see("idle")
                shop.hands.down(Key.D5)
                await asyncio.sleep(10.1)
                assert shop.text_id == "enter_amount"
                await shop.hands.press(Key.CANCEL)
                await shop.see("idle")
                assert TOLD in shop.lines
                await shop.hands.press(Key.D7)
                await shop.see("enter_amount")
                await shop.hands.press(Key.CANCEL)
                await shop.see("idle")
                shop.hands.up(Key.D5)
                await asyncio.sleep(1)
                assert TOLD not in shop.lines
        return [(line["event"], line.get("keys")) for line in logged if str(line["event"]).startswith("keypad")]

    assert run_virtually(scene()) == [("keypad.stuck", 1), ("keypad.freed", None)]
