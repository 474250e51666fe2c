"""The tables that only grow: each row is written together with an audit row that repeats it, secrets by their hash.

Owned here: how a row is written so that `verification` can prove later that it still is what it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from firmware.journal import audit
from firmware.journal.database import Database, Value

Columns = Mapping[str, Value]


def _as_it_is(row: Columns) -> Columns:
    return row


@dataclass(frozen=True, slots=True)
class Table:
    """A table of money: its columns without the key, the audit event that repeats its rows, and how it tells them."""

    name: str
    event: str
    columns: tuple[str, ...]
    key: str = "id"
    tell: Callable[[Columns], Columns] = _as_it_is
    """The row, its key as `id`, the way its audit row tells it: without secrets."""


def insert(database: Database, at: str, table: Table, row: Columns) -> int:
    """Write a row with its audit row, within the caller's transaction, and return its key."""
    names = [*row]
    assert set(names) - {table.key} == set(table.columns) - {table.key}, (table.name, names)
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
        f" RETURNING {table.key}"
    )
    key = database.integer(statement, row)
    told = {name: value for name, value in row.items() if name != table.key}
    facts: dict[str, audit.Fact] = {}
    for name, value in table.tell({"id": key, **told}).items():
        assert not isinstance(value, bytes), (table.name, name)
        facts[name] = value
    audit.append(database, at, table.event, facts)
    return key


def page(database: Database, table: Table, after: int, last: int, length: int) -> list[Columns]:
    """At most `length` rows in the order of their keys, from behind `after` up to `last`, the way they are told."""
    columns = ", ".join((f"{table.key} AS id", *(each for each in table.columns if each != table.key)))
    statement = f"SELECT {columns} FROM {table.name} WHERE {table.key} > ? AND {table.key} <= ?"
    rows = database.named_rows(f"{statement} ORDER BY {table.key} LIMIT ?", (after, last, length))
    return [table.tell(row) for row in rows]


def last_key(database: Database, table: Table) -> int:
    """The highest key of the table, 0 where it is empty."""
    return database.integer(f"SELECT coalesce(max({table.key}), 0) FROM {table.name}")


def _secrets_by_hash(row: Columns) -> Columns:
    secrets = row["secrets"]
    assert isinstance(secrets, bytes), row["id"]
    return {**row, "secrets": hashlib.sha256(secrets).hexdigest()}


def _card_by_hash(row: Columns) -> Columns:
    pan, clearing = row["pan"], row["clearing"]
    assert isinstance(pan, str), row["id"]
    assert isinstance(clearing, bytes), row["id"]
    sealed = hashlib.sha256(pan.encode() + b"|" + clearing).hexdigest()
    return {"id": row["id"], "facts": row["facts"], "sealed": sealed}


RECORDS: Final = Table(
    "records",
    "record.opened",
    (
        "terminal",
        "batch",
        "stan",
        "kind",
        "currency",
        "currency_number",
        "currency_exponent",
        "amount_minor",
        "tendered_minor",
        "original_id",
        "opened_at",
    ),
)
PHASE_CHANGES: Final = Table("phase_changes", "record.advanced", ("record_id", "phase", "at"))
CARDS: Final = Table("cards", "card.kept", ("facts", "pan", "clearing"), key="record_id", tell=_card_by_hash)
ATTACHMENTS: Final = Table(
    "attachments", "fact.attached", ("record_id", "topic", "facts", "secrets"), tell=_secrets_by_hash
)
TRACES: Final = Table("traces", "trace.taken", ("terminal", "batch", "stan", "purpose", "at"))
NOTICES: Final = Table("notices", "notice.queued", ("record_id", "kind", "secrets", "at"), tell=_secrets_by_hash)
NOTICE_CHANGES: Final = Table("notice_changes", "notice.advanced", ("notice_id", "state", "code", "at"))
BATCH_CHANGES: Final = Table("batch_changes", "batch.advanced", ("batch", "state", "facts", "at"))

TABLES: Final = (RECORDS, PHASE_CHANGES, CARDS, ATTACHMENTS, TRACES, NOTICES, NOTICE_CHANGES, BATCH_CHANGES)
"""Every table of money, in the order that a check walks them."""
