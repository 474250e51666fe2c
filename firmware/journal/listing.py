"""The journal as plain rows, for everything outside the terminal: the control socket, exports and listings.

The rule owned here: amounts are whole minor units, times ISO 8601 with their offset, and numbers that people read with
leading zeros are texts. Of a card there is the masked number and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from firmware.journal.records import Record
from firmware.journal.store import Journal
from firmware.units import Money

Cell = str | int | None
ListingRow = dict[str, Cell]

CURRENT: Final = "current"

COLUMNS: Final = (
    "id",
    "terminal",
    "batch",
    "stan",
    "kind",
    "phase",
    "currency",
    "exponent",
    "amount_minor",
    "tendered_minor",
    "change_minor",
    "original_id",
    "voided_by",
    "original_stan",
    "voided_by_stan",
    "opened_at",
    "completed_at",
    "approved_minor",
    "response",
    "card",
    "entry",
    "aid",
    "rrn",
    "authorisation",
)
"""The names of the cells of every row, in the order that they are listed.

`approved_minor` is less than `amount_minor` where only a part was approved; `response` is the acquirer's response code,
empty for cash and for what it was not asked about, or has not answered.
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are asked for: those of a day, of a batch, the newest `last`; all where nothing is given.

    CURRENT is today, by the terminal's clock, and the batch that is open now.
    """

    day: date | Literal["current"] | None = None
    batch: int | Literal["current"] | None = None
    last: int | None = None


def listing(journal: Journal, selection: Selection) -> Iterator[ListingRow]:
    """The chosen records as rows, oldest first, read one by one as they are taken."""
    day = journal.today if selection.day == CURRENT else selection.day
    batch = journal.batch if selection.batch == CURRENT else selection.batch
    for record_id in journal.record_ids(day=day, batch=batch, last=selection.last):
        record = journal.record(record_id)
        yield as_row(record, *(_stan(journal, other) for other in (record.original_id, record.voided_by)))


def _stan(journal: Journal, record_id: int | None) -> str | None:
    return None if record_id is None else str(journal.record(record_id).stan)


def as_row(record: Record, original_stan: str | None = None, voided_by_stan: str | None = None) -> ListingRow:
    """The record as cells, named and ordered as `COLUMNS`; the two trace numbers are of the records it is bound to."""
    card, answer = record.card, record.answer
    return {
        "id": record.id,
        "terminal": record.terminal,
        "batch": record.batch,
        "stan": str(record.stan),
        "kind": record.kind.value,
        "phase": record.phase.value,
        "currency": record.amount.currency.code,
        "exponent": record.amount.currency.exponent,
        "amount_minor": record.amount.minor,
        "tendered_minor": _minor(record.tendered),
        "change_minor": _minor(record.change),
        "original_id": record.original_id,
        "voided_by": record.voided_by,
        "original_stan": original_stan,
        "voided_by_stan": voided_by_stan,
        "opened_at": record.opened_at.isoformat(timespec="milliseconds"),
        "completed_at": None if record.completed_at is None else record.completed_at.isoformat(timespec="milliseconds"),
        "approved_minor": record.approved.minor,
        "response": None if answer is None else answer.code,
        "card": None if card is None else card.pan_masked,
        "entry": None if card is None else card.entry,
        "aid": None if card is None else card.aid or None,
        "rrn": None if answer is None else answer.rrn,
        "authorisation": None if answer is None else answer.authorisation,
    }


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
