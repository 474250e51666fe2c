"""Notices that wait for the acquirer: offline approvals, completions by notice, script results. Store and forward.

Owned here: a notice is queued in the transaction that makes it due, keeps its place, and ends only when the acquirer
has it or a person is told that it was given up. Which is sent when is decided by `firmware.host.queue`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from firmware.journal import growing
from firmware.journal.database import Database, Row, Value, text, whole


class NoticeState(StrEnum):
    """What came of a try; the last two are final."""

    SENT = "sent"
    """It may have arrived; on disk before the first byte."""
    REFUSED = "refused"
    ACCEPTED = "accepted"
    GIVEN_UP = "given_up"


ENDED: Final = frozenset({NoticeState.ACCEPTED, NoticeState.GIVEN_UP})


@dataclass(frozen=True, slots=True)
class Notice:
    """One waiting notice: `content` is the request as its maker wrote it, `tries` how often it may have been sent."""

    id: int
    record_id: int
    kind: str
    content: bytes = field(repr=False)
    at: datetime
    tries: int


class Notices:
    """The queue. Every call may raise as those of `Journal`."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        """Not for callers: `Journal.notices` is the way in."""
        self._database = database
        self._now = now

    def queue(self, record_id: int, kind: str, content: bytes) -> int:
        """Queue a notice at the end; durable when this returns. Its number is returned."""
        with self._database.transaction(settle=True):
            return self.queue_within(record_id, kind, content)

    def queue_within(self, record_id: int, kind: str, content: bytes) -> int:
        """As `queue`, within the caller's transaction."""
        now = self._now()
        row: dict[str, Value] = {"record_id": record_id, "kind": kind, "secrets": content, "at": now}
        notice_id = growing.insert(self._database, now, growing.NOTICES, row)
        self._database.rows("INSERT INTO waiting_notices (notice_id) VALUES (?)", (notice_id,))
        return notice_id

    def advance(self, notice: Notice, state: NoticeState, code: str = "") -> None:
        """Note what came of a try; `code` is the acquirer's response code, where there was an answer."""
        with self._database.transaction(settle=True):
            self.advance_within(notice, state, code)

    def advance_within(self, notice: Notice, state: NoticeState, code: str) -> None:
        """As `advance`, within the caller's transaction."""
        at = self._now()
        row: dict[str, Value] = {"notice_id": notice.id, "state": state.value, "code": code, "at": at}
        growing.insert(self._database, at, growing.NOTICE_CHANGES, row)
        if state in ENDED:
            self._database.rows("DELETE FROM waiting_notices WHERE notice_id = ?", (notice.id,))

    def waiting(self) -> list[Notice]:
        """The notices that have not ended, oldest first."""
        rows = self._database.rows(
            "SELECT n.id, n.record_id, n.kind, n.secrets, n.at,"
            " (SELECT count(*) FROM notice_changes c WHERE c.notice_id = n.id AND c.state = 'sent')"
            " FROM notices n WHERE n.id IN (SELECT notice_id FROM waiting_notices) ORDER BY n.id"
        )
        return [_parsed(row) for row in rows]


def _parsed(row: Row) -> Notice:
    number, record_id, kind, content, at, tries = row
    assert isinstance(content, bytes), number
    return Notice(whole(number), whole(record_id), text(kind), content, datetime.fromisoformat(text(at)), whole(tries))
