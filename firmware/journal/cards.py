"""What is kept of a card that paid: facts for the receipt, and secrets that wait for the upload.

Owned here: the card number and the chip's data live in the encrypted file alone. No listing reads them, and the audit
trail knows them by a hash only.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from firmware.journal import growing
from firmware.journal.database import Database, Value, text
from firmware.journal.records import CardFacts, CardSecrets
from firmware.units import Pan

_CLEARING: Final = """
SELECT coalesce((SELECT a.secrets FROM attachments a WHERE a.record_id = c.record_id AND a.topic = 'card'), c.clearing)
FROM cards c WHERE c.record_id = ?
"""
_SPENT: Final = """
SELECT coalesce(sum(r.amount_minor), 0) FROM cards c JOIN records r ON r.id = c.record_id
WHERE c.pan = ? AND r.batch = ?
  AND EXISTS (SELECT 1 FROM phase_changes p WHERE p.record_id = r.id AND p.phase = 'completed')
"""


def insert(database: Database, at: str, record_id: int, facts: CardFacts, secrets: CardSecrets) -> None:
    """Keep a card with its record, inside the transaction that opens it."""
    written = json.dumps(asdict(facts), ensure_ascii=False, sort_keys=True)
    row: dict[str, Value] = {
        "record_id": record_id,
        "facts": written,
        "pan": secrets.pan.reveal(),
        "clearing": secrets.clearing,
    }
    growing.insert(database, at, growing.CARDS, row)


def spent_minor(database: Database, pan: str, batch: int) -> int:
    """The sum of one card's completed records of one batch."""
    return database.integer(_SPENT, (pan, batch))


def clearing(database: Database, record_id: int) -> bytes:
    """The chip's data kept with a record, which must have a card: what it has come to at the end, where it has."""
    found = database.row(_CLEARING, (record_id,))
    assert found is not None, record_id
    assert isinstance(found[0], bytes), record_id
    return found[0]


def pan(database: Database, record_id: int) -> Pan:
    """The card number kept with a record, which must have a card."""
    found = database.row("SELECT pan FROM cards WHERE record_id = ?", (record_id,))
    assert found is not None, record_id
    return Pan(text(found[0]))


def parse_facts(written: Value, result: Value) -> CardFacts | None:
    """The facts as they stand in the file, with the chip's `result` where there is one; None without a card."""
    if written is None:
        return None
    return CardFacts(**{**json.loads(text(written)), **({} if result is None else json.loads(text(result)))})
