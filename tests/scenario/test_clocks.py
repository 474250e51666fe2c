"""A terminal whose clock is not the acquirer's: told, shown where one looks for it, and never set silently."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from tests.scenario.counter import a_day_online, back_to_idle, sell, show_card
from tests.scenario.dialects import BOTH
from tests.shop import Shop

pytestmark = BOTH


@pytest.mark.parametrize(
    ("language", "off"), [("zh", timedelta(hours=1)), ("en", timedelta(minutes=-11)), ("zh", timedelta(days=-400))]
)
def test_clock_that_differs_is_told_after_the_sale_and_stays_on_the_idle_screen(
    tmp_path: Path, language: str, off: timedelta, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        shop.clock.shift(off)
        await shop.press("5 0 0 ENTER")
        await show_card(shop, "up-stripe")
        await shop.see("clock_differs", 60)
        now = shop.clock.now()
        assert [line.split(maxsplit=1)[1] for line in shop.lines[:2]] == [
            f"{now:%m-%d %H:%M}",
            f"{now - off:%m-%d %H:%M}",
        ]
        await back_to_idle(shop)
        assert shop.lines[1] == {"zh": "请校准时钟", "en": "Set the clock"}[language]
        await shop.menu("status")
        assert shop.text_id == "clock_differs"
        await shop.press("ENTER")
        await shop.see("last_state")
        await shop.press("CANCEL")
        await sell(shop)
        assert shop.clock.now() - shop.clock.right_time() == off

    assert len(a_day_online(tmp_path, work, language)) == 2
    assert "clock.differs" in capsys.readouterr().out


def test_clock_that_was_put_right_is_told_no_more(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        shop.clock.shift(timedelta(hours=1))
        await shop.menu("echo")
        await shop.see("clock_differs", 60)
        shop.clock.shift(timedelta(hours=-1))
        await back_to_idle(shop)
        await sell(shop)
        assert shop.lines[1] == ""
        await shop.menu("status")
        assert shop.text_id == "last_state"
        await shop.press("CANCEL")
        shop.clock.shift(timedelta(hours=2))
        await shop.menu("version")
        await shop.press("ENTER")
        await shop.see("clock_differs", 60)

    a_day_online(tmp_path, work)


def test_clock_within_the_bound_is_no_matter(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        shop.clock.shift(timedelta(minutes=9))
        await sell(shop)
        assert shop.lines[1] == ""

    assert len(a_day_online(tmp_path, work)) == 1
