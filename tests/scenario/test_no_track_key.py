"""An acquirer that wants tracks enciphered and gives no key for them: stripes are declined, the terminal goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Phase
from tests.scenario.counter import a_day_online, sell
from tests.shop import PROFILE_OF_ACQUIRER, Shop


def test_stripe_without_a_key_for_its_track_is_declined(tmp_path: Path) -> None:
    security = replace(PROFILE_OF_ACQUIRER.security, sign_on="003")

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        del acquirer
        await sell(shop)
        await sell(shop)

    records = a_day_online(tmp_path, work, profile=replace(PROFILE_OF_ACQUIRER, security=security))
    assert [each.phase for each in records] == [Phase.DECLINED] * 2
