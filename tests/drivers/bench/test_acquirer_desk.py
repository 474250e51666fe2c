"""The bench's desk for its acquirer: what it shows of both books, and what it lets go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.bench.acquirer.control import ControlServer
from drivers.bench.acquirer.faults import FaultKind
from drivers.bench.acquirer.host import Host
from drivers.bench.acquirer_desk import AcquirerAway, AcquirerDesk, AcquirerFault
from drivers.bench.acquirer_process import Whereabouts
from drivers.bench.world import World
from tests.drivers.bench.test_both_books import record

PARAMS = Path(__file__).parents[3] / "board" / "params"
RECORDS = [record(1, "declined"), record(2, response=None)]

Scene = Callable[[World, AcquirerDesk, Host], Awaitable[None]]


def at_the_desk(scene: Scene, journal: Callable[[int], Sequence[Any] | None] = lambda _last: RECORDS) -> None:
    async def main() -> None:
        host, world = Host(PARAMS, now=lambda: datetime(2026, 11, 23, tzinfo=UTC)), World()
        control = ControlServer(host, "127.0.0.1", 0)
        await control.start()
        desk = AcquirerDesk(world, journal)
        desk.found(Whereabouts(1, control.port, Path("ca.pem")))
        following = asyncio.create_task(desk.follow())
        try:
            async with asyncio.timeout(20):
                await scene(world, desk, host)
        finally:
            following.cancel()
            await control.close()
            host.books.close()

    asyncio.run(main())


async def shown(world: World, condition: Callable[[Any], bool]) -> Any:
    while not (world.acquirer is not None and condition(world.snapshot()["acquirer"])):
        await world.changes.newer(world.changes.seq)
    return world.snapshot()["acquirer"]


def test_acquirer_found_shows_both_books_beside_each_other() -> None:
    async def scene(world: World, desk: AcquirerDesk, _host: Host) -> None:
        books = await shown(world, lambda _books: True)
        assert [(row["stan"], row["mark"]) for row in books["rows"]] == [("000002", "waiting"), ("000001", "agree")]
        assert (books["link"], books["fault"], books["balanced"]) == ("up", "ok", True)
        full = await desk.books()
        assert full["rows"] == books["rows"]
        assert full["books"]["bookings"] == []

    at_the_desk(scene)


@pytest.mark.parametrize("fault", [each for each in AcquirerFault if each is not AcquirerFault.OK])
def test_fault_strikes_the_next_question_of_a_customer_once_and_is_shown_until_then(fault: AcquirerFault) -> None:
    async def scene(world: World, desk: AcquirerDesk, host: Host) -> None:
        await desk.strike(AcquirerFault.SILENT)
        await desk.strike(fault)
        assert (await shown(world, lambda books: books["fault"] != "ok"))["fault"] == fault
        assert host.faults.take("reversal") is None
        assert host.faults.take("sign_on") is None
        taken = host.faults.take("sale")
        assert taken is not None
        assert taken.kind is FaultKind(fault.value)
        assert host.faults.waiting == ()
        world.set_line(up=True)
        await shown(world, lambda books: books["fault"] == "ok")

    at_the_desk(scene)


def test_fault_that_still_waits_is_taken_back_by_ok() -> None:
    async def scene(_world: World, desk: AcquirerDesk, host: Host) -> None:
        await desk.strike(AcquirerFault.DECLINE)
        await desk.strike(AcquirerFault.OK)
        assert host.faults.waiting == ()

    at_the_desk(scene)


def test_terminal_that_is_off_keeps_the_records_that_it_had() -> None:
    answers: list[Sequence[Any] | None] = [RECORDS, None, None]

    async def scene(world: World, desk: AcquirerDesk, _host: Host) -> None:
        await shown(world, lambda _books: True)
        assert len((await desk.books())["rows"]) == 2

    at_the_desk(scene, lambda _last: answers.pop(0) if len(answers) > 1 else None)


def test_acquirer_that_is_not_found_yet_is_away() -> None:
    with pytest.raises(AcquirerAway):
        asyncio.run(AcquirerDesk(World(), lambda _last: None).books())
