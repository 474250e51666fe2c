"""How the acquirer knows an earlier transaction: from this terminal's journal, or typed from a slip."""

from __future__ import annotations

from firmware.host.values import Original, Transaction
from firmware.journal import Journal, Kind, Record


def reference(journal: Journal, record: Record) -> Original:
    """How the acquirer knows `record`: by its number here, and by what its answer said, or that to its notice.

    A completion by notice has the authorisation of what it completes where the acquirer has given it no other.
    """
    answer = record.answer or journal.host.told(record)
    authorisation = None if answer is None else answer.authorisation
    if authorisation is None and record.kind is Kind.COMPLETION and record.original_id is not None:
        held = journal.record(record.original_id).answer
        authorisation = None if held is None else held.authorisation
    return Original(
        record.batch,
        record.stan,
        date=None if answer is None else answer.date,
        rrn=None if answer is None else answer.rrn,
        authorisation=authorisation,
        transaction=Transaction(record.kind.value),
    )
