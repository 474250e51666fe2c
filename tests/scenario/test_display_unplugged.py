"""A sale on a real display's driver and the model of its panel, the plug pulled in the middle and put back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.link import Link
from firmware.hal import Devices, Display
from firmware.surfaces import Frame
from firmware.units import Millis
from tests.panels.wired import WIRED, Wired
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually


class TwoDisplays:
    """The bench's display, which the test looks at, and a real one, which decides what can be shown."""

    def __init__(self, seen: Display, real: Display) -> None:
        self._seen = seen
        self._real = real
        self.columns, self.chinese = real.columns, real.chinese

    @property
    def failed(self) -> bool:
        return self._real.failed

    def show(self, frame: Frame) -> None:
        self._seen.show(frame)
        self._real.show(frame)

    async def close(self) -> None:
        await self._real.close()


class ShopWithScreen(Shop):
    wired: Wired

    def devices(self, link: Link) -> Devices:
        devices = super().devices(link)
        return replace(devices, display=TwoDisplays(devices.display, self.wired.screen))


@pytest.mark.parametrize("name", ["st7789", "ssd1306 on i2c", "hd44780 16x2 on pins"])
def test_sale_goes_on_without_its_display_which_shows_the_newest_screen_when_it_is_back(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def day() -> None:
        shop = ShopWithScreen(file_storage(tmp_path), parameters=hurried())
        shop.wired = WIRED[name]()
        async with shop:
            await shop.see("idle")
            await shop.press("1 2")
            await shop.clock.sleep(Millis(200))
            assert shop.wired.shows(shop.world.frame)
            shop.wired.traffic.fails_after = 0
            await shop.press("3 ENTER")
            await shop.see("choose_payment")
            await shop.clock.sleep(Millis(1000))
            assert not shop.wired.shows(shop.world.frame)
            shop.wired.replug()
            shop.wired.traffic.fails_after = None
            await shop.press("F1")
            await shop.see("enter_tendered|approved")
            await shop.clock.sleep(Millis(1100))
            assert shop.wired.shows(shop.world.frame)
            await shop.press("ENTER")
            await shop.see("approved")
        journal = shop.journal()
        assert [record.amount.minor for record in journal.records()] == [123]
        journal.close()

    run_virtually(day())
    assert capsys.readouterr().out.count("display.failed") == 1
