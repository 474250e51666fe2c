"""Checking the journal against its own audit trail: any row of money that was changed, deleted or added is named.

Every row of `records` and `phase_changes` was written together with an audit row that repeats it. The audit trail is
chained (`audit`), its head is kept in the small storage (`marks`), and so the three are compared here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from firmware.hal import Nvram
from firmware.journal import audit, marks
from firmware.journal.audit import AuditRow
from firmware.journal.database import Database, Value, text, whole
from firmware.journal.phases import FIRST, TRANSITIONS, Phase

_Columns = Mapping[str, Value]

_RECORDS: Final = """
SELECT id, terminal, batch, stan, kind, currency, currency_number, currency_exponent, amount_minor, tendered_minor,
       original_id, opened_at
FROM records ORDER BY id
"""
_PHASE_CHANGES: Final = "SELECT id, record_id, phase, at FROM phase_changes ORDER BY id"

_TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "records": ("record.opened", _RECORDS),
    "phase_changes": ("record.advanced", _PHASE_CHANGES),
}
"""For each table of money: the event that repeats its rows, and the statement that reads them."""


def faults(database: Database, nvram: Nvram) -> list[str]:
    """A sentence for each thing that is not as it was written; none where the journal is whole."""
    trail = list(audit.trail(database))
    found = list(audit.broken_links(trail))
    found += _missing_head(database, nvram)
    for table, (event, statement) in _TABLES.items():
        found += _differences(table, _told(trail, event), _kept(database, statement))
    found += _unlawful_lives(database)
    found += _counter_faults(database)
    return found


def _told(trail: list[AuditRow], event: str) -> Mapping[int, _Columns]:
    """The rows of one table as the audit trail tells of them, by id."""
    rows = (json.loads(row.facts) for row in trail if row.event == event)
    return {row["id"]: row for row in rows}


def _kept(database: Database, statement: str) -> Mapping[int, _Columns]:
    """The rows of one table as they stand, by id."""
    rows = database.named_rows(statement)
    return {whole(row["id"]): row for row in rows}


def _differences(table: str, told: Mapping[int, _Columns], kept: Mapping[int, _Columns]) -> Iterator[str]:
    for number in sorted(told.keys() | kept.keys()):
        if number not in kept:
            yield f"{table} row {number} was deleted"
        elif number not in told:
            yield f"{table} row {number} was added without an audit row"
        else:
            changed = [name for name, value in kept[number].items() if told[number].get(name) != value]
            if changed:
                yield f"{table} row {number} was changed: {', '.join(changed)}"


def _missing_head(database: Database, nvram: Nvram) -> Iterator[str]:
    """The newest audit row that the marks tell of must be there: else the end of the trail was cut off."""
    kept = marks.read(nvram)
    if kept is None:
        yield "the marks of the journal are missing"
        return
    there = audit.hash_at(database, kept.audit_seq)
    if there is None:
        yield f"audit row {kept.audit_seq} was deleted"
    elif there != kept.audit_hash:
        yield f"audit row {kept.audit_seq} is not the one that the marks tell of"


def _unlawful_lives(database: Database) -> Iterator[str]:
    """Every record begins in the first phase and follows the table of transitions."""
    before: dict[int, Phase] = {}
    for found, name in database.rows("SELECT record_id, phase FROM phase_changes ORDER BY id"):
        record_id, phase = whole(found), Phase(text(name))
        last = before.get(record_id)
        lawful = phase is FIRST if last is None else phase in TRANSITIONS[last]
        if not lawful:
            yield f"records row {record_id} went from {last or 'nothing'} to {phase}"
        before[record_id] = phase
    for (found,) in database.rows("SELECT id FROM records ORDER BY id"):
        if whole(found) not in before:
            yield f"records row {whole(found)} has no phase"


def _counter_faults(database: Database) -> Iterator[str]:
    used = database.integer("SELECT stans_used FROM counters")
    count = database.integer("SELECT count(*) FROM records")
    if used < count:
        yield f"the counter of trace numbers stands at {used}, below the {count} records"
    batch = database.integer("SELECT batch FROM counters")
    highest = database.integer("SELECT coalesce(max(batch), 0) FROM records")
    if batch < highest:
        yield f"the counter of batches stands at {batch}, below the batch {highest} of a record"
