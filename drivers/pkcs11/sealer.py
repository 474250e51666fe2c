"""The hal's Sealer on a PKCS#11 token, through python-pkcs11: each key is a private data object with its name as label.

A data object and not a key object: the terminal enciphers its vault and its journal itself, so the key must come out.
It does so only after the token's PIN, and a token that counts wrong ones protects it from whoever holds the storage.
Source: PKCS #11 v2.40 §4.5 (data objects), §5.6 (sessions and login).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pkcs11
from pkcs11.constants import Attribute, ObjectClass
from pkcs11.exceptions import DeviceMemory, PinIncorrect, PinLocked, PKCS11Error

from firmware.hal.errors import KeyUnavailable, StorageFull
from firmware.units import KeyBytes

_APPLICATION: Final = "tillberry"
_KEY_LONGEST: Final = 128


class Pkcs11Sealer:
    """Keys on one token. Each call is a session of its own, so that the token may be pulled and put back between."""

    def __init__(self, module: Path, token: str, pin: KeyBytes) -> None:
        """Name the token's library, its label and its user PIN; nothing is touched yet."""
        self._module = module
        self._token = token
        self._pin = pin
        self._refused = False

    def unseal(self, name: str) -> KeyBytes | None:
        """Return the key sealed under `name`, None where there is none.

        Raises: KeyUnavailable - no such token, a wrong PIN, or an object that is no key.
        """
        with self._session() as session:
            for found in _objects(session, name):
                clear = found[Attribute.VALUE]
                if not 1 <= len(clear) <= _KEY_LONGEST:
                    raise KeyUnavailable(f"The object {name} of the token {self._token} does not hold a key.")
                return KeyBytes(bytes(clear))
        return None

    def seal(self, name: str, key: KeyBytes) -> None:
        """Seal a new key under `name`; as durable when it returns as the token makes it.

        Raises: StorageFull; KeyUnavailable - as `unseal`, or there is such a key already.
        """
        with self._session() as session:
            if _objects(session, name):
                raise KeyUnavailable(f"There is a key {name} on the token {self._token} already; it is not replaced.")
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.DATA,
                    Attribute.TOKEN: True,
                    Attribute.PRIVATE: True,
                    Attribute.APPLICATION: _APPLICATION,
                    Attribute.LABEL: name,
                    Attribute.VALUE: key.reveal(),
                }
            )

    def destroy(self, name: str) -> None:
        """Destroy the objects of that name. Raises: KeyUnavailable - as `unseal`, or the token refuses."""
        with self._session() as session:
            for found in _objects(session, name):
                found.destroy()

    @contextmanager
    def _session(self) -> Iterator[Any]:
        """Log in for one piece of work. A PIN that was wrong is not tried again: tokens lock after a few."""
        if self._refused:
            raise KeyUnavailable(f"The PIN for the token {self._token} was refused. Correct it, then start again.")
        try:
            token = pkcs11.lib(str(self._module)).get_token(token_label=self._token)
            with token.open(rw=True, user_pin=self._pin.reveal().decode()) as session:
                yield session
        except (PinIncorrect, PinLocked, UnicodeDecodeError):
            self._refused = True
            # Without the cause: it could hold the PIN.
            raise KeyUnavailable(f"The token {self._token} refuses the PIN, or is locked.") from None
        except DeviceMemory as exc:
            raise StorageFull(f"There is no room left on the token {self._token}.") from exc
        except PKCS11Error as exc:
            fact = str(exc) or type(exc).__name__
            raise KeyUnavailable(f"The token {self._token} of {self._module} cannot be used: {fact}.") from exc


def _objects(session: Any, name: str) -> list[Any]:
    wanted = {Attribute.CLASS: ObjectClass.DATA, Attribute.APPLICATION: _APPLICATION, Attribute.LABEL: name}
    return list(session.get_objects(wanted))
