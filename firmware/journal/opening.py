"""Finding, making or refusing the journal at the start of the terminal.

The rule owned here: the counters never go back. A database that is gone, or an older copy of it, shows against the
marks in the small storage, and numbers go on above them with an audit row that explains the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware.hal import Clock, Entropy, Nvram, Sealer
from firmware.hal.errors import KeyUnavailable
from firmware.journal import audit, marks, schema
from firmware.journal.database import LOCK_WAIT_MS, Database, holds_anything
from firmware.journal.errors import JournalMissing, WrongKey
from firmware.journal.marks import Marks
from firmware.units import KeyBytes

FILE_NAME: Final = "journal.db"
KEY_NAME: Final = "journal"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the journal needs of the board."""

    sealer: Sealer
    nvram: Nvram
    clock: Clock
    entropy: Entropy


def open_database(
    directory: Path, around: Surroundings, *, vfs: str | None, start_new: bool, lock_wait_ms: int = LOCK_WAIT_MS
) -> tuple[Database, Marks]:
    """Open the journal's database in `directory` with its marks, or make it where this terminal never had one.

    `start_new` makes it also where there was one that is lost, never over one that is there. Raises: JournalMissing,
    WrongKey, KeyUnavailable, and what `Database.open` raises.
    """
    path = directory / FILE_NAME
    kept = marks.read(around.nvram)
    key = around.sealer.unseal(KEY_NAME)
    may_create = kept is None or start_new
    may_rekey = may_create and not holds_anything(path, vfs)
    key, check_is_new = _key(around, path, may_rekey=may_rekey)
    database = Database(path, key, vfs=vfs, lock_wait_ms=lock_wait_ms)
    try:
        existed = database.open(schema.MIGRATIONS, create=may_create)
        _check_present(path, present=existed or may_create)
        # Only now is the key proven: a check value of a wrong one would call the right one wrong for ever after.
        if check_is_new:
            around.nvram.write(marks.KEY_CHECK_NAME, marks.key_check(key))
        return database, _settle_counters(database, around, kept)
    except BaseException:
        database.close()
        raise


def open_to_read(directory: Path, around: Surroundings, *, vfs: str | None) -> Database:
    """Open the journal's database in `directory` for a look: nothing is made, settled or noted.

    Raises: JournalMissing, WrongKey, KeyUnavailable, and what `Database.open_to_read` raises.
    """
    path = directory / FILE_NAME
    _check_present(path, present=holds_anything(path, vfs))
    key, _ = _key(around, path, may_rekey=False)
    database = Database(path, key, vfs=vfs, read_only=True)
    database.open_to_read(schema.MIGRATIONS)
    return database


def reserve(database: Database, nvram: Nvram, *, stans_reserved: int) -> Marks:
    """Write the marks: trace numbers up to `stans_reserved`, the batch, and the newest audit row."""
    newest = audit.head(database)
    assert newest is not None, "a journal without its first audit row"
    batch = database.integer("SELECT batch FROM counters")
    reserved = Marks(stans_reserved, batch, newest.seq, newest.hash)
    marks.write(nvram, reserved)
    return reserved


def _check_present(path: Path, *, present: bool) -> None:
    if not present:
        raise JournalMissing(
            f"This terminal has kept a journal before, but {path} is gone. "
            "Put back the newest backup, or start a new journal."
        )


def _key(around: Surroundings, path: Path, *, may_rekey: bool) -> tuple[KeyBytes, bool]:
    """The sealed key, or a new one where `may_rekey`; and whether its check value is not kept yet."""
    key = around.sealer.unseal(KEY_NAME)
    if key is None:
        if not may_rekey:
            raise KeyUnavailable(f"The key of the journal {path} is missing. Put it back from its backup.")
        key = KeyBytes(around.entropy.bytes(32))
        around.sealer.seal(KEY_NAME, key)
    known_check = around.nvram.read(marks.KEY_CHECK_NAME)
    is_new = known_check != marks.key_check(key)
    if is_new and known_check is not None and not may_rekey:
        raise WrongKey(f"The sealed key is not the key of the journal {path}. Put back the right one.")
    return key, is_new


def _settle_counters(database: Database, around: Surroundings, kept: Marks | None) -> Marks:
    """Bring the counters above everything that was ever given out, and say so in the audit trail."""
    at = audit.stamp(around.clock.now())
    newest = audit.head(database)
    with database.transaction(settle=True):
        if newest is None:
            _begin(database, at, kept)
        elif kept is None:
            audit.append(database, at, "journal.marks_missing", {"audit_seq": newest.seq})
        elif _older(database, kept):
            _catch_up(database, at, kept)
        audit.append(database, at, "journal.opened", {})
    used = database.integer("SELECT stans_used FROM counters")
    reserved = used if kept is None else max(used, kept.stans_reserved)
    return reserve(database, around.nvram, stans_reserved=reserved)


def _begin(database: Database, at: str, kept: Marks | None) -> None:
    """Write the first audit row; after a lost journal, go on with the next batch and above the reserved numbers."""
    if kept is None:
        audit.append(database, at, "journal.created", {"batch": 1})
        return
    batch = marks.batch_after(kept.batch)
    _set_counters(database, kept.stans_reserved, batch)
    audit.append(
        database,
        at,
        "journal.started_new",
        {"reason": "the database was missing", "stans_reserved": kept.stans_reserved, "batch": batch},
    )


def _older(database: Database, kept: Marks) -> bool:
    """Whether the database is an older copy than the one that the marks were written for."""
    used, batch = _counters(database)
    too_low = used < kept.stans_reserved - marks.BLOCK or batch < kept.batch
    return too_low or audit.hash_at(database, kept.audit_seq) != kept.audit_hash


def _catch_up(database: Database, at: str, kept: Marks) -> None:
    used, batch = _counters(database)
    caught_up, batch = max(used, kept.stans_reserved), max(batch, kept.batch)
    _set_counters(database, caught_up, batch)
    audit.append(
        database,
        at,
        "stan.skipped",
        {"reason": "the database is an older copy", "stans_used": used, "stans_reserved": caught_up, "batch": batch},
    )


def _counters(database: Database) -> tuple[int, int]:
    return database.integer("SELECT stans_used FROM counters"), database.integer("SELECT batch FROM counters")


def _set_counters(database: Database, stans_used: int, batch: int) -> None:
    database.rows("UPDATE counters SET stans_used = ?, batch = ?", (stans_used, batch))
