"""Small durable values in files: what stands in for a board's own non-volatile memory.

Each value is one file that begins with its checksum; it is replaced as a whole, so a power cut leaves the old or the
new value. There is no protection here against an older file put back by hand.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path
from typing import Final

from drivers.place import Options, Place
from firmware.hal.errors import StorageFailed, StorageFull

VALUE_LARGEST: Final = 4096
"""Bytes in the largest value."""

_CHECKSUM_LENGTH: Final = hashlib.sha256().digest_size
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class FileNvram:
    """Values as files in one directory, which is made on the first write."""

    def __init__(self, directory: Path) -> None:
        """Name the directory; nothing is touched yet."""
        self._directory = directory

    def read(self, name: str) -> bytes | None:
        """Return what was written last under `name`, None where nothing ever was. Raises: StorageFailed."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                content = file.read(_CHECKSUM_LENGTH + VALUE_LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise StorageFailed(f"The value in {path} cannot be read: {exc.strerror}.") from exc
        checksum, data = content[:_CHECKSUM_LENGTH], content[_CHECKSUM_LENGTH:]
        if checksum != _checksum(name, data):
            raise StorageFailed(f"The value in {path} is damaged. Keep the file for the support.")
        return data

    def write(self, name: str, data: bytes) -> None:
        """Store `data`, at most 4096 bytes, under `name`; durable when it returns.

        Raises: StorageFailed, StorageFull; the old value then stands, or, where only the last sync failed, the new one.
        """
        assert len(data) <= VALUE_LARGEST, name
        path = self._path(name)
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(path, _checksum(name, data) + data)
        except OSError as exc:
            if exc.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(f"There is no room left on the storage that holds {path}. Free some space.") from exc
            raise StorageFailed(f"The value in {path} cannot be written: {exc.strerror}.") from exc

    def erase(self, name: str) -> None:
        """Overwrite the file of `name` with zeros and remove it; durable when it returns.

        A file system may keep the old blocks elsewhere: what must not be read again is to be enciphered before.
        Raises: StorageFailed.
        """
        path = self._path(name)
        try:
            for left in (path, path.with_suffix(".new")):
                _overwrite_and_remove(left)
        except OSError as exc:
            raise StorageFailed(f"The value in {path} cannot be erased: {exc.strerror}.") from exc

    def _path(self, name: str) -> Path:
        assert _NAME.fullmatch(name), name
        return self._directory / f"{name}.value"


def _checksum(name: str, data: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + data).digest()


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file, sync, rename over it, and sync the directory: the order that survives a power cut."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)


def _overwrite_and_remove(path: Path) -> None:
    try:
        with path.open("r+b") as file:
            file.write(bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink()
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def nvram(options: Options, place: Place) -> FileNvram:
    """The storage that a board asks for. Raises: ConfigError."""
    place.take_nothing("nvram", options)
    return FileNvram(place.site.state)
