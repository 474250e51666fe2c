"""What the journal is asked: the statements that read it, and the way from a row to a value."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Final

from firmware.journal import cards
from firmware.journal.database import Database, Row, text, whole
from firmware.journal.phases import EFFECTIVE, FINAL, UNDONE, Phase
from firmware.journal.records import AnswerFacts, Kind, Record
from firmware.units import Currency, Money, Stan

_RECORD: Final = """
SELECT r.id, r.terminal, r.batch, r.stan, r.kind,
       (SELECT p.phase FROM phase_changes p WHERE p.record_id = r.id ORDER BY p.id DESC LIMIT 1),
       r.currency, r.currency_number, r.currency_exponent, r.amount_minor, r.tendered_minor, r.original_id,
       (SELECT v.id FROM records v WHERE v.original_id = r.id
            AND v.kind IN ('cash_void', 'void', 'preauth_void', 'completion_void') AND NOT EXISTS
           (SELECT 1 FROM phase_changes a WHERE a.record_id = v.id
                AND a.phase IN ('abandoned', 'declined', 'reversed'))),
       r.opened_at,
       (SELECT c.at FROM phase_changes c WHERE c.record_id = r.id AND c.phase = 'completed'),
       (SELECT k.facts FROM cards k WHERE k.record_id = r.id),
       (SELECT a.facts FROM attachments a WHERE a.record_id = r.id AND a.topic = 'card'),
       (SELECT a.facts FROM attachments a WHERE a.record_id = r.id AND a.topic = 'answer')
FROM records r
"""
assert {"abandoned", "declined", "reversed"} == UNDONE, "the statement above names the phases that undo a void"

_HAS_PHASE: Final = """
EXISTS (SELECT 1 FROM phase_changes h WHERE h.record_id = r.id AND h.phase IN (SELECT value FROM json_each(?)))
"""
_IDS: Final = """
SELECT id FROM records
WHERE (? IS NULL OR substr(opened_at, 1, 10) = ?) AND (? IS NULL OR batch = ?)
ORDER BY id DESC LIMIT ?
"""
UNFINISHED: Final = f"{_RECORD} WHERE r.id IN (SELECT record_id FROM open_records) ORDER BY r.id"


def record(database: Database, record_id: int) -> Record | None:
    """The record with this number."""
    return _first(database.rows(f"{_RECORD} WHERE r.id = ?", (record_id,)))


def record_by_stan(database: Database, terminal: str, batch: int, stan: Stan) -> Record | None:
    """The record with this trace number in one batch of one terminal."""
    where = "WHERE r.terminal = ? AND r.batch = ? AND r.stan = ?"
    return _first(database.rows(f"{_RECORD} {where}", (terminal, batch, stan.number)))


def last_effective(database: Database) -> Record | None:
    """The newest record whose money counts."""
    return _first(database.rows(f"{_RECORD} WHERE {_HAS_PHASE} ORDER BY r.id DESC LIMIT 1", (_listed(EFFECTIVE),)))


def record_ids(database: Database, *, day: date | None, batch: int | None, last: int | None) -> list[int]:
    """The records of a day, of a batch, the newest `last` ones, or what all given conditions leave; oldest first."""
    day_text = None if day is None else day.isoformat()
    limit = -1 if last is None else last
    return [whole(found) for (found,) in reversed(database.rows(_IDS, (day_text, day_text, batch, batch, limit)))]


def unfinished(database: Database) -> list[Record]:
    """The records that are not in a final phase, oldest first."""
    return [parse_record(row) for row in database.rows(UNFINISHED)]


def note_phase(database: Database, record_id: int, phase: Phase) -> None:
    """Keep the list of open records true, within the transaction that moves the record on to `phase`."""
    if phase in FINAL:
        database.rows("DELETE FROM open_records WHERE record_id = ?", (record_id,))
    else:
        database.rows("INSERT OR IGNORE INTO open_records (record_id) VALUES (?)", (record_id,))


def parse_record(row: Row) -> Record:
    """Make a record of a row of the file; the schema's checks hold, so whatever does not fit is a mistake of ours."""
    (record_id, terminal, batch, stan, kind, phase, code, number, exponent, amount, tendered, original, voided_by) = (
        row[:13]
    )
    currency = Currency(text(code), whole(number), whole(exponent))
    completed_at = row[14]
    return Record(
        id=whole(record_id),
        terminal=text(terminal),
        batch=whole(batch),
        stan=Stan(whole(stan)),
        kind=Kind(text(kind)),
        phase=Phase(text(phase)),
        amount=Money(whole(amount), currency),
        tendered=None if tendered is None else Money(whole(tendered), currency),
        original_id=None if original is None else whole(original),
        voided_by=None if voided_by is None else whole(voided_by),
        opened_at=datetime.fromisoformat(text(row[13])),
        completed_at=None if completed_at is None else datetime.fromisoformat(text(completed_at)),
        card=cards.parse_facts(row[15], row[16]),
        answer=None if row[17] is None else parse_answer(text(row[17])),
    )


def parse_answer(written: str) -> AnswerFacts:
    """What the acquirer has said, of the facts that were kept of it."""
    facts = json.loads(written)
    return AnswerFacts(**{**facts, "texts": tuple(facts["texts"])})


def _listed(phases: frozenset[Phase]) -> str:
    return json.dumps(sorted(phases))


def _first(rows: list[Row]) -> Record | None:
    return parse_record(rows[0]) if rows else None
