"""The audit trail: rows chained by their hashes, so that a row changed, deleted or moved later shows.

The rule owned here: the hash of a row is SHA-256 over the hash of the row before, its number, time, event and facts.
Which events there are is decided by whoever appends them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from firmware.journal.database import Database

Fact = str | int | None
Facts = Mapping[str, Fact]

GENESIS: Final = bytes(32)
"""What stands for the hash of the row before the first one."""

_FACTS_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row as it stands in the file; `facts` is canonical JSON, `at` ISO 8601."""

    seq: int
    at: str
    event: str
    facts: str
    hash: bytes


def stamp(moment: datetime) -> str:
    """The time as the journal writes it: ISO 8601 with milliseconds and the offset of the shop's time zone."""
    assert moment.tzinfo is not None, "a time without its zone"
    return moment.isoformat(timespec="milliseconds")


def canonical(facts: Facts) -> str:
    """The one way to write `facts` as JSON: sorted keys, no spaces, every character as itself."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def append(database: Database, at: str, event: str, facts: Facts) -> None:
    """Add a row to the chain, within the transaction of what it tells of."""
    text = canonical(facts)
    assert len(text) <= _FACTS_LONGEST, event
    last = head(database)
    seq, previous = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    digest = _hash(previous, seq, at, event, text)
    database.rows(
        "INSERT INTO audit (seq, at, event, facts, hash) VALUES (?, ?, ?, ?, ?)", (seq, at, event, text, digest)
    )


def head(database: Database) -> AuditRow | None:
    """The newest row, None where there is none."""
    found = database.row("SELECT seq, at, event, facts, hash FROM audit ORDER BY seq DESC LIMIT 1")
    return None if found is None else _parsed(found)


def hash_at(database: Database, seq: int) -> bytes | None:
    """The hash of the row with this number, None where there is no such row."""
    found = database.row("SELECT hash FROM audit WHERE seq = ?", (seq,))
    if found is None:
        return None
    assert isinstance(found[0], bytes), seq
    return found[0]


def page(database: Database, after: int, last: int, length: int) -> list[AuditRow]:
    """At most `length` rows in the order of the chain, from behind number `after` up to number `last`."""
    rows = "SELECT seq, at, event, facts, hash FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
    return [_parsed(found) for found in database.rows(rows, (after, last, length))]


class Chain:
    """The walk along the chain: rows go in one by one, and the faults of each come out."""

    def __init__(self) -> None:
        self._previous = GENESIS
        self._seq = 0

    def fault(self, row: AuditRow) -> str | None:
        """A sentence where rows are missing before `row`, or it does not fit where it stands; None where it fits."""
        previous, self._previous = self._previous, row.hash
        expected, self._seq = self._seq + 1, row.seq
        if row.seq == expected:
            fits = row.hash == _hash(previous, row.seq, row.at, row.event, row.facts)
            return None if fits else f"audit row {row.seq} ({row.event}) was changed or moved"
        if row.seq == expected + 1:
            return f"audit row {expected} was deleted"
        return f"audit rows {expected} to {row.seq - 1} were deleted"


def _hash(previous: bytes, seq: int, at: str, event: str, facts: str) -> bytes:
    content = json.dumps([previous.hex(), seq, at, event, facts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).digest()


def _parsed(found: tuple[object, ...]) -> AuditRow:
    seq, at, event, facts, digest = found
    assert isinstance(seq, int), found
    assert isinstance(at, str), found
    assert isinstance(event, str), found
    assert isinstance(facts, str), found
    assert isinstance(digest, bytes), found
    return AuditRow(seq, at, event, facts, digest)
