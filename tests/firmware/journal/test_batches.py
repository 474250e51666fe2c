"""A batch is closed step by step, takes nothing new meanwhile, and its totals are those of its records."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.journal import (
    AnswerFacts,
    BatchClosing,
    BatchFull,
    BatchState,
    CardFacts,
    CardSecrets,
    Journal,
    Kind,
    KindTotal,
    Phase,
)
from firmware.units import Pan
from tests.firmware.journal.site import Site, file_site, sold, yuan
from tests.firmware.journal.test_cards import FACTS, PAN, chip_sold
from tests.firmware.journal.test_host_books import asked
from tests.firmware.journal.test_verification import faults, tamper


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return file_site(tmp_path)


def closed(journal: Journal) -> None:
    journal.batches.advance(BatchState.CLOSING, {"debit_minor": 1})
    journal.batches.advance(BatchState.UPLOADING, {"balanced": False})
    journal.close_batch({"balanced": False})


def test_closing_is_continued_after_a_restart(site: Site) -> None:
    journal = site.open()
    assert (journal.batches.state, journal.batches.facts, journal.batches.uploaded) == (BatchState.OPEN, {}, 0)
    journal.batches.advance(BatchState.CLOSING)
    journal.batches.advance(BatchState.UPLOADING, {"balanced": False})
    journal.batches.note_uploaded(3)
    journal.batches.note_uploaded(4)
    journal.close()
    journal = site.open()
    assert (journal.batches.state, journal.batches.facts) == (BatchState.UPLOADING, {"balanced": False})
    assert journal.batches.uploaded == 4
    journal.close_batch({})
    assert (journal.batch, journal.batches.state, journal.batches.uploaded) == (2, BatchState.OPEN, 0)
    assert journal.verify() == []
    journal.close()


def test_batch_under_settlement_takes_no_record(site: Site) -> None:
    journal = site.open()
    journal.batches.advance(BatchState.CLOSING)
    with pytest.raises(BatchClosing, match="batch 1 is being settled"):
        journal.open_record(Kind.CASH_SALE, yuan(1))
    journal.batches.advance(BatchState.OPEN)
    assert sold(journal).batch == 1
    journal.close()


def test_steps_out_of_order_are_a_mistake(site: Site) -> None:
    journal = site.open()
    with pytest.raises(AssertionError):
        journal.batches.advance(BatchState.UPLOADING)
    journal.close()


def test_totals_count_approved_amounts_by_kind(site: Site) -> None:
    journal = site.open()
    sold(journal, 100)
    sold(journal, 250)
    journal.host.approved(asked(journal, minor=500), AnswerFacts(code="10", approved_minor=400))
    journal.host.declined(asked(journal, minor=9_000), AnswerFacts(code="51"))
    journal.advance(journal.open_record(Kind.CASH_SALE, yuan(7_000)), Phase.ABANDONED)
    assert journal.batches.totals(1) == (KindTotal(Kind.CASH_SALE, 3, 750),)
    assert journal.batches.totals(2) == ()
    journal.close()


def test_totals_tell_foreign_cards_apart_by_answer_or_application(site: Site) -> None:
    journal = site.open()
    offline = chip_sold(journal, 500)
    foreign = CardFacts("476173******0010", "I", "signature", needs_signature=True, aid="A0000000031010")
    secrets = CardSecrets(Pan("4761739001010010"), b"")
    visa = journal.open_record(Kind.SALE, yuan(700), card=(foreign, secrets))
    visa = journal.advance(visa, Phase.COMPLETED)
    assert (offline.foreign, visa.foreign) == (False, True)
    assert journal.batches.totals(1) == (KindTotal(Kind.SALE, 1, 500), KindTotal(Kind.SALE, 1, 700, foreign=True))
    journal.close()


def test_batch_holds_no_more_than_a_settlement_can_tell(site: Site) -> None:
    journal = site.open()
    chip_sold(journal, 999_999_999_000)
    with pytest.raises(BatchFull, match="as much as one settlement can tell"):
        chip_sold(journal, 1_000)
    for _ in range(998):
        journal.open_record(Kind.SALE, yuan(1), card=(FACTS, CardSecrets(Pan(PAN), b"")))
    with pytest.raises(BatchFull):
        chip_sold(journal, 1)
    assert sold(journal).batch == 1
    journal.close()


def test_last_settlement_and_begin_of_a_batch_are_told(site: Site) -> None:
    journal = site.open()
    begun = [journal.batches.begun_at]
    first = sold(journal)
    sold(journal)
    begun.append(journal.batches.begun_at)
    never = journal.batches.last_closed
    closed(journal)
    begun.append(journal.batches.begun_at)
    assert begun == [None, first.opened_at, None]
    last = journal.batches.last_closed
    assert never is None
    assert last is not None
    assert (last.batch, last.facts) == (1, {"balanced": False})
    journal.close()


def test_begin_of_a_batch_is_its_oldest_record_where_trace_numbers_began_anew(site: Site) -> None:
    journal = site.open()
    journal._database.rows("UPDATE counters SET stans_used = 999998")
    first, second = sold(journal), sold(journal)
    assert (first.stan.number, second.stan.number) == (999_999, 1)
    assert journal.batches.begun_at == first.opened_at
    assert first.opened_at != second.opened_at
    journal.close()


def test_batch_of_the_acquirer_is_adopted_where_none_is_under_way(site: Site) -> None:
    journal = site.open()
    assert journal.adopt_batch(41)
    assert journal.adopt_batch(41)
    assert sold(journal).batch == 41
    assert not journal.adopt_batch(50)
    assert journal.batch == 41
    assert journal.verify() == []
    closed(journal)
    assert journal.batch == 42
    assert journal.verify() == []
    journal.close()


def test_batch_that_holds_nothing_but_what_came_to_nothing_is_left(site: Site) -> None:
    journal = site.open()
    assert journal.adopt_batch(57)
    journal.advance(journal.open_record(Kind.CASH_SALE, yuan(1)), Phase.ABANDONED)
    assert journal.adopt_batch(2)
    assert journal.batch == 2
    journal.close()


def test_batch_that_was_closed_here_is_not_begun_anew(site: Site) -> None:
    journal = site.open()
    closed(journal)
    assert journal.batch == 2
    assert not journal.adopt_batch(1)
    assert journal.batches.state is BatchState.OPEN
    journal.close()


def test_batch_after_the_last_number_is_the_first(site: Site) -> None:
    journal = site.open()
    assert journal.adopt_batch(999_998)
    sold(journal)
    closed(journal)
    assert journal.batch == 1
    assert journal.verify() == []
    journal.close()


def test_lost_database_goes_on_above_a_batch_that_was_closed(site: Site) -> None:
    journal = site.open()
    sold(journal)
    closed(journal)
    journal.close()
    for each in site.directory.glob("journal.db*"):
        each.unlink()
    journal = site.open(start_new=True)
    assert journal.batch > 2
    journal.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE batch_changes SET state = 'open' WHERE id = 1", "batch_changes row 1 was changed: state"),
        ("UPDATE counters SET batch = 9", "the counter of batches stands at 9, and the audit trail has come to 2"),
    ],
)
def test_verify_names_a_changed_batch(site: Site, statement: str, fault: str) -> None:
    journal = site.open()
    closed(journal)
    journal.close()
    tamper(site, statement)
    assert any(found.startswith(fault) for found in faults(site))
