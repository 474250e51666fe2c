"""The encrypted file under the journal: opening it, asking it, and changing it so that the answer can be believed.

The rule owned here: what a transaction promised is on disk when it ends, and what it did not promise is not there. A
failed COMMIT proves nothing, so the file is closed, opened again and read. Which tables there are is not decided here.
The settings were measured with a file system that drops and tears what was not synced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import apsw

from firmware.errors import TillberryError
from firmware.hal.errors import StorageFailed, StorageFull
from firmware.journal.errors import JournalBusy, JournalDamaged, JournalTooNew, JournalTooOld, StateNotWritable
from firmware.units import KeyBytes

Value = str | int | bytes | None
Row = tuple[Value, ...]
Bindings = tuple[Value, ...] | Mapping[str, Value]

_CIPHER: Final = "chacha20"
"""ChaCha20 with a Poly1305 tag for every page: a flipped bit is an error, never a wrong value."""

_SETTINGS: Final[Mapping[str, str | int]] = {
    "locking_mode": "exclusive",
    "journal_mode": "wal",
    "synchronous": "extra",
    "wal_autocheckpoint": 0,  # `transaction` settles the log itself.
    "foreign_keys": "on",
    "recursive_triggers": "on",
    "temp_store": "memory",
    "trusted_schema": "off",
}


_SETTINGS_TO_READ: Final[Mapping[str, str | int]] = {
    "locking_mode": "exclusive",  # Else SQLite puts an index of the log beside it.
    "temp_store": "memory",
    "trusted_schema": "off",
    "query_only": "on",
}

LOCK_WAIT_MS: Final = 2_500
"""How long to wait for another process to let go: a listing that began while no terminal ran, for instance."""

_CHECKED_AT_START_MOST: Final = 256
"""Pages of a file that is read through when it is opened: 1 MiB, some 800 records, and some 50 ms on a small board.

Every page is authenticated whenever it is read; for the first weeks of a journal damage is told at the start already.
"""

_UNSETTLED_MOST: Final = 50
"""Commits that may gather in the log before it is settled, whatever they were: it keeps the log short."""


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite that an operator can meet into ours; the others are mistakes in the program."""
    try:
        yield
    except apsw.FullError as exc:
        raise StorageFull(f"There is no room left on the storage that holds {path}. Free some space.") from exc
    except (apsw.NotADBError, apsw.CorruptError) as exc:
        raise JournalDamaged(
            f"The journal {path} is damaged. Keep it for the support, and put back a backup or start a new journal."
        ) from exc
    except (apsw.BusyError, apsw.LockedError) as exc:
        raise JournalBusy(f"Another process has the journal {path} open. Stop that one first.") from exc
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError) as exc:
        raise StateNotWritable(
            f"The directory {path.parent} is missing or may not be written. Create it, or correct its owner and mode."
        ) from exc
    except apsw.IOError as exc:
        raise StorageFailed(f"The storage failed while the journal {path} was read or written ({exc}).") from exc


def holds_anything(path: Path, vfs: str | None) -> bool:
    """Whether there is a file with content at `path`; nothing is read, so that no key is needed."""
    try:
        # The file system with encryption is there only once a connection has named it.
        apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs).close()
        file = apsw.VFSFile(vfs or "", str(path), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
    except apsw.CantOpenError:
        return False
    try:
        return file.xFileSize() > 0
    finally:
        file.xClose()


class Database:
    """One encrypted SQLite file, held exclusively."""

    def __init__(
        self, path: Path, key: KeyBytes, *, vfs: str | None, read_only: bool = False, lock_wait_ms: int = LOCK_WAIT_MS
    ) -> None:
        """Name the file; nothing is opened yet. `vfs` is a virtual file system of apsw, encryption included.

        `lock_wait_ms` is how long the first opening waits for another process to let go.
        """
        self.path = path
        self._key = key
        self._vfs = vfs
        self._read_only = read_only
        self._lock_wait_ms = lock_wait_ms
        self._connection: apsw.Connection | None = None
        self._unsettled = 0

    def open(self, migrations: tuple[str, ...], *, create: bool) -> bool:
        """Open the file and bring its tables up to date; return whether it was there before.

        Where it was not there, or is empty, `create` decides whether it is made now or left alone.
        Raises: JournalDamaged, JournalBusy, JournalTooNew, StateNotWritable, StorageFailed, StorageFull.
        """
        with storage_errors(self.path):
            if not create and not self._exists():
                return False
            connection = self._connected()
            self._lock_wait_ms = LOCK_WAIT_MS
            version = _version(connection)
            if version == 0 and not create:
                self.close()
                return False
            self._check_known(version, len(migrations))
            for number in range(version, len(migrations)):
                self._migrate(connection, number + 1, migrations[number])
            if self.integer("PRAGMA page_count") <= _CHECKED_AT_START_MOST:
                _check_pages(connection)
            return version > 0

    def open_to_read(self, migrations: tuple[str, ...]) -> None:
        """Open the file, which must be there and up to date, and leave it as it is, log included.

        Raises: as `open`, and JournalTooOld.
        """
        assert self._read_only, self.path
        with storage_errors(self.path):
            version = _version(self._connected())
        self._check_known(version, len(migrations))
        if version < len(migrations):
            self.close()
            raise JournalTooOld(
                f"The journal {self.path} is of an older firmware. Start the terminal once to update it."
            )

    def rows(self, statement: str, bindings: Bindings = ()) -> list[Row]:
        """Run one statement and return all its rows. Raises: as `open`."""
        with storage_errors(self.path):
            return list(self._connected().execute(statement, bindings))

    def row(self, statement: str, bindings: Bindings = ()) -> Row | None:
        """Run one statement and return its first row, None where it has none. Raises: as `open`."""
        found = self.rows(statement, bindings)
        return found[0] if found else None

    def named_rows(self, statement: str, bindings: Bindings = ()) -> list[Mapping[str, Value]]:
        """Run one statement and return its rows with the names of their columns. Raises: as `open`."""
        with storage_errors(self.path):
            cursor = self._connected().execute(statement, bindings)
            return [dict(zip((name for name, _type in cursor.get_description()), row, strict=True)) for row in cursor]

    def integer(self, statement: str, bindings: Bindings = ()) -> int:
        """Run one statement that has exactly one whole number as its answer. Raises: as `open`."""
        found = self.row(statement, bindings)
        assert found is not None, statement
        return whole(found[0])

    @contextmanager
    def transaction(self, *, settle: bool = False) -> Iterator[None]:
        """Make the changes of the block at once: all are on disk when it ends, or none where it raises.

        `settle` is for what the outside world will be told: the log is copied into the file, whose pages are
        authenticated, and emptied. A log that goes bad later looks like the torn end of a log and is silently left out.
        Raises: as `open`, and then nothing was changed; only where the file could not be read again after a failed
        commit nobody knows, and the sentence says so.
        """
        with storage_errors(self.path):
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.rows("UPDATE counters SET commits = commits + 1")
                number = self.integer("SELECT commits FROM counters")
            except BaseException:
                self.close()  # It rolls back, whatever state the connection is in.
                raise
            try:
                connection.execute("COMMIT")
            except apsw.Error:
                if not self._landed(number):
                    raise
            self._unsettled += 1
            if settle or self._unsettled >= _UNSETTLED_MOST:
                self._settle()

    def close(self) -> None:
        """Let go of the file; may be called more than once."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # The last checkpoint of a dying disk is of no matter: whatever was acknowledged is on disk already.
            with suppress(apsw.Error):
                connection.close()

    def _settle(self) -> None:
        # The changes are durable in the log; where there is no room or no luck to copy them now, the next time will do.
        with suppress(apsw.Error):
            self._connected().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._unsettled = 0

    def _landed(self, number: int) -> bool:
        """Close, open again and read whether the commit with this number is on disk."""
        self.close()
        try:
            connection = self._connected()
            # What the failed sync left in memory only is written and synced again, or this fails too.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return self.integer("SELECT commits FROM counters") >= number
        except (apsw.Error, TillberryError) as exc:
            self.close()
            raise StorageFailed(
                f"The storage failed while {self.path} was written, and it cannot be read. "
                "Whether the last step was kept shows when the terminal starts again."
            ) from exc

    def _migrate(self, connection: apsw.Connection, version: int, step: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(step)
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            self.close()
            raise

    def _check_known(self, version: int, newest: int) -> None:
        if version > newest:
            self.close()
            raise JournalTooNew(
                f"The journal {self.path} has version {version}, this firmware knows {newest}. Update it."
            )

    def _exists(self) -> bool:
        try:
            apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=self._vfs).close()
        except apsw.CantOpenError:
            if self._vfs is None and self.path.exists():
                raise
            return False
        return True

    def _connected(self) -> apsw.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> apsw.Connection:
        flags = apsw.SQLITE_OPEN_READWRITE | (0 if self._read_only else apsw.SQLITE_OPEN_CREATE)
        connection = apsw.Connection(str(self.path), flags=flags, vfs=self._vfs)
        try:
            connection.set_busy_timeout(self._lock_wait_ms)
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, self._read_only)
            _unlock(connection, self._key)
            for name, value in (_SETTINGS_TO_READ if self._read_only else _SETTINGS).items():
                connection.pragma(name, value)
            _version(connection)
        except BaseException:
            with suppress(apsw.Error):
                connection.close()
            raise
        return connection


def _unlock(connection: apsw.Connection, key: KeyBytes) -> None:
    """Give the connection its key, before anything touches the file; a raw key skips the slow derivation."""
    clear = key.reveal()
    assert len(clear) == 32, "a journal key has 32 bytes"
    connection.pragma("cipher", _CIPHER)
    connection.pragma("key", f"raw:{clear.hex()}")


def _check_pages(connection: apsw.Connection) -> None:
    """Read the whole file. Raises: apsw.CorruptError - a page or the order of the pages is not right."""
    faults = [str(fault) for (fault,) in connection.execute("PRAGMA quick_check(1)")]
    if faults != ["ok"]:
        raise apsw.CorruptError(faults[0])


def _version(connection: apsw.Connection) -> int:
    version = connection.pragma("user_version")
    assert isinstance(version, int), version
    return version


def whole(value: Value) -> int:
    """A whole number out of a row; the tables are strict, so anything else is a mistake of ours."""
    assert isinstance(value, int), value
    return value


def text(value: Value) -> str:
    """A text out of a row; the tables are strict, so anything else is a mistake of ours."""
    assert isinstance(value, str), value
    return value
