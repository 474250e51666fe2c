"""How much may wait for the acquirer: at each bound a chip is approved online or not at all, and what waits drains."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.host_link import LineFaults
from firmware.journal import Phase
from firmware.units import Money
from tests.acquirer_books import given_up_notices
from tests.scenario.counter import a_day_online, sell, speaking
from tests.scenario.matrix import to_idle
from tests.shop import PROFILE_OF_ACQUIRER, Shop, file_storage
from tests.virtual_time import run_virtually


def line_down(acquirer: InMemoryAcquirer) -> None:
    acquirer.far_end.hang_up()
    acquirer.far_end.faults = LineFaults(refuse_connect=True)


LIMITS = PROFILE_OF_ACQUIRER.offline
BOUNDS = {
    "count": replace(LIMITS, count=1),
    "sum": replace(LIMITS, total=Money(1_099, LIMITS.total.currency)),
    "age": LIMITS,
}


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("up", [True, False])
def test_chip_is_only_approved_online_where_as_much_waits_as_may(tmp_path: Path, up: bool, bound: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await shop.menu("sign_on")
        await to_idle(shop)
        line_down(acquirer)
        await sell(shop, "5 0 0", "offline-ok")
        if bound == "age":
            shop.clock.shift(timedelta(milliseconds=LIMITS.age))
        if up:
            acquirer.mend()
        await shop.press("6 00 ENTER")
        await shop.see("choose_payment")
        shop.insert("offline-ok")
        await shop.see("approved" if up else "^declined$", 120)
        if not up:
            assert shop.lines[1] == "联机失败"
        await to_idle(shop)
        acquirer.mend()
        await sell(shop)
        rows = acquirer.books.rows("SELECT kind FROM booking WHERE state = 'approved' ORDER BY id")
        assert [row["kind"] for row in rows].count("offline_sale") == 1

    first, second, third = a_day_online(tmp_path, work, profile=replace(PROFILE_OF_ACQUIRER, offline=BOUNDS[bound]))
    assert (first.phase, third.phase) == (Phase.DONE, Phase.DONE)
    assert first.answer is None
    assert second.phase is (Phase.DONE if up else Phase.DECLINED)
    assert (second.answer is not None) is up


def test_refusal_that_wants_what_waits_gets_it_at_once(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, "5 0 0", "offline-ok")
        assert acquirer.books.bookings() == 0
        await sell(shop, "1 2 7 9")
        await to_idle(shop)
        (row,) = acquirer.books.rows("SELECT kind FROM booking WHERE state = 'approved'")
        assert row["kind"] == "offline_sale"

    waiting, refused = a_day_online(tmp_path, work)
    assert (waiting.phase, refused.phase) == (Phase.DONE, Phase.DECLINED)
    assert refused.answer is not None
    assert refused.answer.code == "79"


def test_notice_that_was_given_up_leaves_its_room_to_the_next_offline_approval(tmp_path: Path) -> None:
    profile = replace(PROFILE_OF_ACQUIRER, offline=BOUNDS["count"])
    acquirer = InMemoryAcquirer.open(profile=profile)

    async def day() -> None:
        async with Shop(file_storage(tmp_path), parameters=speaking("zh"), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await sell(shop, "5 0 0", "offline-ok")
            acquirer.add_fault(
                Fault(FaultKind.DECLINE, frozenset({"offline_sale"}), times=profile.retries.advice_tries)
            )
            for _ in range(profile.retries.advice_tries):
                await sell(shop)
            line_down(acquirer)
            await sell(shop, "6 0 0", "offline-ok")
        journal = shop.journal()
        first, *_, last = journal.records()
        assert [(each.phase, each.answer) for each in (first, last)] == [(Phase.DONE, None)] * 2
        assert [each.record_id for each in journal.notices.waiting()] == [last.id]
        assert given_up_notices(journal) == {(first.batch, first.stan.number)}
        journal.close()

    run_virtually(day())
