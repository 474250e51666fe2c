"""Cut the power at every effect of a day at the counter: what the journal returned is there, and nothing half."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from firmware.journal import Journal, JournalMissing, Kind, Phase, PrintState
from firmware.units import Stan
from tests.firmware.journal.site import Site, bury, disk_site, yuan
from tests.power.storage import Disk, PowerLost

STEP = 2
"""Each effect is told twice, before and after: one seed cuts before them all, the next one after them all."""


@dataclass
class Told:
    """What the journal has promised by returning: the phases of records by trace number, and print jobs."""

    phases: dict[Stan, Phase] = field(default_factory=dict)
    prints: dict[int, PrintState] = field(default_factory=dict)
    under_way: tuple[Stan, Phase] | None = None


class Cutter:
    """Counts effects, and pulls the plug at one of them."""

    def __init__(self, cut_at: int | None = None) -> None:
        self.names: list[str] = []
        self._cut_at = cut_at

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self._cut_at:
            raise PowerLost


def sell(journal: Journal, told: Told, minor: int) -> None:
    """A cash sale with its receipt, as a flow does it."""
    record = journal.open_record(Kind.CASH_SALE, yuan(minor), tendered=yuan(minor + 300))
    told.phases[record.stan] = record.phase
    finish(journal, told, record.stan)


def void_last(journal: Journal, told: Told) -> None:
    """A void of the last sale."""
    original = journal.last()
    assert original is not None
    record = journal.open_record(Kind.CASH_VOID, original.amount, original=original)
    told.phases[record.stan] = record.phase
    finish(journal, told, record.stan)


def finish(journal: Journal, told: Told, stan: Stan) -> None:
    record = journal.by_stan(stan)
    assert record is not None
    for phase in (Phase.COMPLETED, Phase.DONE):
        told.under_way = (stan, phase)
        record = journal.advance(record, phase)
        told.phases[stan], told.under_way = phase, None
        if phase is Phase.COMPLETED:
            job = journal.queue_print(record, "merchant")
            told.prints[job.id] = job.state
            for state in (PrintState.SENT, PrintState.ACKED):
                told.prints[job.id] = journal.mark_print(job, state).state
                job = replace(job, state=state)


def day(site: Site, told: Told) -> None:
    """Two starts, two sales and a void; the journal is made in the first."""
    journal = None
    try:
        journal = site.open()
        sell(journal, told, 1200)
        void_last(journal, told)
        journal.close()
        journal = site.open()
        journal.note("test.noted", answer=42)
        sell(journal, told, 990)
        journal.close()
    finally:
        bury(journal)


def check_survivors(journal: Journal, told: Told) -> None:
    assert journal.verify() == []
    records = journal.records()
    assert len({record.stan for record in records}) == len(records)
    there = {record.stan: record.phase for record in records}
    for stan, phase in told.phases.items():
        allowed = {phase} | ({told.under_way[1]} if told.under_way and told.under_way[0] == stan else set())
        assert there[stan] in allowed, (stan, phase, there)
    extra = there.keys() - told.phases.keys()
    assert len(extra) <= 1, extra
    assert all(there[stan] is Phase.OPENED for stan in extra)
    assert {record.stan for record in journal.unfinished()} == {
        stan for stan, phase in there.items() if phase in (Phase.OPENED, Phase.COMPLETED)
    }
    check_prints(journal, told)


def check_next_sale(journal: Journal) -> None:
    taken = {record.stan for record in journal.records()}
    told = Told()
    sell(journal, told, 77)
    assert not taken & told.phases.keys()
    assert journal.verify() == []


def check_prints(journal: Journal, told: Told) -> None:
    unfinished = {job.id: job.state for job in journal.unfinished_prints()}
    for number, state in told.prints.items():
        if state is PrintState.ACKED:
            assert number not in unfinished
        elif number in unfinished:
            assert unfinished[number] in (state, PrintState.SENT)
        else:
            assert state is PrintState.SENT, (number, state)


def effects_of(work: Callable[[Site, Told], None]) -> list[str]:
    counted = Cutter()
    work(disk_site(Disk(counted)), Told())
    return counted.names


@pytest.mark.parametrize("seed", range(STEP))
def test_day_power_cut_at_every_effect_keeps_what_was_told(seed: int) -> None:
    for cut_at in range(1 + seed, len(effects_of(day)) + 1, STEP):
        disk, told = Disk(Cutter(cut_at), seed=cut_at), Told()
        site = disk_site(disk)
        with pytest.raises(PowerLost):
            day(site, told)
        disk.restart()
        journal = site.open()
        check_survivors(journal, told)
        check_next_sale(journal)
        journal.close()


def test_restart_power_cut_again_at_every_effect_keeps_what_was_told() -> None:
    def interrupted() -> tuple[Disk, Site, Told]:
        disk, told = Disk(Cutter(len(effects_of(day)) * 2 // 3), seed=5), Told()
        site = disk_site(disk)
        with pytest.raises(PowerLost):
            day(site, told)
        return disk, site, told

    counted = Cutter()
    disk, site, _told = interrupted()
    disk.restart(counted)
    site.open().close()
    for cut_at in range(1, len(counted.names) + 1):
        disk, site, told = interrupted()
        disk.restart(Cutter(cut_at))
        with pytest.raises(PowerLost):
            site.open().close()
        disk.restart()
        journal = site.open()
        check_survivors(journal, told)
        journal.close()


def test_start_new_power_cut_at_every_effect_never_reuses_a_stan() -> None:
    def lost() -> tuple[Disk, Site, Told]:
        disk, told = Disk(), Told()
        site = disk_site(disk)
        day(site, told)
        disk.files.clear()
        disk.sync_names()
        return disk, site, told

    counted = Cutter()
    disk, site, _told = lost()
    disk.on_effect = counted
    site.open(start_new=True).close()
    for cut_at in range(1, len(counted.names) + 1):
        disk, site, told = lost()
        disk.on_effect = Cutter(cut_at)
        with pytest.raises(PowerLost):
            site.open(start_new=True).close()
        disk.restart()
        try:
            journal = site.open()
        except JournalMissing:
            journal = site.open(start_new=True)
        assert journal.verify() == []
        assert journal.open_record(Kind.CASH_SALE, yuan(5)).stan > max(told.phases)
        assert journal.batch == 2
        journal.close()
