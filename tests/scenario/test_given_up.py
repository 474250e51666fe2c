"""A reversal that the acquirer does not take: told and printed after its last try, and kept in sight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Phase
from tests.scenario.counter import a_day_online, back_to_idle, show_card
from tests.shop import PARAMETERS, Shop


@pytest.mark.parametrize("kind", [FaultKind.DECLINE, FaultKind.SILENT])
def test_reversal_that_was_given_up_is_told_and_printed_once(tmp_path: Path, kind: FaultKind) -> None:
    slips: list[int] = []

    async def sell(shop: Shop) -> None:
        await shop.see("^idle$", 60)
        await shop.press("5 00 ENTER")
        await show_card(shop, "up-stripe")

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
        acquirer.add_fault(Fault(kind, frozenset({"reversal"}), times=3, code="96"))
        await sell(shop)
        await back_to_idle(shop)
        slips.append(len(shop.paper))
        await sell(shop)
        await shop.see("reversal_failed", 60)
        assert "000002" in "".join(shop.lines)
        await back_to_idle(shop)
        slips.append(len(shop.paper))
        assert "结果不明" in shop.paper[-1].text
        assert "000002" in shop.paper[-1].text
        await sell(shop)
        await back_to_idle(shop)
        slips.append(len(shop.paper))

    records = a_day_online(tmp_path, work, parameters=replace(PARAMETERS, decline_slip=()))
    assert [each.phase for each in records] == [Phase.UNRESOLVED, Phase.DONE, Phase.DONE]
    assert slips == [0, 3, 5]
