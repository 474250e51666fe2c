"""Answers that come twice or too late: none is taken for the answer to another question, and none is believed late."""

from __future__ import annotations

from pathlib import Path

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Phase
from firmware.units import Millis
from tests.scenario.test_online_sale import a_day_online, back_to_idle, pay_by_chip
from tests.shop import Shop


def test_second_copy_of_an_answer_is_not_the_answer_to_the_next_question(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.TWICE, frozenset({"sign_on"})))
        await pay_by_chip(shop)
        await shop.see("chip_approved", 60)
        await back_to_idle(shop)

    (record,) = a_day_online(tmp_path, work)
    assert record.phase is Phase.DONE


def test_approval_after_the_deadline_is_reversed(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.LATE, frozenset({"sale"}), late_ms=61_000))
        await pay_by_chip(shop)
        await shop.see("declined", 120)
        await shop.clock.sleep(Millis(30_000))
        await back_to_idle(shop)
        await pay_by_chip(shop, "5 0 0")
        await shop.see("chip_approved", 120)
        await back_to_idle(shop)

    late, following = a_day_online(tmp_path, work)
    assert (late.phase, following.phase) == (Phase.REVERSED, Phase.DONE)
