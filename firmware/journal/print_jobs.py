"""Print jobs: the copies of receipts, and the slips of settlements, on their way to paper.

Owned here: a job knows whether something like it may have come out before, and is marked as a duplicate by that alone.
What was given up before a byte was sent has not.
"""

from __future__ import annotations

from typing import Final

from firmware.journal.database import Database, Row, text, whole
from firmware.journal.records import PRINT_TRANSITIONS, PrintJob, PrintState

SLIP_COPY: Final = "merchant"
"""The one copy of a settlement's slip."""
_INSERT: Final = """
INSERT INTO print_jobs (record_id, batch, copy, duplicate, state)
SELECT ?1, ?2, ?3, EXISTS (
    SELECT 1 FROM print_jobs
    WHERE record_id IS ?1 AND batch IS ?2 AND copy = ?3 AND state IN ('sent', 'acked', 'failed')
), 'queued' RETURNING id
"""
_SELECT: Final = "SELECT id, record_id, batch, copy, duplicate, state FROM print_jobs"


def queue(database: Database, copy: str, *, record_id: int | None = None, batch: int | None = None) -> int:
    """Note that a copy is to be printed, within the caller's transaction; returns the number of the job."""
    return database.integer(_INSERT, (record_id, batch, copy))


def mark(database: Database, job: PrintJob, state: PrintState) -> None:
    """Note how far a job has come, within the caller's transaction."""
    assert state in PRINT_TRANSITIONS[job.state], (job.state, state)
    assert find(database, job.id) == job, "the print job has moved on since it was read"
    database.rows("UPDATE print_jobs SET state = ? WHERE id = ?", (state.value, job.id))


def find(database: Database, job_id: int) -> PrintJob:
    """The job with this number, which must exist."""
    found = database.row(f"{_SELECT} WHERE id = ?", (job_id,))
    assert found is not None, job_id
    return _parsed(found)


def unfinished(database: Database) -> list[PrintJob]:
    """The jobs that are neither confirmed nor given up, oldest first."""
    return [_parsed(row) for row in database.rows(f"{_SELECT} WHERE state IN ('queued', 'sent') ORDER BY id")]


def _parsed(row: Row) -> PrintJob:
    job_id, record_id, batch, copy, duplicate, state = row
    return PrintJob(
        whole(job_id),
        None if record_id is None else whole(record_id),
        None if batch is None else whole(batch),
        text(copy),
        bool(duplicate),
        PrintState(text(state)),
    )
