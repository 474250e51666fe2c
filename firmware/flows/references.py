"""How the acquirer knows an earlier transaction: from this terminal's journal, or typed from a slip."""

from __future__ import annotations

from firmware.host.values import Original, Transaction
from firmware.journal import Journal, Record


def reference(journal: Journal, record: Record) -> Original:
    """How the acquirer knows `record`: by its number here, and by what its answer said, or that to its notice."""
    answer = record.answer or journal.host.told(record)
    return Original(
        record.batch,
        record.stan,
        date=None if answer is None else answer.date,
        rrn=None if answer is None else answer.rrn,
        authorisation=None if answer is None else answer.authorisation,
        transaction=Transaction(record.kind.value),
    )
