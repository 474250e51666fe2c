"""What is pending with the acquirer, as rows for other programs: no card number, no secret.

Owned here: what counts as pending. A reversal that is owed, a notice that waits, a record that only the acquirer can
settle, and a batch whose closing has begun.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from firmware.journal.batches import BatchState
from firmware.journal.listing import ListingRow
from firmware.journal.phases import Phase
from firmware.journal.records import Record
from firmware.journal.store import Journal


def pending(journal: Journal) -> Iterator[ListingRow]:
    """The rows: records in the order they were opened, then notices in the order they were queued, then the batch."""
    for record in journal.unfinished():
        if record.phase is Phase.REVERSING:
            yield _row("reversal", record, record.opened_at, len(journal.host.reversal(record).codes))
        elif record.phase is Phase.UNRESOLVED:
            yield _row("unresolved", record, record.opened_at, None)
    for notice in journal.notices.waiting():
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
    }
