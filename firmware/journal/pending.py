"""What is pending with the acquirer, as rows for other programs: no card number, no secret.

Owned here: what counts as pending. A reversal that is owed, a notice that waits, a record that only the acquirer can
settle, and a batch whose closing has begun.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from firmware.journal.batches import BatchState
from firmware.journal.listing import ListingRow
from firmware.journal.notices import Notice
from firmware.journal.phases import Phase
from firmware.journal.records import Record
from firmware.journal.store import Journal


@dataclass(frozen=True, slots=True)
class Pending:
    """What this terminal and its acquirer still owe each other: records as they were opened, notices as queued."""

    records: Sequence[Record]
    notices: Sequence[Notice]

    @property
    def reversals(self) -> list[Record]:
        """What is to be reversed before anything else is asked."""
        return [each for each in self.records if each.phase is Phase.REVERSING]

    @property
    def unresolved(self) -> list[Record]:
        """What only the acquirer's books know."""
        return [each for each in self.records if each.phase is Phase.UNRESOLVED]


def what_is_pending(journal: Journal) -> Pending:
    """What is pending now, but for the batch."""
    owed = [each for each in journal.unfinished() if each.phase in (Phase.REVERSING, Phase.UNRESOLVED)]
    return Pending(owed, journal.notices.waiting())


def pending(journal: Journal) -> Iterator[ListingRow]:
    """The rows: records in the order they were opened, then notices in the order they were queued, then the batch."""
    found = what_is_pending(journal)
    for record in found.records:
        if record.phase is Phase.REVERSING:
            yield _row("reversal", record, record.opened_at, len(journal.host.reversal(record).codes))
        else:
            yield _row("unresolved", record, record.opened_at, None)
    for notice in found.notices:
        yield _row("notice", journal.record(notice.record_id), notice.at, notice.tries, notice.kind)
    if journal.batches.state is not BatchState.OPEN:
        yield {
            "what": "settlement",
            "batch": journal.batch,
            "stan": None,
            "since": None,
            "kind": journal.batches.state.value,
            "amount_minor": None,
            "currency": None,
            "exponent": None,
            "tries": journal.batches.uploaded,
            "to": None,
        }


def _row(what: str, record: Record, since: datetime, tries: int | None, kind: str | None = None) -> ListingRow:
    return {
        "what": what,
        "batch": record.batch,
        "stan": str(record.stan),
        "since": since.isoformat(),
        "kind": kind or record.kind.value,
        "amount_minor": record.amount.minor,
        "currency": record.amount.currency.code,
        "exponent": record.amount.currency.exponent,
        "tries": tries,
        "to": None if record.card is None else record.card.to_masked or None,
    }
