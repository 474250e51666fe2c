"""Checking the journal against its own audit trail: any row of money that was changed, deleted or added is named.

Every row of a table that only grows was written together with an audit row that repeats it, its secrets by their hash
(`growing`). The audit trail is chained (`audit`), its head is kept in the small storage (`marks`), and so the
three are compared here. The check is done in pieces, so that a running terminal keeps serving; what is added
meanwhile is left for the next check.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from firmware.hal import Nvram
from firmware.journal import audit, downloads, growing, marks
from firmware.journal.audit import AuditRow
from firmware.journal.batches import ADOPTED, BatchState
from firmware.journal.database import Database, whole
from firmware.journal.notices import ENDED
from firmware.journal.phases import FINAL, FIRST, TRANSITIONS, Phase

_PIECE: Final = 50
"""Rows in one piece of the check: a millisecond or so on a small board."""

_BATCH_EVENTS: Final = frozenset({"journal.created", "journal.started_new", "stan.skipped", ADOPTED})
"""The audit rows that set the number of the batch, beside the closing of one."""

_PHASE_NAMES: Final = frozenset(phase.value for phase in Phase)

_Told = dict[str, dict[int, growing.Columns]]


def faults(database: Database, nvram: Nvram) -> Iterator[str | None]:
    """A sentence for each thing that is not as it was written, None after each piece without a fault."""
    last_ids = [(table, growing.last_key(database, table)) for table in growing.TABLES]
    last_seq = database.integer("SELECT coalesce(max(seq), 0) FROM audit")
    batch = database.integer("SELECT batch FROM counters")
    waiting = {whole(found) for (found,) in database.rows("SELECT notice_id FROM waiting_notices")}
    listed_open = {whole(found) for (found,) in database.rows("SELECT record_id FROM open_records")}
    downloaded = downloads.hashes(database)
    yield from _missing_head(database, nvram)
    yield from _counter_faults(database)
    told: _Told = {table.event: {} for table in growing.TABLES}
    story, taken = _BatchStory(), downloads.Story()
    yield from _broken_links(database, last_seq, told, (story, taken))
    yield from story.faults(batch)
    yield from taken.faults(downloaded)
    for table, last_id in last_ids:
        yield from _differences(database, table, last_id, told[table.event])
    opened, advanced = told[growing.RECORDS.event], told[growing.PHASE_CHANGES.event]
    yield from _unlawful_lives(opened, advanced)
    yield from _wrong_duties(opened, advanced, listed_open)
    yield from _forgotten_notices(told[growing.NOTICES.event], told[growing.NOTICE_CHANGES.event], waiting)


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
    count = database.integer("SELECT (SELECT count(*) FROM records) + (SELECT count(*) FROM traces)")
    if used < count:
        yield f"the counter of trace numbers stands at {used}, below the {count} that were given out"


class _BatchStory:
    """The number of the open batch as the audit trail tells it."""

    def __init__(self) -> None:
        self._batch: object = None

    def follow(self, event: str, facts: Mapping[str, object]) -> None:
        """Take one audit row."""
        if event in _BATCH_EVENTS:
            self._batch = facts.get("batch")
        elif event == growing.BATCH_CHANGES.event and facts.get("state") == BatchState.CLOSED:
            closed = facts.get("batch")
            self._batch = marks.batch_after(closed) if isinstance(closed, int) else None

    def faults(self, batch: int) -> Iterator[str]:
        """The counter must stand where the trail has come to."""
        if batch != self._batch:
            yield f"the counter of batches stands at {batch}, and the audit trail has come to {self._batch}"


_Stories = tuple[_BatchStory, downloads.Story]


def _broken_links(database: Database, last_seq: int, told: _Told, stories: _Stories) -> Iterator[str | None]:
    """Walk the chain to `last_seq`, and gather in `told` what it tells of the tables, in `stories` of the rest."""
    chain = audit.Chain()
    seq = 0
    while rows := audit.page(database, seq, last_seq, _PIECE):
        for row in rows:
            yield chain.fault(row)
            _gather(row, told, stories)
        seq = rows[-1].seq
        yield None


def _gather(row: AuditRow, told: _Told, stories: _Stories) -> None:
    facts = json.loads(row.facts)
    if not isinstance(facts, dict):
        return
    for story in stories:
        story.follow(row.event, facts)
    if row.event in told and isinstance(facts.get("id"), int):
        told[row.event][facts["id"]] = facts


def _differences(
    database: Database, table: growing.Table, last_id: int, told: Mapping[int, growing.Columns]
) -> Iterator[str | None]:
    """Compare the rows of a table with what was told of them."""
    seen: set[int] = set()
    reached = 0
    while rows := growing.page(database, table, reached, last_id, _PIECE):
        for row in rows:
            reached = whole(row["id"])
            seen.add(reached)
            yield _difference(table.name, row, told.get(reached))
        yield None
    for number in sorted(told.keys() - seen):
        yield f"{table.name} row {number} was deleted"


def _difference(table: str, row: growing.Columns, told: growing.Columns | None) -> str | None:
    if told is None:
        return f"{table} row {row['id']!r} was added without an audit row"
    changed = [name for name, value in row.items() if told.get(name) != value]
    return f"{table} row {row['id']!r} was changed: {', '.join(changed)}" if changed else None


def _unlawful_lives(records: Mapping[int, growing.Columns], changes: Mapping[int, growing.Columns]) -> Iterator[str]:
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
    records: Mapping[int, growing.Columns], changes: Mapping[int, growing.Columns], listed_open: AbstractSet[int]
) -> Iterator[str]:
    """The list of open records holds those that are in no final phase: else a duty would be forgotten or repeated."""
    ended = {change.get("record_id") for change in changes.values() if change.get("phase") in FINAL}
    due = {record_id for record_id in records if record_id not in ended}
    for record_id in sorted(due - listed_open):
        yield f"records row {record_id} is open and not in the list of open records"
    for record_id in sorted((listed_open & records.keys()) - due):
        yield f"records row {record_id} is in the list of open records and is not open"


def _forgotten_notices(
    notices: Mapping[int, growing.Columns], changes: Mapping[int, growing.Columns], waiting: AbstractSet[int]
) -> Iterator[str]:
    """The list of waiting notices holds those that have not ended: else money would be lost or told twice."""
    ended = {change.get("notice_id") for change in changes.values() if change.get("state") in ENDED}
    due = notices.keys() - ended
    for notice_id in sorted(due - waiting):
        yield f"notices row {notice_id} waits and is not in the list of waiting notices"
    for notice_id in sorted((waiting & notices.keys()) - due):
        yield f"notices row {notice_id} is in the list of waiting notices and does not wait"
