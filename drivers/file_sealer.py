"""Keys in files that only the terminal's own account can read: for boards without a secure element.

It keeps a key from other accounts of the machine, not from whoever holds the storage in the hand.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Final

from firmware.hal.errors import KeyUnavailable, StorageFull
from firmware.units import KeyBytes

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KEY_LONGEST: Final = 64


class FileSealer:
    """Keys as hexadecimal text in files of one directory, which is made with the first key."""

    def __init__(self, directory: Path, *, longest: int = _KEY_LONGEST) -> None:
        """Name the directory, and how many bytes a key has at most; nothing is touched yet."""
        self._directory = directory
        self._longest = longest

    def unseal(self, name: str) -> KeyBytes | None:
        """Return the key sealed under `name`, None where there is none.

        Raises: KeyUnavailable - it cannot be read or understood, others may read it, or another account owns it.
        """
        path = self._path(name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise KeyUnavailable(f"The key file {path} cannot be opened: {exc.strerror}.") from exc
        with os.fdopen(descriptor, "rb") as file:
            _check_private(path, os.fstat(descriptor))
            try:
                text = file.read(2 * self._longest + 2)
            except OSError as exc:
                raise KeyUnavailable(f"The key file {path} cannot be read: {exc.strerror}.") from exc
        return self._parsed(path, text)

    def seal(self, name: str, key: KeyBytes) -> None:
        """Seal a new key under `name`; durable when it returns.

        Raises: StorageFull; KeyUnavailable - it cannot be written, or there is such a key already.
        """
        path = self._path(name)
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(path, key.reveal().hex().encode() + b"\n")
        except OSError as exc:
            if path.is_file():
                raise KeyUnavailable(f"There is a key in {path} already; it is not replaced.") from exc
            if exc.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(f"There is no room left on the storage that holds {path}. Free some space.") from exc
            raise KeyUnavailable(f"The key file {path} cannot be written: {exc.strerror}.") from exc

    def destroy(self, name: str) -> None:
        """Overwrite the key file of `name` with zeros and remove it; durable when it returns.

        A file system, or the controller of a flash storage, may keep the old blocks elsewhere. Raises: KeyUnavailable.
        """
        path = self._path(name)
        try:
            for left in (path, path.with_suffix(".new")):
                _overwrite_and_remove(left)
        except OSError as exc:
            raise KeyUnavailable(f"The key file {path} cannot be destroyed: {exc.strerror}.") from exc

    def _path(self, name: str) -> Path:
        assert _NAME.fullmatch(name), name
        return self._directory / f"{name}.key"

    def _parsed(self, path: Path, text: bytes) -> KeyBytes:
        try:
            clear = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            clear = b""
        if not 1 <= len(clear) <= self._longest:
            # Without a cause: its text could hold a part of the key.
            raise KeyUnavailable(f"The key file {path} does not hold a key, or one under a passphrase or credential.")
        return KeyBytes(clear)


def _check_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyUnavailable(f"The key file {path} is not a regular file.")
    if status.st_uid != os.geteuid():
        raise KeyUnavailable(f"The key file {path} belongs to another account. Give it to the terminal's own.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeyUnavailable(f"The key file {path} may be read by others. Set its mode to 0600.")


def _create(path: Path, content: bytes) -> None:
    """Write under another name, sync, and link the finished file to its name: a power cut leaves no half key."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    os.link(fresh, path)
    fresh.unlink()
    _sync_directory(path.parent)


def _overwrite_and_remove(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(os.fstat(descriptor).st_size))
        file.flush()
        os.fsync(descriptor)
    path.unlink()
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
