"""The vault: the terminal's keys in its small storage, enciphered under a key-encryption key that a sealer keeps.

Owned here: keys at rest are enciphered and authenticated with AES-256-GCM (NIST SP 800-38D), and replaced as a whole,
so that a power cut leaves the old set or the new one. To destroy them, the key-encryption key goes first: what is left
then is noise, wherever the storage may have kept copies of it. An older vault put back by hand is not noticed here; its
working keys are then refused by the acquirer.
"""

from __future__ import annotations

from typing import Final

from firmware.hal import Entropy, Nvram, Sealer
from firmware.keys.ciphers import wipe
from firmware.keys.errors import BadKey, VaultDamaged
from firmware.keys.stored_keys import StoredKeys, pack, unpack
from firmware.units import KeyBytes

VAULT_NAME: Final = "key-vault"
"""The name in the small storage."""
SEALED_NAME: Final = "key-vault"
"""The name of the key-encryption key at the sealer."""

_HEADER: Final = b"tillberry keys 1"
_NONCE_BYTES: Final = 12
_SEALED_BYTES: Final = 32
_TAG_BYTES: Final = 16


class KeyVault:
    """Keeps one set of keys. Nothing is read before it is asked for."""

    def __init__(self, nvram: Nvram, sealer: Sealer, entropy: Entropy) -> None:
        self._nvram = nvram
        self._sealer = sealer
        self._entropy = entropy

    def load(self) -> StoredKeys:
        """Return the keys; an empty set where none were ever stored, or all were destroyed.

        The caller overwrites them when done. Raises: VaultDamaged, KeyUnavailable, StorageFailed.
        """
        sealed = self._nvram.read(VAULT_NAME)
        if not sealed:
            return StoredKeys()
        key = self._sealer.unseal(SEALED_NAME)
        if key is None:
            # The power went while the keys were being destroyed: what is here cannot be read by anyone any more.
            self._nvram.erase(VAULT_NAME)
            return StoredKeys()
        return self._open(key, sealed)

    def store(self, stored: StoredKeys) -> None:
        """Replace all keys; durable when it returns. Raises: KeyUnavailable, StorageFailed, StorageFull."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see firmware.keys.ciphers

        key = self._sealer.unseal(SEALED_NAME)
        if key is None:
            key = KeyBytes(self._entropy.bytes(_SEALED_BYTES))
            self._sealer.seal(SEALED_NAME, key)
        nonce = self._entropy.bytes(_NONCE_BYTES)
        clear = pack(stored)
        try:
            enciphered = AESGCM(key.reveal()).encrypt(nonce, clear, _HEADER)
        finally:
            wipe(clear)
        self._nvram.write(VAULT_NAME, _HEADER + nonce + enciphered)

    def destroy(self) -> None:
        """Destroy all keys: the key-encryption key first, then what it enciphered.

        The second is done even where the first fails. May be called more than once, and again after a power cut.
        Raises: KeyUnavailable, StorageFailed.
        """
        try:
            self._sealer.destroy(SEALED_NAME)
        finally:
            self._nvram.erase(VAULT_NAME)

    def _open(self, key: KeyBytes, sealed: bytes) -> StoredKeys:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see firmware.keys.ciphers
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see firmware.keys.ciphers

        start = len(_HEADER) + _NONCE_BYTES
        if not sealed.startswith(_HEADER) or len(sealed) < start + _TAG_BYTES:
            raise _damaged("it does not begin as it should")
        if len(key.reveal()) != _SEALED_BYTES:
            raise _damaged("the key that opens it has a wrong length")
        try:
            clear = bytearray(AESGCM(key.reveal()).decrypt(sealed[len(_HEADER) : start], sealed[start:], _HEADER))
        except InvalidTag:
            raise _damaged("it was changed, or another key sealed it") from None
        try:
            return unpack(clear)
        except BadKey as fault:
            raise _damaged(str(fault)) from None
        finally:
            wipe(clear)


def _damaged(why: str) -> VaultDamaged:
    return VaultDamaged(f"The key vault ({VAULT_NAME}) cannot be opened: {why}. Destroy the keys and load them again.")
