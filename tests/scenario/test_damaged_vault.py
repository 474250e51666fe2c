"""A key vault that cannot be read any more: cards are declined, cash goes on, and nothing ends the terminal."""

from __future__ import annotations

from pathlib import Path

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Kind, Phase
from firmware.keys.vault import VAULT_NAME
from tests.scenario.counter import back_to_idle, sell
from tests.scenario.test_settlement import a_day
from tests.shop import Shop


def test_vault_that_cannot_be_read_declines_cards_and_keeps_nobody_from_cash(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        await shop.cut_power()
        sealed = bytearray(shop.storage.nvram.read(VAULT_NAME) or b"")
        sealed[-1] ^= 1
        shop.storage.nvram.write(VAULT_NAME, bytes(sealed))
        shop.power_on()
        await sell(shop)
        for item in ("sign_on", "sign_off"):
            await shop.menu(item)
            await shop.see("line_failed|line_ok", 60)
            await back_to_idle(shop)
        await shop.sell("1 00")

    journal, _ = a_day(tmp_path, work)
    assert [(each.kind, each.phase) for each in journal.records()] == [
        (Kind.SALE, Phase.DONE),
        (Kind.SALE, Phase.DECLINED),
        (Kind.CASH_SALE, Phase.DONE),
    ]
    journal.close()
