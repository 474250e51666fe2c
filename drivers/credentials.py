"""The secrets that somebody else hands to the terminal at its start: by systemd, or in a file of its own account.

systemd deciphers a credential of the unit (`LoadCredentialEncrypted=`, made by `systemd-creds encrypt`, with a TPM
where the board has one) and names its directory in `CREDENTIALS_DIRECTORY`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes

_LONGEST: Final = 1024


def systemd_credential(name: str) -> KeyBytes:
    """Return the unit's credential of that name, without a newline at its end. Raises: KeyUnavailable."""
    assert "/" not in name, name
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        raise KeyUnavailable(f"There is no credential {name}: the terminal was not started by systemd with one.")
    return _read(Path(directory) / name)


def secret_file(path: Path) -> KeyBytes:
    """Return the content of a file that only this account can read, without a newline at its end.

    Raises: KeyUnavailable - it cannot be read, holds nothing, or others may read it.
    """
    return _read(path, private=True)


def _read(path: Path, *, private: bool = False) -> KeyBytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise KeyUnavailable(f"The secret {path} is not a regular file.")
            if private and (status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077):
                raise KeyUnavailable(
                    f"The secret {path} is not the terminal's alone. Give it to its account, mode 0600."
                )
            secret = file.read(_LONGEST + 1)
    except OSError as exc:
        raise KeyUnavailable(f"The secret {path} cannot be read: {exc.strerror}.") from exc
    secret = secret.removesuffix(b"\n")
    if not 1 <= len(secret) <= _LONGEST:
        raise KeyUnavailable(f"The secret {path} has none or more than {_LONGEST} bytes.")
    return KeyBytes(secret)
