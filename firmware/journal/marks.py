"""High-water marks of the journal in the board's small storage, which outlives the database.

The rule owned here: a trace number is reserved in the marks before it is given out, in blocks, so that a lost or an
older database can never give it out again. The marks also hold a check value of the key, which tells a wrong key from
a damaged file, and the newest audit row of the last start, which tells an older copy from the database itself.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from firmware.hal import Nvram
from firmware.journal.errors import JournalDamaged
from firmware.units import BATCH_LAST, STAN_LAST, KeyBytes, Stan

BLOCK: Final = 100
"""How many trace numbers are reserved at once: one write of the small storage for so many records."""

MARKS_NAME: Final = "journal-marks"
KEY_CHECK_NAME: Final = "journal-key-check"

_KEY_CHECK_PREFIX: Final = b"tillberry journal key check 1:"


@dataclass(frozen=True, slots=True)
class Marks:
    """What was given out at most.

    `stans_reserved` counts trace numbers since the terminal's first day: none beyond it was ever given out. `batch` is
    the highest batch number, `audit_seq` and `audit_hash` a row that the audit trail must hold.
    """

    stans_reserved: int
    batch: int
    audit_seq: int
    audit_hash: bytes


def stan_of(count: int) -> Stan:
    """The trace number of the `count`th record since the first day, from 1; 000001 follows 999999."""
    return Stan((count - 1) % STAN_LAST + 1)


def batch_after(batch: int) -> int:
    """The batch number that follows; 000001 follows 999998."""
    return 1 if batch >= BATCH_LAST else batch + 1


def read(nvram: Nvram) -> Marks | None:
    """The marks, None where none were ever written. Raises: JournalDamaged, StorageFailed."""
    data = nvram.read(MARKS_NAME)
    if data is None:
        return None
    try:
        fields = json.loads(data)
        marks = Marks(
            int(fields["stans_reserved"]),
            int(fields["batch"]),
            int(fields["audit_seq"]),
            bytes.fromhex(fields["audit_hash"]),
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise JournalDamaged(
            f"The counters of the journal ({MARKS_NAME}) cannot be understood. Keep them for the support."
        ) from exc
    return marks


def write(nvram: Nvram, marks: Marks) -> None:
    """Store the marks; durable when it returns. Raises: StorageFailed, StorageFull."""
    fields = {
        "stans_reserved": marks.stans_reserved,
        "batch": marks.batch,
        "audit_seq": marks.audit_seq,
        "audit_hash": marks.audit_hash.hex(),
    }
    nvram.write(MARKS_NAME, json.dumps(fields).encode())


def key_check(key: KeyBytes) -> bytes:
    """A value that tells whether a key is this one, and nothing else about it."""
    return hashlib.sha256(_KEY_CHECK_PREFIX + key.reveal()).digest()[:16]
