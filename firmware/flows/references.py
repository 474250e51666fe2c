"""How the acquirer knows an earlier transaction: from this terminal's journal, or typed from a slip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firmware.host.values import Original, Transaction
from firmware.journal import Kind, Record

TRANSACTIONS: Final[Mapping[Kind, Transaction]] = {
    Kind.SALE: Transaction.SALE,
    Kind.PREAUTH: Transaction.PREAUTH,
    Kind.COMPLETION: Transaction.COMPLETION,
}
"""What was asked for the kinds of record that a later one may be about."""


def reference(record: Record) -> Original:
    """How the acquirer knows `record`: by its number here, and by what its answer said."""
    answer = record.answer
    return Original(
        record.batch,
        record.stan,
        date=None if answer is None else answer.date,
        rrn=None if answer is None else answer.rrn,
        authorisation=None if answer is None else answer.authorisation,
        transaction=TRANSACTIONS[record.kind],
    )
