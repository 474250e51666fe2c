"""The journal against the simplest book there is, lists in memory, through any order of calls, closes and cuts."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from firmware.journal import AlreadyVoided, AnswerFacts, Journal, Kind, NotVoidable, Phase, PrintState, Record
from firmware.journal.phases import EFFECTIVE, FINAL, TRANSITIONS, UNDONE
from firmware.journal.records import PRINT_TRANSITIONS
from tests.firmware.journal.site import bury, disk_site, yuan
from tests.power.storage import Disk

MAYBE_OUT = (PrintState.SENT, PrintState.ACKED, PrintState.FAILED)
AMOUNTS = st.integers(1, 999_999_999_999)


@dataclass
class Entry:
    """A record as the model has it."""

    kind: Kind
    amount: int
    tendered: int | None
    original: int | None
    phase: Phase = Phase.OPENED


def enter(journal: Journal, record: Record, phase: Phase) -> Record:
    """Move a record on by the call that the phase belongs to."""
    match phase:
        case Phase.SENT | Phase.ASKED:
            return journal.host.ask(record, {"11": str(record.stan)}, reversible=phase is Phase.SENT)
        case Phase.ANSWERED:
            return journal.host.answered(record, AnswerFacts(code="00"))
        case Phase.REVERSING:
            return journal.host.reverse(record, "06")
        case _:
            return journal.advance(record, phase)


class JournalAgainstBook(RuleBasedStateMachine):
    """Ids and trace numbers count from 1, so that an entry's place tells both."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.disk = Disk(seed=seed)
        self.site = disk_site(self.disk)
        self.journal: Journal = self.site.open()
        self.book: list[Entry] = []
        self.prints: list[PrintState] = []
        self.printed: list[int] = []

    @rule(amount=AMOUNTS, more=st.none() | st.integers(0, 1000))
    def open_sale(self, amount: int, more: int | None) -> None:
        tendered = None if more is None else min(amount + more, 999_999_999_999)
        paid = None if tendered is None else yuan(tendered)
        record = self.journal.open_record(Kind.CASH_SALE, yuan(amount), tendered=paid)
        self.book.append(Entry(Kind.CASH_SALE, amount, tendered, None))
        assert record.id == record.stan.number == len(self.book)

    @precondition(lambda self: self.book)
    @rule(data=st.data())
    def open_void(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.book)))
        entry, original = self.book[number - 1], self.journal.record(number)
        voidable = entry.kind is Kind.CASH_SALE and entry.phase in EFFECTIVE
        if voidable and self.voided_by(number) is None:
            self.journal.open_record(Kind.CASH_VOID, original.amount, original=original)
            self.book.append(Entry(Kind.CASH_VOID, entry.amount, None, number))
        else:
            with pytest.raises(AlreadyVoided if voidable else NotVoidable):
                self.journal.open_record(Kind.CASH_VOID, original.amount, original=original)

    @precondition(lambda self: any(entry.phase not in FINAL for entry in self.book))
    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        unfinished = [place for place, entry in enumerate(self.book) if entry.phase not in FINAL]
        place = data.draw(st.sampled_from(unfinished))
        phase = data.draw(st.sampled_from(sorted(TRANSITIONS[self.book[place].phase])))
        assert enter(self.journal, self.journal.record(place + 1), phase).phase is phase
        self.book[place].phase = phase

    @precondition(lambda self: self.book)
    @rule()
    def queue_print(self) -> None:
        record = self.journal.record(len(self.book))
        job = self.journal.queue_print(record, "customer")
        printed = zip(self.printed, self.prints, strict=True)
        assert job.duplicate == any(of == record.id and state in MAYBE_OUT for of, state in printed)
        self.prints.append(PrintState.QUEUED)
        self.printed.append(record.id)
        assert job.id == len(self.prints)

    @precondition(lambda self: any(PRINT_TRANSITIONS[state] for state in self.prints))
    @rule(data=st.data())
    def mark_print(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.journal.unfinished_prints()))
        state = data.draw(st.sampled_from(sorted(PRINT_TRANSITIONS[job.state])))
        self.journal.mark_print(job, state)
        self.prints[job.id - 1] = state

    @rule()
    def reopen(self) -> None:
        self.journal.close()
        self.journal = self.site.open()

    @rule()
    def lose_power(self) -> None:
        self.disk.cut()
        bury(self.journal)
        self.disk.restart()
        self.journal = self.site.open()

    @invariant()
    def same_records(self) -> None:
        records = self.journal.records()
        assert [
            Entry(
                record.kind,
                record.amount.minor,
                None if record.tendered is None else record.tendered.minor,
                record.original_id,
                record.phase,
            )
            for record in records
        ] == self.book
        assert [record.voided_by for record in records] == [self.voided_by(record.id) for record in records]
        assert [record.stan.number for record in records] == [record.id for record in records]

    @invariant()
    def same_answers(self) -> None:
        open_ids = [place + 1 for place, entry in enumerate(self.book) if entry.phase not in FINAL]
        assert [record.id for record in self.journal.unfinished()] == open_ids
        effective = [place + 1 for place, entry in enumerate(self.book) if entry.phase in EFFECTIVE]
        last = self.journal.last()
        assert (None if last is None else last.id) == (effective[-1] if effective else None)
        jobs = {job.id: job.state for job in self.journal.unfinished_prints()}
        assert jobs == {place + 1: state for place, state in enumerate(self.prints) if PRINT_TRANSITIONS[state]}

    def teardown(self) -> None:
        assert self.journal.verify() == []
        self.journal.close()

    def voided_by(self, number: int) -> int | None:
        voids = [
            place + 1 for place, entry in enumerate(self.book) if entry.original == number and entry.phase not in UNDONE
        ]
        return voids[0] if voids else None


TestJournalAgainstBook = JournalAgainstBook.TestCase
TestJournalAgainstBook.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
