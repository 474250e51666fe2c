"""Checking the journal against its own audit trail: any row of money that was changed, deleted or added is named.

Every row of `records`, `phase_changes` and `cards` was written together with an audit row that repeats it, or its hash
where it is secret. The audit trail is chained (`audit`), its head is kept in the small storage (`marks`), and so the
three are compared here. The check is done in pieces, so that a running terminal keeps serving; what is added
meanwhile is left for the next check.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from firmware.hal import Nvram
from firmware.journal import audit, cards, marks
from firmware.journal.audit import AuditRow
from firmware.journal.database import Database, Value, whole
from firmware.journal.phases import FINAL, FIRST, TRANSITIONS, Phase

_PIECE: Final = 50
"""Rows in one piece of the check: a millisecond or so on a small board."""

_RECORDS: Final = """
SELECT id, terminal, batch, stan, kind, currency, currency_number, currency_exponent, amount_minor, tendered_minor,
       original_id, opened_at
FROM records WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
"""
_PHASE_CHANGES: Final = """
SELECT id, record_id, phase, at FROM phase_changes WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
"""

_CARDS: Final = """
SELECT record_id AS id, facts, pan, clearing
FROM cards WHERE record_id > ? AND record_id <= ? ORDER BY record_id LIMIT ?
"""

_PHASE_NAMES: Final = frozenset(phase.value for phase in Phase)

_Columns = Mapping[str, Value]
_Told = dict[str, dict[int, _Columns]]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of money: the audit event that repeats its rows, the statement that reads a piece, and its last row."""

    name: str
    event: str
    statement: str
    last_id: int
    as_told: Callable[[_Columns], _Columns] = lambda row: row
    """The row the way its audit row tells it."""


def faults(database: Database, nvram: Nvram) -> Iterator[str | None]:
    """A sentence for each thing that is not as it was written, None after each piece without a fault."""
    tables = (
        _Table("records", "record.opened", _RECORDS, _last(database, "SELECT max(id) FROM records")),
        _Table(
            "phase_changes", "record.advanced", _PHASE_CHANGES, _last(database, "SELECT max(id) FROM phase_changes")
        ),
        _Table("cards", cards.EVENT, _CARDS, _last(database, "SELECT max(record_id) FROM cards"), cards.as_told),
    )
    last_seq = _last(database, "SELECT max(seq) FROM audit")
    listed_open = {whole(found) for (found,) in database.rows("SELECT record_id FROM open_records")}
    yield from _missing_head(database, nvram)
    yield from _counter_faults(database)
    told: _Told = {table.event: {} for table in tables}
    yield from _broken_links(database, last_seq, told)
    for table in tables:
        yield from _differences(database, table, told[table.event])
    yield from _unlawful_lives(told["record.opened"], told["record.advanced"])
    yield from _wrong_duties(told["record.opened"], told["record.advanced"], listed_open)


def _last(database: Database, statement: str) -> int:
    found = database.row(statement)
    assert found is not None, statement
    return 0 if found[0] is None else whole(found[0])


def _missing_head(database: Database, nvram: Nvram) -> Iterator[str]:
    """The audit row that the marks tell of must be there: else the end of the trail was cut off."""
    kept = marks.read(nvram)
    if kept is None:
        yield "the marks of the journal are missing"
        return
    there = audit.hash_at(database, kept.audit_seq)
    if there is None:
        yield f"audit row {kept.audit_seq} was deleted"
    elif there != kept.audit_hash:
        yield f"audit row {kept.audit_seq} is not the one that the marks tell of"


def _counter_faults(database: Database) -> Iterator[str]:
    used = database.integer("SELECT stans_used FROM counters")
    count = database.integer("SELECT count(*) FROM records")
    if used < count:
        yield f"the counter of trace numbers stands at {used}, below the {count} records"
    batch = database.integer("SELECT batch FROM counters")
    highest = database.integer("SELECT coalesce(max(batch), 0) FROM records")
    if batch < highest:
        yield f"the counter of batches stands at {batch}, below the batch {highest} of a record"


def _broken_links(database: Database, last_seq: int, told: _Told) -> Iterator[str | None]:
    """Walk the chain to `last_seq`, and gather in `told` what it tells of the tables."""
    chain = audit.Chain()
    seq = 0
    while rows := audit.page(database, seq, last_seq, _PIECE):
        for row in rows:
            yield chain.fault(row)
            if row.event in told:
                _gather(row, told[row.event])
        seq = rows[-1].seq
        yield None


def _gather(row: AuditRow, told: dict[int, _Columns]) -> None:
    facts = json.loads(row.facts)
    if isinstance(facts, dict) and isinstance(facts.get("id"), int):
        told[facts["id"]] = facts


def _differences(database: Database, table: _Table, told: Mapping[int, _Columns]) -> Iterator[str | None]:
    """Compare the rows of a table with what was told of them."""
    seen: set[int] = set()
    last_id = 0
    while rows := database.named_rows(table.statement, (last_id, table.last_id, _PIECE)):
        for row in rows:
            last_id = whole(row["id"])
            seen.add(last_id)
            yield _difference(table.name, table.as_told(row), told.get(last_id))
        yield None
    for number in sorted(told.keys() - seen):
        yield f"{table.name} row {number} was deleted"


def _difference(table: str, row: _Columns, told: _Columns | None) -> str | None:
    if told is None:
        return f"{table} row {row['id']!r} was added without an audit row"
    changed = [name for name, value in row.items() if told.get(name) != value]
    return f"{table} row {row['id']!r} was changed: {', '.join(changed)}" if changed else None


def _unlawful_lives(records: Mapping[int, _Columns], changes: Mapping[int, _Columns]) -> Iterator[str]:
    """Every record begins in the first phase and follows the table of transitions."""
    lives: dict[int, Phase] = {}
    for number in sorted(changes):
        record_id, name = changes[number].get("record_id"), changes[number].get("phase")
        if not isinstance(record_id, int) or name not in _PHASE_NAMES:
            yield f"phase_changes row {number} cannot be understood"
            continue
        phase, before = Phase(name), lives.get(record_id)
        lawful = phase is FIRST if before is None else phase in TRANSITIONS[before]
        if not lawful:
            yield f"records row {record_id} went from {before or 'nothing'} to {phase}"
        lives[record_id] = phase
    for record_id in sorted(records.keys() - lives.keys()):
        yield f"records row {record_id} has no phase"


def _wrong_duties(
    records: Mapping[int, _Columns], changes: Mapping[int, _Columns], listed_open: AbstractSet[int]
) -> Iterator[str]:
    """The list of open records holds those that are in no final phase: else a duty would be forgotten or repeated."""
    ended = {change.get("record_id") for change in changes.values() if change.get("phase") in FINAL}
    due = {record_id for record_id in records if record_id not in ended}
    for record_id in sorted(due - listed_open):
        yield f"records row {record_id} is open and not in the list of open records"
    for record_id in sorted((listed_open & records.keys()) - due):
        yield f"records row {record_id} is in the list of open records and is not open"
