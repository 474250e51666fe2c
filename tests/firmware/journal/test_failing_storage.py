"""A disk that is full or broken: a call that raises has changed nothing, and the next one works."""

from __future__ import annotations

from collections.abc import Callable

import apsw
import pytest

from firmware.hal.errors import StorageFailed, StorageFull
from firmware.journal import Journal, Kind, Phase, PrintState, Record
from tests.firmware.journal.site import Site, disk_site, sold, yuan
from tests.power.storage import Disk

SMALL_STORAGE = ("write journal-marks", "write journal-key-check", "seal ")


class Breaker:
    """Lets the effects from one number up to another one fail, and names them."""

    def __init__(self, first: int = 0, last: int = 0, error: type[apsw.Error] = apsw.IOError) -> None:
        self.names: list[str] = []
        self._failing = range(first, last + 1)
        self._error = error

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) in self._failing:
            raise StorageFailed("broken") if name.startswith(SMALL_STORAGE) else self._error("broken")


def sale_with_void(journal: Journal) -> list[Callable[[], object]]:
    """The steps of a sale with its receipt and of its void, each to be called until it works."""
    records: list[Record] = []

    def opened(kind: Kind) -> None:
        original = records[-1] if kind is Kind.CASH_VOID else None
        records.append(journal.open_record(kind, yuan(1200), original=original))

    def advanced(phase: Phase) -> None:
        records[-1] = journal.advance(records[-1], phase)

    def marked(state: PrintState) -> None:
        journal.mark_print(journal.unfinished_prints()[0], state)

    return [
        lambda: opened(Kind.CASH_SALE),
        lambda: advanced(Phase.COMPLETED),
        lambda: journal.queue_print(records[-1], "merchant"),
        lambda: marked(PrintState.SENT),
        lambda: marked(PrintState.ACKED),
        lambda: advanced(Phase.DONE),
        lambda: journal.note("test.noted"),
        lambda: opened(Kind.CASH_VOID),
        lambda: advanced(Phase.COMPLETED),
    ]


def state_of(journal: Journal) -> object:
    commits = journal._database.integer("SELECT commits FROM counters")
    return journal.records(), journal.unfinished_prints(), commits


def effects() -> list[str]:
    counted = Breaker()
    disk = Disk()
    journal = disk_site(disk).open()
    disk.on_effect = counted
    for step in sale_with_void(journal):
        step()
    journal.close()
    return counted.names


@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
def test_step_with_one_failing_effect_is_whole_or_raises_and_works_again(error: type[apsw.Error]) -> None:
    raised = 0
    for number in range(1, len(effects()) + 1):
        disk = Disk()
        site = disk_site(disk)
        journal = site.open()
        disk.on_effect = Breaker(number, number, error)
        for step in sale_with_void(journal):
            before = state_of(journal)
            try:
                step()
            except StorageFailed:
                raised += 1
                assert state_of(journal) == before, number
                step()
            assert state_of(journal) != before
        journal.close()
        check_sale_with_void(site)
    assert raised > 10


def check_sale_with_void(site: Site) -> None:
    journal = site.open()
    sale, void = journal.records()
    assert (sale.phase, sale.voided_by, void.phase) == (Phase.DONE, void.id, Phase.COMPLETED)
    assert (sale.stan.number, void.stan.number) == (1, 2)
    assert journal.unfinished_prints() == []
    assert journal.verify() == []
    journal.close()


def complaint_of(step: Callable[[], object]) -> str:
    try:
        step()
    except StorageFailed as failed:
        return str(failed)
    return ""


@pytest.mark.parametrize("width", [1, 2, 5])
def test_step_with_some_failing_effects_tells_the_truth_or_that_nobody_knows(width: int) -> None:
    for number in range(1, len(effects()) + 1):
        disk = Disk()
        journal = disk_site(disk).open()
        disk.on_effect = Breaker(number, number + width)
        for step in sale_with_void(journal):
            before = state_of(journal)
            complaint = complaint_of(step)
            if complaint:
                disk.on_effect = Breaker()
                if state_of(journal) != before:
                    assert "shows when the terminal starts again" in complaint, number
                    break
                step()
            assert state_of(journal) != before, number
        assert journal.verify() == []
        journal.close()


def number_of_steps_done(steps: list[Callable[[], object]]) -> int:
    for place, step in enumerate(steps):
        try:
            step()
        except StorageFailed:
            return place
    return len(steps)


def test_disk_that_stays_broken_says_so_and_serves_again_when_mended() -> None:
    stopped = 0
    for number in range(1, len(effects()), 5):
        disk = Disk()
        site = disk_site(disk)
        journal = site.open()
        disk.on_effect = Breaker(number, 10_000)
        steps = sale_with_void(journal)
        stopped += number_of_steps_done(steps) < len(steps)
        disk.on_effect = Breaker()
        assert journal.verify() == []
        sold(journal)
        journal.close()
    assert stopped > 10


def test_open_with_one_failing_effect_works_or_works_again() -> None:
    counted = Breaker()
    disk_site(Disk(counted)).open().close()
    for number in range(1, len(counted.names) + 1):
        disk = Disk(Breaker(number, number))
        site = disk_site(disk)
        try:
            journal = site.open()
        except StorageFailed:
            journal = site.open()
        disk.on_effect = Breaker()
        sold(journal)
        assert journal.verify() == []
        journal.close()


def test_open_record_on_a_full_disk_names_it_and_loses_nothing() -> None:
    disk = Disk()
    journal = disk_site(disk).open()
    sales = [sold(journal)]
    disk.capacity = sum(len(content.seen) for content in disk.files.values()) + 60_000

    def sell_on() -> None:
        sales.extend(sold(journal) for _ in range(500))

    with pytest.raises(StorageFull, match="no room left"):
        sell_on()
    disk.capacity = None
    whole = [record for record in journal.records() if record.phase is Phase.DONE]
    assert whole == sales
    assert journal.verify() == []
    sold(journal)
    journal.close()


def test_directory_that_turned_read_only_names_it() -> None:
    disk = Disk()
    site = disk_site(disk)
    site.open().close()
    disk.on_effect = Breaker(1, 10_000, apsw.ReadOnlyError)
    with pytest.raises(StorageFailed, match="/state"):
        site.open()
    disk.on_effect = Breaker()
    site.open().close()
