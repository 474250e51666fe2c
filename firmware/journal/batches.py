"""How far the batch is closed, and the totals of what it holds.

Owned here: a batch whose closing has begun takes no new record and is only ever closed further, power cut or not; and
totals are counted from the records, never kept beside them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from firmware.journal import audit, growing, marks, print_jobs
from firmware.journal.database import Database, text, whole
from firmware.journal.phases import EFFECTIVE, UNDONE
from firmware.journal.records import Kind
from firmware.units import BATCH_LAST


class BatchState(StrEnum):
    """How far the closing of a batch has come."""

    OPEN = "open"
    CLOSING = "closing"
    """The totals stand; the acquirer is, or was, asked for its own."""
    UPLOADING = "uploading"
    """The acquirer has given its totals; the records are being sent."""
    CLOSED = "closed"


_FOLLOWING: Final[Mapping[BatchState, frozenset[BatchState]]] = {
    BatchState.OPEN: frozenset({BatchState.CLOSING}),
    BatchState.CLOSING: frozenset({BatchState.UPLOADING, BatchState.OPEN}),  # OPEN: the acquirer refused to settle.
    BatchState.UPLOADING: frozenset({BatchState.CLOSED}),
    BatchState.CLOSED: frozenset(),
}

_TOTALS: Final = """
SELECT kind, is_foreign, count(*), sum(minor) FROM (
    SELECT r.kind AS kind,
        coalesce(json_extract(a.facts, '$.approved_minor'), r.amount_minor) AS minor,
        CASE
            WHEN coalesce(json_extract(a.facts, '$.organisation'), '') <> ''
                THEN json_extract(a.facts, '$.organisation') NOT IN ('CUP', '000')
            WHEN coalesce(json_extract(c.facts, '$.aid'), '') <> ''
                THEN json_extract(c.facts, '$.aid') NOT LIKE 'A000000333%'
            ELSE 0
        END AS is_foreign
    FROM records r
    LEFT JOIN attachments a ON a.record_id = r.id AND a.topic = 'answer'
    LEFT JOIN cards c ON c.record_id = r.id
    WHERE r.batch = ? AND EXISTS
        (SELECT 1 FROM phase_changes p WHERE p.record_id = r.id AND p.phase IN (SELECT value FROM json_each(?)))
) GROUP BY kind, is_foreign ORDER BY kind, is_foreign
"""
"""An answer names the organisation; where there is none yet, the chip's application does (UnionPay: A000000333)."""

ADOPTED: Final = "batch.adopted"
"""The audit event of a batch number that the acquirer has given."""

_HOLDING: Final = """
SELECT 1 FROM records r WHERE r.batch = ? AND NOT EXISTS
    (SELECT 1 FROM phase_changes p WHERE p.record_id = r.id AND p.phase IN (SELECT value FROM json_each(?)))
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class KindTotal:
    """How many records of one kind count in a batch, and their sum in minor units.

    `foreign` tells that their cards are of another organisation than UnionPay.
    """

    kind: Kind
    count: int
    sum_minor: int
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """The end of a batch, with what was noted of its settlement."""

    batch: int
    facts: Mapping[str, object]
    at: datetime


class Batches:
    """The closing of batches. Every call may raise as those of `Journal`."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        """Not for callers: `Journal.batches` is the way in."""
        self._database = database
        self._now = now

    @property
    def state(self) -> BatchState:
        """How far the current batch is closed."""
        row = self._database.row(
            "SELECT state FROM batch_changes WHERE batch = (SELECT batch FROM counters) ORDER BY id DESC LIMIT 1"
        )
        return BatchState.OPEN if row is None else BatchState(text(row[0]))

    @property
    def facts(self) -> dict[str, object]:
        """What was noted with the newest change of the current batch."""
        row = self._database.row(
            "SELECT facts FROM batch_changes WHERE batch = (SELECT batch FROM counters) ORDER BY id DESC LIMIT 1"
        )
        if row is None:
            return {}
        facts = json.loads(text(row[0]))
        assert isinstance(facts, dict), facts
        return facts

    def advance(self, state: BatchState, facts: Mapping[str, object] | None = None) -> None:
        """Move the current batch on to `state`, with what is to be known of it.

        CLOSED queues the slip of the settlement, and begins the next batch.
        """
        before = self.state
        assert state in _FOLLOWING[before], (before, state)
        with self._database.transaction(settle=True):
            batch = self._database.integer("SELECT batch FROM counters")
            at = self._now()
            written = json.dumps(facts or {}, ensure_ascii=False, sort_keys=True)
            row = {"batch": batch, "state": state.value, "facts": written, "at": at}
            growing.insert(self._database, at, growing.BATCH_CHANGES, row)
            if state is BatchState.CLOSED:
                print_jobs.queue(self._database, print_jobs.SLIP_COPY, batch=batch)
                self._database.rows("UPDATE counters SET batch = ?", (marks.batch_after(batch),))

    def adopt(self, number: int) -> bool:
        """Go on with the batch that the acquirer has open; False where the two must be brought together by people.

        The current one may hold records, which belong to a batch that must be settled first; what came to nothing does
        not hold it. And a number that was closed here, or holds records, is not begun anew.
        """
        assert 1 <= number <= BATCH_LAST, number
        mine = self._database.integer("SELECT batch FROM counters")
        if number == mine:
            return True
        if self._holds(mine) or self._holds(number) or self._changed(number):
            return False
        with self._database.transaction(settle=True):
            self._database.rows("UPDATE counters SET batch = ?", (number,))
            audit.append(self._database, self._now(), ADOPTED, {"batch": number})
        return True

    def _holds(self, batch: int) -> bool:
        """Whether a record of the batch counts, or may."""
        return self._database.row(_HOLDING, (batch, json.dumps(sorted(UNDONE)))) is not None

    def _changed(self, batch: int) -> bool:
        """Whether the closing of the batch has begun, or is over."""
        return self._database.row("SELECT 1 FROM batch_changes WHERE batch = ? LIMIT 1", (batch,)) is not None

    @property
    def uploaded(self) -> int:
        """How many messages of the upload of the current batch the acquirer has taken."""
        row = self._database.row("SELECT sent FROM uploads WHERE batch = (SELECT batch FROM counters)")
        return 0 if row is None else whole(row[0])

    def note_uploaded(self, count: int) -> None:
        """Note that the first `count` messages of the upload are taken."""
        with self._database.transaction():
            self._database.rows(
                "INSERT INTO uploads (batch, sent) SELECT batch, ? FROM counters WHERE true"
                " ON CONFLICT (batch) DO UPDATE SET sent = excluded.sent",
                (count,),
            )

    def totals(self, batch: int) -> tuple[KindTotal, ...]:
        """What counts in a batch, by kind: the amounts that were approved, which may be less than was asked."""
        rows = self._database.rows(_TOTALS, (batch, json.dumps(sorted(EFFECTIVE))))
        return tuple(
            KindTotal(Kind(text(kind)), whole(count), whole(total), bool(foreign))
            for kind, foreign, count, total in rows
        )

    @property
    def last_closed(self) -> Closed | None:
        """The settlement that ended last."""
        row = self._database.row("SELECT batch, facts, at FROM batch_changes WHERE state = 'closed' ORDER BY id DESC")
        if row is None:
            return None
        return Closed(whole(row[0]), json.loads(text(row[1])), datetime.fromisoformat(text(row[2])))

    @property
    def begun_at(self) -> datetime | None:
        """When the first record of the current batch was opened; None while it holds none."""
        row = self._database.row(
            "SELECT opened_at FROM records WHERE batch = (SELECT batch FROM counters)"
            " AND terminal = (SELECT terminal FROM records ORDER BY id DESC LIMIT 1) ORDER BY id LIMIT 1"
        )
        return None if row is None else datetime.fromisoformat(text(row[0]))
