"""The key ring of an acquirer with DUKPT: no sign-on, but keys of its own for every message.

Owned here: the counter is on disk before a key of it is used, so that no key is ever used twice, whatever is cut when.
It answers the questions of `firmware.keys.ring.KeyRing` but those about a sign-on.
"""

from __future__ import annotations

from typing import Final

from firmware.hal import Entropy, PinKey
from firmware.keys.ciphers import Algorithm
from firmware.keys.dukpt import Derivation, FutureKeys, MessageKeys, restore
from firmware.keys.dukpt_aes import AesDerivation
from firmware.keys.dukpt_tdes import TdesDerivation
from firmware.keys.errors import BadKey, KeyMissing, VaultDamaged
from firmware.keys.macs import mac_matches, make_mac
from firmware.keys.pin_blocks import WorkingPinKey
from firmware.keys.ring import KeySettings
from firmware.keys.stored_keys import StoredKeys
from firmware.keys.usages import Key
from firmware.keys.vault import KeyVault
from firmware.units import Track2

SERIAL_FACT: Final = "dukpt serial"
"""The name of the fact beside the keys: the serial number of the next message."""
_REGISTERS: Final = {f"dukpt {bit}": bit for bit in range(32)}


class DukptRing:
    """Future keys, and the keys of the message that is under way."""

    def __init__(self, vault: KeyVault, entropy: Entropy, settings: KeySettings) -> None:
        self._vault = vault
        self._entropy = entropy
        self._settings = settings
        self._future: FutureKeys | None = None
        self._message: MessageKeys | None = None

    @property
    def signed_on(self) -> bool:
        """Whether there are keys for another message. Raises: VaultDamaged, KeyUnavailable, StorageFailed."""
        future = self._loaded()
        return future is not None and not future.exhausted

    @property
    def serial(self) -> bytes:
        """The key serial number that goes with the message under way. Raises: KeyMissing - none is."""
        return self._current().serial

    def load_initial(self, initial: Key, serial: bytes) -> None:
        """Take up a new initial key, as a key block brings it with its serial number; durable when it returns.

        The initial key itself is not kept. Raises: BadKey, KeyMisused; KeyUnavailable, StorageFailed.
        """
        derivation: Derivation = AesDerivation() if initial.algorithm is Algorithm.AES else TdesDerivation()
        future = FutureKeys.begin(derivation, initial, serial)
        self._forget()
        self._store(future)
        self._future = future

    def next_message(self) -> None:
        """Take new keys, for the message that is about to be made; the counter is on disk when it returns.

        Raises: KeyMissing - never loaded, or used up; or as `signed_on`.
        """
        future = self._loaded()
        if future is None:
            raise KeyMissing("There is no initial key: load one first.")
        message = future.next_message()
        self._forget_message()
        try:
            self._store(future)
        except BaseException:
            message.destroy()
            self._forget()
            raise
        self._message = message

    def mac(self, data: bytes) -> bytes:
        """The message authentication code of `data`, 8 bytes. Raises: KeyMissing - no message is under way."""
        return make_mac(self._settings.mac, self._current().mac, data)

    def check_mac(self, data: bytes, mac: bytes) -> bool:
        """Whether `mac` is that of the answer to the message under way. Raises: KeyMissing."""
        return mac_matches(self._settings.mac, self._current().answer_mac, data, mac)

    def pin_key(self) -> PinKey:
        """The key that enciphers the PIN of the message under way. Raises: KeyMissing, KeyMisused."""
        return WorkingPinKey(self._current().pin, self._settings.pin_format, self._entropy)

    @property
    def enciphers_tracks(self) -> bool:
        """Never: X9.24 derives keys for data, and no acquirer here asks for tracks under them."""
        return False

    def encipher_track(self, track: Track2) -> Track2:
        """There is no key for tracks. Raises: KeyMissing."""
        raise KeyMissing(f"There is no key to encipher a {track!r} with.")

    def zeroise(self) -> None:
        """Destroy every key, in memory and at rest; may be called again, and must be where it was cut short.

        Raises: KeyUnavailable, StorageFailed - not all is destroyed.
        """
        self._forget()
        self._vault.destroy()

    def _current(self) -> MessageKeys:
        if self._message is None:
            raise KeyMissing("No message is under way that has keys.")
        return self._message

    def _store(self, future: FutureKeys) -> None:
        keys = {f"dukpt {bit}": key for bit, key in future.registers.items()}
        self._vault.store(StoredKeys(keys, {SERIAL_FACT: future.derivation.serial(future.identity, future.counter)}))

    def _loaded(self) -> FutureKeys | None:
        if self._future is None:
            stored = self._vault.load()
            serial = stored.facts.get(SERIAL_FACT)
            if serial is None:
                stored.destroy()
                return None
            registers = {_REGISTERS[name]: key for name, key in stored.keys.items() if name in _REGISTERS}
            derivation: Derivation = TdesDerivation() if len(serial) == 10 else AesDerivation()
            try:
                self._future = restore(derivation, serial, registers)
            except BadKey as fault:
                raise VaultDamaged(f"The key vault holds no future keys: {fault}") from None
        return self._future

    def _forget_message(self) -> None:
        if self._message is not None:
            self._message.destroy()
            self._message = None

    def _forget(self) -> None:
        self._forget_message()
        if self._future is not None:
            self._future.destroy()
            self._future = None
