"""A chip whose sequence number is none: its refund is told and uploaded without one, and nothing ends the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.card_readers import BenchCard, BenchCardReader
from firmware.journal import Phase
from firmware.units import Millis
from tests.scenario.counter import back_to_idle, sell, show_card
from tests.scenario.test_settlement import settle, unbalance
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually

_PROPER = bytes.fromhex("5F340101")


class _OddReader(BenchCardReader):
    """A reader whose cards tell another sequence number than they have."""

    odd = b""

    async def transmit(self, card: BenchCard, command: bytes, timeout_ms: Millis) -> bytes:
        return (await super().transmit(card, command, timeout_ms)).replace(_PROPER, self.odd or _PROPER)


@pytest.mark.parametrize("odd", ["5F3401FF", "5F34010A"])
def test_refund_by_a_chip_with_an_odd_sequence_number_is_uploaded(tmp_path: Path, odd: str) -> None:
    acquirer = InMemoryAcquirer.open()

    async def day() -> list[Phase]:
        shop = Shop(file_storage(tmp_path), parameters=hurried(), acquirer=acquirer, reader=_OddReader)
        async with shop:
            await shop.see("^idle$")
            await sell(shop, card="up-debit")
            _OddReader.odd = bytes.fromhex(odd)
            await shop.menu("refund")
            await shop.press("2 ENTER")
            await shop.see("confirm_errand")
            await shop.press("ENTER 5 0 0 ENTER")
            await show_card(shop, "up-debit")
            await back_to_idle(shop)
            unbalance(acquirer)
            await settle(shop)
        journal = shop.journal()
        phases = [each.phase for each in journal.records()]
        journal.close()
        return phases

    try:
        assert run_virtually(day()) == [Phase.DONE] * 2
    finally:
        _OddReader.odd = b""
