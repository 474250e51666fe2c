"""The journal: every transaction of this terminal, on disk before anyone is told about it.

The rule owned here: a call that changes something returns when the change is durable, and raises when it is not there.
Which phase follows which is decided in `phases`, how a change becomes durable in `database`. No card number and no key
is ever written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from firmware.hal import Clock, Entropy, Nvram, Sealer
from firmware.journal import audit, cards, growing, marks, opening, originals, print_jobs, queries, verification
from firmware.journal.batches import Batches, BatchState
from firmware.journal.database import LOCK_WAIT_MS, Database, Value
from firmware.journal.downloads import Downloads
from firmware.journal.errors import BatchClosing, BatchFull
from firmware.journal.host_books import HostBooks
from firmware.journal.marks import Marks
from firmware.journal.notices import Notices
from firmware.journal.opening import Surroundings
from firmware.journal.phases import FIRST, TRANSITIONS, WITH_FACTS, Phase
from firmware.journal.records import (
    TERMINAL_LENGTH,
    CardFacts,
    CardSecrets,
    Kind,
    PrintJob,
    PrintState,
    Record,
)
from firmware.units import Currency, Money, Pan, Stan

CARD_RECORDS_MAX: Final = 999
SUM_MAX: Final = 999_999_999_999
_COUNTED: Final = """
SELECT count(*), coalesce(sum(amount_minor), 0) FROM records
WHERE terminal = ? AND batch = ? AND kind NOT IN ('cash_sale', 'cash_void')
"""

BY_CARD: Final = frozenset(Kind) - {Kind.CASH_SALE, Kind.CASH_VOID}
"""The kinds of record that a card pays."""


class Journal:
    """The open journal of one terminal; one process holds it at a time.

    Every call may raise StorageFailed, StorageFull or JournalDamaged; a call that raises has changed nothing.
    """

    def __init__(
        self, database: Database, around: Surroundings, terminal: str, currency: Currency, kept: Marks | None
    ) -> None:
        """Not for callers: `Journal.open` is the way in."""
        self._database = database
        self._around = around
        self._terminal = terminal
        self._currency = currency
        self._marks = kept
        self.notices: Final = Notices(database, self._now)
        """What waits to be told to the acquirer."""
        self.host: Final = HostBooks(database, self._now, self._insert_phase, self.notices)
        """What the acquirer was asked and has said."""
        self.batches: Final = Batches(database, self._now)
        """How far the batch is closed, and its totals."""
        self.downloads: Final = Downloads(database, self._now)
        """What the acquirer has let this terminal download."""

    @classmethod
    def open(  # noqa: PLR0913 - the board's parts are told apart by name
        cls,
        directory: Path,
        *,
        sealer: Sealer,
        nvram: Nvram,
        clock: Clock,
        entropy: Entropy,
        terminal: str,
        currency: Currency,
        vfs: str | None = None,
        start_new: bool = False,
        lock_wait_ms: int = LOCK_WAIT_MS,
    ) -> Journal:
        """Open the journal in `directory`, or make it where this terminal never had one.

        `terminal` is the terminal number, 8 characters. `start_new` makes a new journal where the old one is lost.
        `lock_wait_ms` is how long another process may take to let go of the files.
        Raises: JournalMissing, JournalDamaged, JournalTooNew, JournalBusy, WrongKey, KeyUnavailable, StateNotWritable,
        StorageFailed, StorageFull.
        """
        assert len(terminal) == TERMINAL_LENGTH, terminal
        around = Surroundings(sealer, nvram, clock, entropy)
        database, kept = opening.open_database(
            directory, around, vfs=vfs, start_new=start_new, lock_wait_ms=lock_wait_ms
        )
        return cls(database, around, terminal, currency, kept)

    @classmethod
    def open_to_read(  # noqa: PLR0913 - as `open`
        cls,
        directory: Path,
        *,
        sealer: Sealer,
        nvram: Nvram,
        clock: Clock,
        entropy: Entropy,
        terminal: str,
        currency: Currency,
        vfs: str | None = None,
    ) -> Journal:
        """Open the journal of a terminal that is off for a look, and leave everything as it is.

        No call that changes something may follow. Raises: as `open`, and JournalTooOld.
        """
        around = Surroundings(sealer, nvram, clock, entropy)
        return cls(opening.open_to_read(directory, around, vfs=vfs), around, terminal, currency, None)

    @property
    def batch(self) -> int:
        """The number of the current batch, 1 to 999998."""
        return self._database.integer("SELECT batch FROM counters")

    @property
    def today(self) -> date:
        """The date that a record opened now would have."""
        return self._around.clock.now().date()

    def open_record(
        self,
        kind: Kind,
        amount: Money,
        *,
        tendered: Money | None = None,
        original: Record | None = None,
        card: tuple[CardFacts, CardSecrets] | None = None,
    ) -> Record:
        """Begin a record under the next trace number; it is on disk in the phase OPENED when this returns.

        `card` is what is kept of the card that paid.

        Raises: NotVoidable, AlreadyVoided - `original` cannot be undone by a void; BatchFull; BatchClosing.
        """
        assert amount.minor > 0, amount
        assert amount.currency == self._currency, amount
        assert tendered is None or amount <= tendered, (amount, tendered)
        assert original is None or kind in originals.ABOUT, kind
        assert original is not None or kind not in originals.REQUIRED, kind
        assert (card is not None) == (kind in BY_CARD), kind
        self._check_open()
        self._check_room()
        if card is not None:
            self._check_countable(amount)
        self._reserve_stan()
        with self._database.transaction():
            if original is not None:
                originals.check(self._database, kind, self.record(original.id), amount, self.batch)
            record_id = self._insert_record(kind, amount, tendered, original)
            if card is not None:
                cards.insert(self._database, self._now(), record_id, *card)
        return self.record(record_id)

    def spent_offline_minor(self, pan: str) -> int:
        """The sum, in minor units, of what this batch has approved for the card with this number."""
        return cards.spent_minor(self._database, pan, self.batch)

    def pan(self, record: Record) -> Pan:
        """The number of the card that paid `record`, for a void or a refund of it."""
        return cards.pan(self._database, record.id)

    def clearing(self, record: Record) -> bytes:
        """The chip's data that waits for the upload of `record`, a chip sale."""
        return cards.clearing(self._database, record.id)

    def close_batch(self, facts: Mapping[str, object]) -> None:
        """End the settlement of the current batch and begin the next; `facts` are kept with its end."""
        self.batches.advance(BatchState.CLOSED, facts)
        self._keep_marks()

    def adopt_batch(self, number: int) -> bool:
        """Go on with the batch number that the acquirer has given; False as `Batches.adopt`."""
        adopted = self.batches.adopt(number)
        self._keep_marks()
        return adopted

    def _keep_marks(self) -> None:
        """Let the marks know of a new batch: after the loss of the database, the next one begins above it."""
        assert self._marks is not None, "the journal was opened to be read"
        self._marks = opening.reserve(self._database, self._around.nvram, stans_reserved=self._marks.stans_reserved)

    def advance(self, record: Record, phase: Phase) -> Record:
        """Move `record` on to `phase`; on disk when this returns. Phases with facts are entered by `host`."""
        assert phase in TRANSITIONS[record.phase], (record.phase, phase)
        assert phase not in WITH_FACTS, phase
        with self._database.transaction(settle=True):
            assert self.record(record.id).phase == record.phase, "the record has moved on since it was read"
            self._insert_phase(record.id, phase, self._now())
        return self.record(record.id)

    def record(self, record_id: int) -> Record:
        """The record with this number, which must exist."""
        found = queries.record(self._database, record_id)
        assert found is not None, record_id
        return found

    def by_stan(self, stan: Stan) -> Record | None:
        """The record with this trace number in the current batch."""
        return queries.record_by_stan(self._database, self._terminal, self.batch, stan)

    def last(self) -> Record | None:
        """The newest record that was completed."""
        return queries.last_effective(self._database)

    def records(self, *, day: date | None = None, batch: int | None = None, last: int | None = None) -> list[Record]:
        """The records opened on a day, those of a batch, the newest `last`, or what all given conditions leave.

        Oldest first, abandoned ones included.
        """
        return [self.record(record_id) for record_id in self.record_ids(day=day, batch=batch, last=last)]

    def record_ids(self, *, day: date | None = None, batch: int | None = None, last: int | None = None) -> list[int]:
        """The numbers of what `records` returns, for whoever takes a long list piece by piece."""
        return queries.record_ids(self._database, day=day, batch=batch, last=last)

    def unfinished(self) -> list[Record]:
        """The records that are not in a final phase, oldest first: boot owes each of them its duty."""
        return queries.unfinished(self._database)

    def queue_print(self, record: Record, copy: str) -> PrintJob:
        """Note that a copy of the receipt is to be printed; it is a duplicate where one may have come out before."""
        with self._database.transaction():
            job_id = print_jobs.queue(self._database, copy, record_id=record.id)
        return print_jobs.find(self._database, job_id)

    def queue_slip(self, batch: int) -> PrintJob:
        """As `queue_print`, for the slip of a batch that was settled; the first is queued with the batch's end."""
        with self._database.transaction():
            job_id = print_jobs.queue(self._database, print_jobs.SLIP_COPY, batch=batch)
        return print_jobs.find(self._database, job_id)

    def mark_print(self, job: PrintJob, state: PrintState) -> PrintJob:
        """Note how far a copy has come, and return the job as it is now."""
        with self._database.transaction():
            print_jobs.mark(self._database, job, state)
        return replace(job, state=state)

    def print_again(self, job: PrintJob) -> PrintJob:
        """Give up a copy whose rest the printer has lost, and queue it anew."""
        with self._database.transaction():
            print_jobs.mark(self._database, job, job.given_up)
            job_id = print_jobs.queue(self._database, job.copy, record_id=job.record_id, batch=job.batch)
        return print_jobs.find(self._database, job_id)

    def unfinished_prints(self) -> list[PrintJob]:
        """The copies that are neither confirmed nor given up, oldest first."""
        return print_jobs.unfinished(self._database)

    def note(self, event: str, **facts: str | int) -> None:
        """Add a row without money to the audit trail: `event` is `noun.verb_past`, and no fact is a secret."""
        with self._database.transaction():
            audit.append(self._database, self._now(), event, facts)

    def verify(self) -> list[str]:
        """Check everything against the audit trail; a sentence for each row changed, deleted, moved or added."""
        return [fault for fault in self.verify_stepwise() if fault is not None]

    def verify_stepwise(self) -> Iterator[str | None]:
        """As `verify`, in pieces: None stands for a piece without a fault, after which others may have their turn."""
        return verification.faults(self._database, self._around.nvram)

    def close(self) -> None:
        """Let go of the files; may be called more than once."""
        self._database.close()

    def _now(self) -> str:
        return audit.stamp(self._around.clock.now())

    def _check_open(self) -> None:
        """A batch whose closing has begun takes nothing new: its totals stand. Raises: BatchClosing."""
        if self.batches.state is not BatchState.OPEN:
            raise BatchClosing(f"The batch {self.batch} is being settled. Finish that before the next sale.")

    def take_trace(self, purpose: str) -> Stan:
        """The next trace number, for a message that is no record, such as a sign-on; on disk when this returns.

        Raises: BatchFull.
        """
        self._check_room()
        self._reserve_stan()
        with self._database.transaction(settle=True):
            stan = self._next_stan()
            self.host.take_trace(self._terminal, self.batch, stan, purpose)
        return stan

    def _next_stan(self) -> Stan:
        """Count one trace number more, within a transaction, and return it."""
        self._database.rows("UPDATE counters SET stans_used = stans_used + 1")
        return marks.stan_of(self._database.integer("SELECT stans_used FROM counters"))

    def _check_room(self) -> None:
        """Trace numbers begin anew behind the last, but never again within one batch. Raises: BatchFull."""
        stan = marks.stan_of(self._database.integer("SELECT stans_used FROM counters") + 1)
        taken = "SELECT 1 FROM traces WHERE terminal = ? AND batch = ? AND stan = ?"
        used = self._database.row(taken, (self._terminal, self.batch, stan.number)) is not None
        if used or self.by_stan(stan) is not None:
            raise BatchFull(f"The batch {self.batch} has a record {stan} already. Settle it before the next sale.")

    def _check_countable(self, amount: Money) -> None:
        """A settlement tells counts of three digits and sums of twelve. Raises: BatchFull."""
        count, total = self._database.rows(_COUNTED, (self._terminal, self.batch))[0]
        assert isinstance(count, int), count
        assert isinstance(total, int), total
        if count >= CARD_RECORDS_MAX or total + amount.minor > SUM_MAX:
            raise BatchFull(f"The batch {self.batch} holds as much as one settlement can tell. Settle it first.")

    def _reserve_stan(self) -> None:
        """Reserve another block of trace numbers in the marks where the last one is used up."""
        assert self._marks is not None, "the journal was opened to be read"
        used = self._database.integer("SELECT stans_used FROM counters")
        if used >= self._marks.stans_reserved:
            self._marks = opening.reserve(self._database, self._around.nvram, stans_reserved=used + marks.BLOCK)

    def _insert_record(self, kind: Kind, amount: Money, tendered: Money | None, original: Record | None) -> int:
        database, at = self._database, self._now()
        row: dict[str, Value] = {
            "terminal": self._terminal,
            "batch": self.batch,
            "stan": self._next_stan().number,
            "kind": kind.value,
            "currency": amount.currency.code,
            "currency_number": amount.currency.number,
            "currency_exponent": amount.currency.exponent,
            "amount_minor": amount.minor,
            "tendered_minor": None if tendered is None else tendered.minor,
            "original_id": None if original is None else original.id,
            "opened_at": at,
        }
        record_id = growing.insert(database, at, growing.RECORDS, row)
        self._insert_phase(record_id, FIRST, at)
        return record_id

    def _insert_phase(self, record_id: int, phase: Phase, at: str) -> None:
        row = {"record_id": record_id, "phase": phase.value, "at": at}
        growing.insert(self._database, at, growing.PHASE_CHANGES, row)
        queries.note_phase(self._database, record_id, phase)
