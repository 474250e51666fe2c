"""The calls of the journal, as a flow makes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from firmware.hal.errors import StorageFull
from firmware.journal import (
    AlreadyVoided,
    BatchFull,
    BatchState,
    Journal,
    Kind,
    NotVoidable,
    Phase,
    PrintJob,
    PrintState,
    queries,
)
from firmware.units import Currency, Money, Stan
from tests.firmware.journal.site import TERMINAL, Site, file_site, sold, yuan


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return file_site(tmp_path)


def test_open_record_returns_it_as_it_is_on_disk(site: Site) -> None:
    journal = site.open()
    record = journal.open_record(Kind.CASH_SALE, yuan(1250), tendered=yuan(2000))
    assert (record.id, record.terminal, record.batch, record.stan) == (1, TERMINAL, 1, Stan(1))
    assert (record.kind, record.phase) == (Kind.CASH_SALE, Phase.OPENED)
    assert (record.amount, record.tendered, record.change) == (yuan(1250), yuan(2000), yuan(750))
    assert (record.original_id, record.voided_by, record.completed_at) == (None, None, None)
    assert record.opened_at.utcoffset() == timedelta(hours=8)
    journal.close()
    journal = site.open()
    assert journal.record(record.id) == record
    journal.close()


def test_record_without_tendered_has_no_change(site: Site) -> None:
    journal = site.open()
    assert journal.open_record(Kind.CASH_SALE, yuan(1)).change is None
    journal.close()


def test_advance_through_all_phases_keeps_each_on_disk(site: Site) -> None:
    journal = site.open()
    record = journal.open_record(Kind.CASH_SALE, yuan(1250))
    completed = journal.advance(record, Phase.COMPLETED)
    assert completed.completed_at is not None
    assert completed.completed_at > record.opened_at
    done = journal.advance(completed, Phase.DONE)
    assert (done.phase, done.completed_at) == (Phase.DONE, completed.completed_at)
    journal.close()


def test_stans_follow_each_other(site: Site) -> None:
    journal = site.open()
    assert [sold(journal).stan.number for _ in range(3)] == [1, 2, 3]
    journal.close()


def test_stan_after_many_records_passes_the_blocks_reserved(site: Site) -> None:
    journal = site.open()
    stans = [journal.open_record(Kind.CASH_SALE, yuan(1)).stan.number for _ in range(105)]
    assert stans == list(range(1, 106))
    journal.close()


@pytest.mark.parametrize("phase", [Phase.OPENED, Phase.DONE])
def test_advance_against_the_table_is_a_mistake(site: Site, phase: Phase) -> None:
    journal = site.open()
    record = journal.open_record(Kind.CASH_SALE, yuan(1))
    with pytest.raises(AssertionError):
        journal.advance(record, phase)
    assert journal.record(record.id) == record
    journal.close()


def test_advance_of_a_record_that_moved_on_is_a_mistake(site: Site) -> None:
    journal = site.open()
    record = journal.open_record(Kind.CASH_SALE, yuan(1))
    journal.advance(record, Phase.COMPLETED)
    with pytest.raises(AssertionError, match="moved on"):
        journal.advance(record, Phase.ABANDONED)
    assert journal.record(record.id).phase is Phase.COMPLETED
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize(
    ("amount", "tendered"),
    [(yuan(0), None), (yuan(100), yuan(99)), (Money(100, Currency("USD", 840, 2)), None)],
)
def test_open_record_with_nonsense_is_a_mistake(site: Site, amount: Money, tendered: Money | None) -> None:
    journal = site.open()
    with pytest.raises(AssertionError):
        journal.open_record(Kind.CASH_SALE, amount, tendered=tendered)
    assert journal.records() == []
    journal.close()


def test_void_of_a_sale_binds_both(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    void = journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    assert void.original_id == sale.id
    assert journal.record(sale.id).voided_by == void.id
    journal.close()


def test_void_that_was_abandoned_leaves_the_sale_voidable(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    journal.advance(journal.open_record(Kind.CASH_VOID, sale.amount, original=sale), Phase.ABANDONED)
    assert journal.record(sale.id).voided_by is None
    assert journal.open_record(Kind.CASH_VOID, sale.amount, original=sale).original_id == sale.id
    journal.close()


def test_void_twice_is_refused_and_takes_no_stan(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    with pytest.raises(AlreadyVoided, match="000001 has the cash_void 000002 already"):
        journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    assert sold(journal).stan == Stan(3)
    journal.close()


def test_void_of_a_void_an_open_or_an_abandoned_sale_is_refused(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    void = journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    opened = journal.open_record(Kind.CASH_SALE, yuan(5))
    for original in (journal.advance(void, Phase.COMPLETED), opened, journal.advance(opened, Phase.ABANDONED)):
        with pytest.raises(NotVoidable):
            journal.open_record(Kind.CASH_VOID, original.amount, original=original)
    journal.close()


def test_void_of_a_sale_of_an_earlier_batch_is_refused(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    journal.close()
    (site.directory / "journal.db").rename(site.directory / "older.db")
    journal = site.open(start_new=True)
    journal.close()
    (site.directory / "older.db").rename(site.directory / "journal.db")
    journal = site.open()
    assert journal.batch == 2
    with pytest.raises(NotVoidable):
        journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    journal.close()


def test_void_without_original_or_for_a_part_is_a_mistake(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    for amount, original in ((sale.amount, None), (yuan(1), sale)):
        with pytest.raises(AssertionError):
            journal.open_record(Kind.CASH_VOID, amount, original=original)
    journal.close()


def test_last_is_the_newest_whose_money_counts(site: Site) -> None:
    journal = site.open()
    assert journal.last() is None
    first = sold(journal)
    journal.advance(journal.open_record(Kind.CASH_SALE, yuan(1)), Phase.ABANDONED)
    journal.open_record(Kind.CASH_SALE, yuan(1))
    assert journal.last() == first
    journal.close()


def test_by_stan_finds_in_the_current_batch_only(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    assert journal.by_stan(sale.stan) == sale
    assert journal.by_stan(Stan(999_999)) is None
    journal.close()


def test_record_that_does_not_exist_is_a_mistake(site: Site) -> None:
    journal = site.open()
    with pytest.raises(AssertionError):
        journal.record(1)
    journal.close()


def test_records_by_day_batch_and_last(site: Site) -> None:
    journal = site.open()
    monday = [sold(journal) for _ in range(2)]
    site.clock.time += timedelta(days=1)
    tuesday = [sold(journal) for _ in range(3)]
    assert journal.records() == monday + tuesday
    assert journal.records(day=date(2026, 3, 14)) == monday
    assert journal.records(day=date(2026, 3, 15)) == tuesday
    assert journal.today == date(2026, 3, 15)
    assert journal.records(batch=1) == monday + tuesday
    assert journal.records(batch=2) == []
    assert journal.records(last=2) == tuesday[1:]
    assert journal.records(day=date(2026, 3, 14), batch=1, last=1) == monday[1:]
    journal.close()


def test_unfinished_are_the_records_that_boot_owes_a_duty(site: Site) -> None:
    journal = site.open()
    sold(journal)
    opened = journal.open_record(Kind.CASH_SALE, yuan(1))
    completed = journal.advance(journal.open_record(Kind.CASH_SALE, yuan(2)), Phase.COMPLETED)
    journal.advance(journal.open_record(Kind.CASH_SALE, yuan(3)), Phase.ABANDONED)
    assert journal.unfinished() == [opened, completed]
    journal.close()


def test_batch_with_every_trace_number_used_takes_no_more_and_the_next_one_does(site: Site) -> None:
    journal = site.open()
    before = [sold(journal)]
    journal._database.rows("UPDATE counters SET stans_used = 999999")
    with pytest.raises(BatchFull, match="batch 1 has a record 000001") as raised:
        journal.open_record(Kind.CASH_SALE, yuan(1))
    assert isinstance(raised.value, StorageFull)
    assert journal.records() == before
    journal.batches.advance(BatchState.CLOSING)
    journal.batches.advance(BatchState.UPLOADING)
    journal.close_batch({})
    assert sold(journal).stan == Stan(1)
    assert journal.verify() == []
    journal.close()


def test_unfinished_are_found_without_a_look_at_all_records(site: Site) -> None:
    journal = site.open()
    steps = [str(row[3]) for row in journal._database.rows(f"EXPLAIN QUERY PLAN {queries.UNFINISHED}")]
    journal.close()
    assert any(step.startswith("SEARCH r USING INTEGER PRIMARY KEY") for step in steps)
    assert not any(step.startswith("SCAN") and "open_records" not in step for step in steps), steps


def test_clock_that_jumps_back_keeps_the_order(site: Site) -> None:
    journal = site.open()
    first = sold(journal)
    site.clock.time -= timedelta(days=400)
    second = sold(journal)
    assert journal.records() == [first, second]
    assert journal.verify() == []
    journal.close()


def test_print_jobs_are_unfinished_until_confirmed_or_given_up(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    merchant = journal.queue_print(sale, "merchant")
    customer = journal.queue_print(sale, "customer")
    again = journal.queue_print(sale, "merchant")
    assert journal.unfinished_prints() == [merchant, customer, again]
    sent = journal.mark_print(journal.mark_print(merchant, PrintState.SENT), PrintState.SENT)
    journal.mark_print(again, again.given_up)
    journal.close()
    journal = site.open()
    assert journal.unfinished_prints() == [sent, customer]
    journal.mark_print(sent, PrintState.ACKED)
    assert journal.unfinished_prints() == [customer]
    journal.close()


def test_mark_print_against_the_table_or_stale_is_a_mistake(site: Site) -> None:
    journal = site.open()
    job = journal.queue_print(sold(journal), "merchant")
    with pytest.raises(AssertionError):
        journal.mark_print(job, PrintState.ACKED)
    journal.mark_print(job, PrintState.SENT)
    with pytest.raises(AssertionError, match="moved on"):
        journal.mark_print(job, PrintState.DROPPED)
    journal.close()


@pytest.mark.parametrize(
    ("states", "duplicate"),
    [
        ((), False),
        ((PrintState.DROPPED,), False),
        ((PrintState.SENT,), True),
        ((PrintState.SENT, PrintState.FAILED), True),
        ((PrintState.SENT, PrintState.ACKED), True),
        ((PrintState.SENT, PrintState.QUEUED), False),
        ((PrintState.SENT, PrintState.QUEUED, PrintState.DROPPED), False),
    ],
)
def test_copy_is_a_duplicate_where_one_may_have_come_out(
    site: Site, states: tuple[PrintState, ...], duplicate: bool
) -> None:
    journal = site.open()
    sale = sold(journal)
    queues: tuple[Callable[[], PrintJob], ...] = (
        lambda: journal.queue_print(sale, "merchant"),
        lambda: journal.queue_slip(7),
    )
    for queue in queues:
        job = queue()
        for state in states:
            job = journal.mark_print(job, state)
        assert queue().duplicate is duplicate
    assert not journal.queue_print(sale, "customer").duplicate
    assert not journal.queue_print(sold(journal), "merchant").duplicate
    assert not journal.queue_slip(8).duplicate
    journal.close()


def test_copy_that_the_printer_has_lost_is_printed_again_as_a_duplicate(site: Site) -> None:
    journal = site.open()
    job = journal.mark_print(journal.queue_print(sold(journal), "merchant"), PrintState.SENT)
    again = journal.print_again(job)
    assert (again.record_id, again.copy, again.duplicate) == (job.record_id, "merchant", True)
    assert journal.unfinished_prints() == [again]
    journal.close()


def test_slip_of_a_settlement_is_queued_with_the_end_of_its_batch(site: Site) -> None:
    journal = site.open()
    sold(journal)
    for state in (BatchState.CLOSING, BatchState.UPLOADING):
        journal.batches.advance(state)
    assert journal.unfinished_prints() == []
    journal.close_batch({})
    journal.close()
    journal = site.open()
    (job,) = journal.unfinished_prints()
    assert (job.record_id, job.batch, job.duplicate, job.state) == (None, 1, False, PrintState.QUEUED)
    assert journal.mark_print(job, job.given_up).state is PrintState.DROPPED
    assert journal.unfinished_prints() == []
    journal.close()


def test_note_is_kept_in_the_chain(site: Site) -> None:
    journal = site.open()
    journal.note("duty.done", stan="000001", tries=2, wording="重打印")
    assert journal.verify() == []
    journal.close()


def test_close_twice_is_fine(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    journal.close()
    journal.close()
    journal = site.open()
    assert journal.records() == [sale]
    journal.close()


def test_many_notes_keep_the_log_short(site: Site) -> None:
    journal = site.open()
    for number in range(120):
        journal.note("test.noted", number=number)
    assert (site.directory / "journal.db-wal").stat().st_size < 1_000_000
    assert journal.verify() == []
    journal.close()


def test_terminal_number_of_another_length_is_a_mistake(site: Site) -> None:
    with pytest.raises(AssertionError):
        Journal.open(
            site.directory,
            sealer=site.sealer,
            nvram=site.nvram,
            clock=site.clock,
            entropy=site.entropy,
            terminal="1",
            currency=yuan(1).currency,
        )
