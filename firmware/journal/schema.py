"""The tables of the journal and the steps from each version of them to the next.

The rule owned here: money is only ever inserted. Triggers refuse any other change to the tables of money, and all
tables are STRICT with their limits checked. `PRAGMA user_version` counts the steps taken; a step that has been released
is never edited, a new one is added behind it.
"""

from __future__ import annotations

from typing import Final


def _only_grow(*tables: str) -> str:
    """The triggers that refuse to change or delete what stands in `tables`."""
    return "".join(
        f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} only grows'); END;\n"
        for table in tables
        for change in ("UPDATE", "DELETE")
    )


_VERSION_1: Final = """
CREATE TABLE counters (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    batch      INTEGER NOT NULL CHECK (batch BETWEEN 1 AND 999999),
    stans_used INTEGER NOT NULL CHECK (stans_used >= 0),
    commits    INTEGER NOT NULL CHECK (commits >= 0)
) STRICT;

CREATE TABLE records (
    id                INTEGER PRIMARY KEY CHECK (id > 0),
    terminal          TEXT NOT NULL CHECK (length(terminal) = 8),
    batch             INTEGER NOT NULL CHECK (batch BETWEEN 1 AND 999999),
    stan              INTEGER NOT NULL CHECK (stan BETWEEN 1 AND 999999),
    kind              TEXT NOT NULL CHECK (kind <> '' AND kind NOT GLOB '*[^a-z_]*'),
    currency          TEXT NOT NULL CHECK (length(currency) = 3),
    currency_number   INTEGER NOT NULL CHECK (currency_number BETWEEN 1 AND 999),
    currency_exponent INTEGER NOT NULL CHECK (currency_exponent BETWEEN 0 AND 4),
    amount_minor      INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    tendered_minor    INTEGER CHECK (tendered_minor BETWEEN amount_minor AND 999999999999),
    original_id       INTEGER REFERENCES records (id) CHECK (original_id < id),
    opened_at         TEXT NOT NULL CHECK (length(opened_at) BETWEEN 25 AND 40),
    UNIQUE (terminal, batch, stan),
    CHECK (kind <> 'cash_sale' OR original_id IS NULL),
    CHECK (kind <> 'cash_void' OR original_id IS NOT NULL)
) STRICT;
CREATE INDEX records_by_original ON records (original_id) WHERE original_id IS NOT NULL;

CREATE TABLE phase_changes (
    id        INTEGER PRIMARY KEY CHECK (id > 0),
    record_id INTEGER NOT NULL REFERENCES records (id),
    phase     TEXT NOT NULL CHECK (phase <> '' AND phase NOT GLOB '*[^a-z_]*'),
    at        TEXT NOT NULL CHECK (length(at) BETWEEN 25 AND 40),
    UNIQUE (record_id, phase)
) STRICT;

CREATE TABLE audit (
    seq   INTEGER PRIMARY KEY CHECK (seq > 0),
    at    TEXT NOT NULL CHECK (length(at) BETWEEN 25 AND 40),
    event TEXT NOT NULL CHECK (length(event) BETWEEN 1 AND 64),
    facts TEXT NOT NULL CHECK (json_valid(facts) AND length(facts) <= 4096),
    hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE print_jobs (
    id        INTEGER PRIMARY KEY CHECK (id > 0),
    record_id INTEGER NOT NULL REFERENCES records (id),
    copy      TEXT NOT NULL CHECK (length(copy) BETWEEN 1 AND 32),
    duplicate INTEGER NOT NULL CHECK (duplicate IN (0, 1)),
    state     TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'acked', 'failed'))
) STRICT;
CREATE INDEX print_jobs_under_way ON print_jobs (id) WHERE state IN ('queued', 'sent');

INSERT INTO counters (only_row, batch, stans_used, commits) VALUES (1, 1, 0, 0);
""" + _only_grow("records", "phase_changes", "audit")

_VERSION_2: Final = """
CREATE TABLE cards (
    record_id INTEGER PRIMARY KEY REFERENCES records (id),
    facts     TEXT NOT NULL CHECK (json_valid(facts) AND length(facts) <= 2048),
    pan       TEXT NOT NULL CHECK (length(pan) BETWEEN 8 AND 19 AND pan NOT GLOB '*[^0-9]*'),
    clearing  BLOB NOT NULL CHECK (length(clearing) <= 2048)
) STRICT;
CREATE INDEX cards_by_pan ON cards (pan);
CREATE TRIGGER cards_no_UPDATE BEFORE UPDATE ON cards BEGIN SELECT RAISE(ABORT, 'cards only grows'); END;
CREATE TRIGGER cards_no_DELETE BEFORE DELETE ON cards BEGIN SELECT RAISE(ABORT, 'cards only grows'); END;
"""

_VERSION_3: Final = """
CREATE TABLE open_records (
    record_id INTEGER PRIMARY KEY REFERENCES records (id)
) STRICT;
INSERT INTO open_records
SELECT id FROM records WHERE NOT EXISTS
    (SELECT 1 FROM phase_changes p WHERE p.record_id = records.id AND p.phase IN ('done', 'abandoned'));
"""
"""The records with a duty, so that they are found without a look at all the others."""

_VERSION_4: Final = """
CREATE TABLE attachments (
    id        INTEGER PRIMARY KEY CHECK (id > 0),
    record_id INTEGER NOT NULL REFERENCES records (id),
    topic     TEXT NOT NULL CHECK (topic <> '' AND topic NOT GLOB '*[^a-z_]*'),
    facts     TEXT NOT NULL CHECK (json_valid(facts) AND length(facts) <= 2048),
    secrets   BLOB NOT NULL CHECK (length(secrets) <= 8192)
) STRICT;
CREATE INDEX attachments_by_record ON attachments (record_id, topic);
CREATE UNIQUE INDEX attachments_once ON attachments (record_id, topic) WHERE topic <> 'reversal_try';

CREATE TABLE traces (
    id       INTEGER PRIMARY KEY CHECK (id > 0),
    terminal TEXT NOT NULL CHECK (length(terminal) = 8),
    batch    INTEGER NOT NULL CHECK (batch BETWEEN 1 AND 999999),
    stan     INTEGER NOT NULL CHECK (stan BETWEEN 1 AND 999999),
    purpose  TEXT NOT NULL CHECK (purpose <> '' AND purpose NOT GLOB '*[^a-z_]*'),
    at       TEXT NOT NULL CHECK (length(at) BETWEEN 25 AND 40),
    UNIQUE (terminal, batch, stan)
) STRICT;

CREATE TABLE notices (
    id        INTEGER PRIMARY KEY CHECK (id > 0),
    record_id INTEGER NOT NULL REFERENCES records (id),
    kind      TEXT NOT NULL CHECK (kind <> '' AND kind NOT GLOB '*[^a-z_]*'),
    secrets   BLOB NOT NULL CHECK (length(secrets) <= 8192),
    at        TEXT NOT NULL CHECK (length(at) BETWEEN 25 AND 40)
) STRICT;

CREATE TABLE notice_changes (
    id        INTEGER PRIMARY KEY CHECK (id > 0),
    notice_id INTEGER NOT NULL REFERENCES notices (id),
    state     TEXT NOT NULL CHECK (state <> '' AND state NOT GLOB '*[^a-z_]*'),
    code      TEXT NOT NULL CHECK (length(code) <= 2),
    at        TEXT NOT NULL CHECK (length(at) BETWEEN 25 AND 40)
) STRICT;
CREATE INDEX notice_changes_by_notice ON notice_changes (notice_id);

CREATE TABLE waiting_notices (
    notice_id INTEGER PRIMARY KEY REFERENCES notices (id)
) STRICT;

CREATE TABLE batch_changes (
    id    INTEGER PRIMARY KEY CHECK (id > 0),
    batch INTEGER NOT NULL CHECK (batch BETWEEN 1 AND 999999),
    state TEXT NOT NULL CHECK (state <> '' AND state NOT GLOB '*[^a-z_]*'),
    facts TEXT NOT NULL CHECK (json_valid(facts) AND length(facts) <= 2048),
    at    TEXT NOT NULL CHECK (length(at) BETWEEN 25 AND 40)
) STRICT;
CREATE INDEX batch_changes_by_batch ON batch_changes (batch);

CREATE TABLE uploads (
    batch INTEGER PRIMARY KEY CHECK (batch BETWEEN 1 AND 999999),
    sent  INTEGER NOT NULL CHECK (sent >= 0)
) STRICT;
""" + _only_grow("attachments", "traces", "notices", "notice_changes", "batch_changes")
"""The acquirer: what it was asked and has said, trace numbers of messages that are no record, notices that wait to be
sent, and how far a batch is closed."""

_VERSION_5: Final = """
CREATE TABLE downloads (
    kind     TEXT NOT NULL CHECK (kind <> '' AND kind NOT GLOB '*[^a-z_]*'),
    acquirer TEXT NOT NULL CHECK (length(acquirer) BETWEEN 1 AND 40),
    content  BLOB NOT NULL CHECK (length(content) <= 66000),
    at       TEXT NOT NULL CHECK (length(at) BETWEEN 25 AND 40),
    PRIMARY KEY (kind, acquirer)
) STRICT;

CREATE TABLE wanted_downloads (
    kind TEXT PRIMARY KEY CHECK (kind <> '' AND kind NOT GLOB '*[^a-z_]*')
) STRICT;
"""
"""What the acquirer has let the terminal download, and what it has asked it to. Replaced, never money; the audit trail
tells the hash of each set."""

_VERSION_6: Final = """
CREATE TABLE print_jobs_6 (
    id        INTEGER PRIMARY KEY CHECK (id > 0),
    record_id INTEGER REFERENCES records (id),
    batch     INTEGER CHECK (batch BETWEEN 1 AND 999999),
    copy      TEXT NOT NULL CHECK (length(copy) BETWEEN 1 AND 32),
    duplicate INTEGER NOT NULL CHECK (duplicate IN (0, 1)),
    state     TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'acked', 'failed', 'dropped')),
    CHECK ((record_id IS NULL) <> (batch IS NULL))
) STRICT;
INSERT INTO print_jobs_6 (id, record_id, copy, duplicate, state)
SELECT id, record_id, copy, duplicate, state FROM print_jobs;
DROP TABLE print_jobs;
ALTER TABLE print_jobs_6 RENAME TO print_jobs;
CREATE INDEX print_jobs_under_way ON print_jobs (id) WHERE state IN ('queued', 'sent');
CREATE INDEX print_jobs_by_subject ON print_jobs (record_id, batch, copy);
"""
"""The slip of a settlement is a print job too, and a job that was given up tells whether anything was sent."""

MIGRATIONS: Final[tuple[str, ...]] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6)
"""The steps: the one at index n leads from version n to version n + 1."""
