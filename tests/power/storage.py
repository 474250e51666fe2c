"""Storage that forgets what was not synced: what a power cut leaves behind, and what a full or broken disk does.

`PowerLosingVfs` is a virtual file system for SQLite, with files in memory on a `Disk`; `PowerLosingNvram` and
`PowerLosingSealer` keep small values and keys beside them. All tell one callback of every effect before and after they
have it. It may raise PowerLost, after which nothing works until `restart`, or an error of apsw: a disk that is full or
broken. Modelled after the unix VFS of SQLite on a journalling file system: a name is durable once its directory was
synced, which SQLite does with the first sync of a log that it may have created, and sectors are written whole or not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import apsw

from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes

SECTOR: Final = 512

OnEffect = Callable[[str], None]

_LOGS: Final = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
_ALIVE: Final[list[apsw.VFS]] = []
"""Every file system made: SQLite keeps pointers to them, so none may be collected."""


class PowerLost(BaseException):
    """The power went; nothing may catch this but whoever holds the plug."""


@dataclass(eq=False)
class _Content:
    """The bytes of one file: as they are seen, as they are sure to survive, and the writes between the two."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, offset: int, data: bytes) -> None:
        _apply(self.seen, offset, data)
        self.pending.append((offset, data))

    def truncate(self, size: int) -> None:
        _apply(self.seen, size, None)
        self.pending.append((size, None))

    def sync(self) -> None:
        self.durable = bytes(self.seen)
        self.pending.clear()

    def survive(self, chance: random.Random) -> None:
        """Become what a power cut may leave: any of the writes since the last sync, whole, in part, or not at all."""
        kept = bytearray(self.durable)
        luck = chance.choice((0.0, 0.5, 0.9, 1.0))
        for offset, data in self.pending:
            if data is None:
                if chance.random() < luck:
                    _apply(kept, offset, None)
                continue
            for start, end in _sectors(offset, len(data)):
                if chance.random() < luck:
                    _apply(kept, start, data[start - offset : end - offset])
        self.seen = kept
        self.sync()


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    """Write `data` at `offset`, or, where it is None, cut or extend the content to `offset` bytes."""
    if data is None:
        del content[offset:]
    content.extend(bytes(max(0, offset - len(content))))
    if data is not None:
        content[offset : offset + len(data)] = data


def _sectors(offset: int, length: int) -> Iterator[tuple[int, int]]:
    start, end = offset, offset + length
    while start < end:
        border = min(end, (start // SECTOR + 1) * SECTOR)
        yield start, border
        start = border


class Disk:
    """Files, small values, and the power they depend on."""

    def __init__(self, on_effect: OnEffect = lambda _name: None, *, seed: int = 0, capacity: int | None = None) -> None:
        """`seed` decides what survives a cut; `capacity` is the room for files in bytes, None for no limit."""
        self.on_effect = on_effect
        self.on_read: OnEffect = lambda _name: None
        self.capacity = capacity
        self.powered = True
        self.files: dict[str, _Content] = {}
        self.values: dict[str, bytes] = {}
        self._durable_names: dict[str, _Content] = {}
        self._chance = random.Random(seed)

    def cut(self) -> None:
        """Take the power away: every call fails from now on."""
        self.powered = False

    def restart(self, on_effect: OnEffect = lambda _name: None) -> None:
        """Give the power back, with what has survived; whatever was opened before the cut stays dead."""
        self.cut()
        survivors: dict[str, _Content] = {}
        for name in sorted(self.files.keys() | self._durable_names.keys()):
            seen, durable = self.files.get(name), self._durable_names.get(name)
            content = seen if seen is durable or self._chance.random() < 0.5 else durable
            if content is not None:
                content.survive(self._chance)
                survivors[name] = _Content(content.seen, content.durable)
        self.files = survivors
        self._durable_names = dict(survivors)
        self.on_effect = on_effect
        self.powered = True

    def sync_names(self) -> None:
        """Make the names of the directory durable."""
        self._durable_names = dict(self.files)

    def require_power(self) -> None:
        """Raise PowerLost where there is none."""
        if not self.powered:
            raise PowerLost

    @contextmanager
    def effect(self, name: str) -> Iterator[None]:
        """Have an effect, unless the callback or the missing power prevents it."""
        self.require_power()
        self._tell(name)
        yield
        self._tell(f"{name} done")

    def require_room(self, content: _Content, size: int) -> None:
        """Raise FullError where `content` cannot grow to `size`."""
        others = sum(len(other.seen) for other in self.files.values() if other is not content)
        if self.capacity is not None and size > len(content.seen) and others + size > self.capacity:
            raise apsw.FullError("no room on the disk")

    def _tell(self, name: str) -> None:
        try:
            self.on_effect(name)
        except PowerLost:
            self.cut()
            raise


class _File:
    """An open file, as apsw calls it."""

    def __init__(self, disk: Disk, name: str, content: _Content, flags: int) -> None:
        self._disk = disk
        self._name = name.rpartition("/")[2]
        self._content = content
        self._syncs_names = bool(flags & _LOGS and flags & apsw.SQLITE_OPEN_CREATE)
        self._deletes = bool(flags & apsw.SQLITE_OPEN_DELETEONCLOSE)
        self._path = name
        self._life = disk.files

    def _require_life(self) -> None:
        """A file that was open when the power went belongs to a process that is dead."""
        self._disk.require_power()
        if self._life is not self._disk.files:
            raise PowerLost

    def xRead(self, amount: int, offset: int) -> bytes:
        self._require_life()
        self._disk.on_read(f"read {self._name}")
        return bytes(self._content.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._require_life()
        with self._disk.effect(f"write {self._name}"):
            self._disk.require_room(self._content, offset + len(data))
            self._content.write(offset, bytes(data))

    def xTruncate(self, size: int) -> None:
        self._require_life()
        with self._disk.effect(f"truncate {self._name}"):
            self._content.truncate(size)

    def xSync(self, _flags: int) -> None:
        self._require_life()
        with self._disk.effect(f"sync {self._name}"):
            self._content.sync()
            if self._syncs_names:
                self._disk.sync_names()
                self._syncs_names = False

    def xFileSize(self) -> int:
        self._require_life()
        return len(self._content.seen)

    def xClose(self) -> None:
        if self._deletes and self._life is self._disk.files:
            self._disk.files.pop(self._path, None)

    def xLock(self, _level: int) -> None:
        self._require_life()

    def xUnlock(self, _level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, _operation: int, _pointer: int) -> bool:
        return False

    def excepthook(self, *_error: object) -> None:
        """Where SQLite goes on in spite of an error, nobody else is to hear of it."""

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0


class PowerLosingVfs(apsw.VFS):
    """A file system in memory, by `encrypted_name` with encryption; give it a fresh `disk` for each run."""

    def __init__(self, name: str, disk: Disk | None = None) -> None:
        super().__init__(name, base="")
        self.disk = Disk() if disk is None else disk
        self.encrypted_name = f"multipleciphers-{name}"
        _ALIVE.append(self)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:
        disk = self.disk
        disk.require_power()
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or f"temporary-{len(disk.files)}"
        if path not in disk.files:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError(path)
            with disk.effect(f"create {path.rpartition('/')[2]}"):
                disk.files[path] = _Content()
        flags[1] = flags[0]
        return _File(disk, path, disk.files[path], flags[0])

    def excepthook(self, *_error: object) -> bool:
        """Where SQLite goes on in spite of an error, nobody else is to hear of it."""
        return True

    def xDelete(self, filename: str, syncdir: bool) -> None:
        with self.disk.effect(f"delete {filename.rpartition('/')[2]}"):
            self.disk.files.pop(filename, None)
            if syncdir:
                self.disk.sync_names()

    def xAccess(self, pathname: str, _flags: int) -> bool:
        self.disk.require_power()
        return pathname in self.disk.files

    def xFullPathname(self, name: str) -> str:
        return name


class PowerLosingNvram:
    """Small values beside the files: a write is there as a whole or not at all."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def read(self, name: str) -> bytes | None:
        self._disk.require_power()
        return self._disk.values.get(name)

    def write(self, name: str, data: bytes) -> None:
        assert len(data) <= 4096, name
        with self._disk.effect(f"write {name}"):
            self._disk.values[name] = data

    def erase(self, name: str) -> None:
        with self._disk.effect(f"erase {name}"):
            self._disk.values.pop(name, None)


class PowerLosingSealer:
    """Keys beside the files: a key is sealed as a whole or not at all."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def unseal(self, name: str) -> KeyBytes | None:
        self._disk.require_power()
        clear = self._disk.values.get(f"sealed {name}")
        return None if clear is None else KeyBytes(clear)

    def seal(self, name: str, key: KeyBytes) -> None:
        if f"sealed {name}" in self._disk.values:
            raise KeyUnavailable(f"There is a key {name} already.")
        with self._disk.effect(f"seal {name}"):
            self._disk.values[f"sealed {name}"] = key.reveal()

    def destroy(self, name: str) -> None:
        with self._disk.effect(f"destroy {name}"):
            self._disk.values.pop(f"sealed {name}", None)
