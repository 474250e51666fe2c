"""A Sealer around another: every key is enciphered under a passphrase or a credential before it is stored.

Owned here: the form of such a sealed key, `salt (16) | nonce (12) | AES-256-GCM of the key`, its name authenticated
with it. The wrapping key comes from the secret by scrypt (RFC 7914), so that a passphrase that people remember costs
whoever guesses it 16 MiB and some 50 ms a guess. A storage that is stolen alone then opens nothing.

The wrapping keys that were derived are kept in memory: a terminal with DUKPT asks for one at every message.
"""

from __future__ import annotations

import hashlib
import os
from typing import Final

from firmware.hal import Sealer
from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes

_SALT: Final = 16
_NONCE: Final = 12
_TAG: Final = 16
SEALED_MORE: Final = _SALT + _NONCE + _TAG
"""How many bytes more than the key itself `inner` must be able to keep."""
_COST: Final = 2**14
_BLOCK: Final = 8
_KEPT_MOST: Final = 16


class CredentialSealer:
    """Keys enciphered under a secret, kept by `inner`."""

    def __init__(self, inner: Sealer, secret: KeyBytes) -> None:
        """Take the secret; nothing is derived yet."""
        self._inner = inner
        self._secret = secret
        self._derived: dict[bytes, bytes] = {}

    def unseal(self, name: str) -> KeyBytes | None:
        """Return the key sealed under `name`, None where there is none.

        Raises: KeyUnavailable - as `inner`, or it was sealed under another secret.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - a board without a secret never loads it
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        sealed = self._inner.unseal(name)
        if sealed is None:
            return None
        blob = sealed.reveal()
        salt, nonce, enciphered = blob[:_SALT], blob[_SALT : _SALT + _NONCE], blob[_SALT + _NONCE :]
        if len(enciphered) <= _TAG:
            raise KeyUnavailable(f"The key {name} is not sealed under a passphrase or credential.")
        try:
            return KeyBytes(AESGCM(self._wrapping(salt)).decrypt(nonce, enciphered, name.encode()))
        except InvalidTag:
            raise KeyUnavailable(f"The key {name} is sealed under another passphrase or credential.") from None

    def seal(self, name: str, key: KeyBytes) -> None:
        """Seal a new key under `name`; durable when it returns. Raises: as `inner`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
        enciphered = AESGCM(self._wrapping(salt)).encrypt(nonce, key.reveal(), name.encode())
        self._inner.seal(name, KeyBytes(salt + nonce + enciphered))

    def destroy(self, name: str) -> None:
        """Destroy the key sealed under `name`, and what was derived for any. Raises: as `inner`."""
        self._derived.clear()
        self._inner.destroy(name)

    def _wrapping(self, salt: bytes) -> bytes:
        if salt not in self._derived:
            if len(self._derived) >= _KEPT_MOST:
                self._derived.clear()
            self._derived[salt] = hashlib.scrypt(
                self._secret.reveal(), salt=salt, n=_COST, r=_BLOCK, p=1, maxmem=2**26, dklen=32
            )
        return self._derived[salt]
