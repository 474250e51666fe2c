"""What is kept of a card that paid: facts for the receipt, and secrets that wait for the upload.

Owned here: the card number and the chip's data live in the encrypted file alone. No listing reads them, and the audit
trail knows them by a hash only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from firmware.journal import audit
from firmware.journal.database import Database, Value, text
from firmware.journal.records import CardFacts, CardSecrets

EVENT: Final = "card.kept"
_INSERT: Final = """
INSERT INTO cards (record_id, facts, pan, clearing) VALUES (:record_id, :facts, :pan, :clearing) RETURNING record_id
"""
_SPENT: Final = """
SELECT coalesce(sum(r.amount_minor), 0) FROM cards c JOIN records r ON r.id = c.record_id
WHERE c.pan = ? AND r.batch = ?
  AND EXISTS (SELECT 1 FROM phase_changes p WHERE p.record_id = r.id AND p.phase = 'completed')
"""


def insert(database: Database, at: str, record_id: int, facts: CardFacts, secrets: CardSecrets) -> None:
    """Keep a card with its record, inside the transaction that opens it."""
    written = json.dumps(asdict(facts), ensure_ascii=False, sort_keys=True)
    pan = secrets.pan.reveal()
    row: dict[str, Value] = {"record_id": record_id, "facts": written, "pan": pan, "clearing": secrets.clearing}
    database.integer(_INSERT, row)
    told: dict[str, audit.Fact] = {"id": record_id, "facts": written, "sealed": sealed(pan, secrets.clearing)}
    audit.append(database, at, EVENT, told)


def sealed(pan: str, clearing: bytes) -> str:
    """The hash by which the audit trail knows the secrets of a card, hex."""
    return hashlib.sha256(pan.encode() + b"|" + clearing).hexdigest()


def spent_minor(database: Database, pan: str, batch: int) -> int:
    """The sum of one card's completed records of one batch."""
    return database.integer(_SPENT, (pan, batch))


def clearing(database: Database, record_id: int) -> bytes:
    """The chip's data kept with a record, which must have a card."""
    found = database.row("SELECT clearing FROM cards WHERE record_id = ?", (record_id,))
    assert found is not None, record_id
    assert isinstance(found[0], bytes), record_id
    return found[0]


def as_told(row: Mapping[str, Value]) -> Mapping[str, Value]:
    """A row of the table the way its audit row tells it: the secrets by their hash."""
    found = row["clearing"]
    assert isinstance(found, bytes), row["id"]
    return {"id": row["id"], "facts": row["facts"], "sealed": sealed(text(row["pan"]), found)}


def parse_facts(written: Value) -> CardFacts | None:
    """The facts as they stand in the file; None for a record without a card."""
    return None if written is None else CardFacts(**json.loads(text(written)))
