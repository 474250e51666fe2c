"""The key ring: the keys of one acquirer, each behind the one thing that it may do.

Owned here: which keys are held when. The master key leaves the vault only while working keys are unwrapped under it;
the working keys stay in memory while the terminal runs, and go when they are replaced, rejected or destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware.hal import Entropy, PinKey
from firmware.keys.bench_master import is_bench_master, load_bench_master
from firmware.keys.ciphers import Algorithm
from firmware.keys.errors import KeyMissing
from firmware.keys.lack import Lack
from firmware.keys.macs import MacVariant, mac_matches, make_mac
from firmware.keys.pin_blocks import PinFormat, WorkingPinKey
from firmware.keys.stored_keys import StoredKeys
from firmware.keys.tracks import encipher_track
from firmware.keys.usages import Key, Usage
from firmware.keys.vault import KeyVault
from firmware.keys.working_keys import unwrap_working_keys
from firmware.units import Track2

MASTER: Final = "master"
_SM4_SIGN_ON: Final = "006"
_WORKING: Final = {Usage.PIN: "pin", Usage.MAC: "mac", Usage.TRACK: "track"}


@dataclass(frozen=True, slots=True)
class KeySettings:
    """What the acquirer's profile says of keys."""

    mac: MacVariant
    pin_format: PinFormat


ANY_SETTINGS: Final = KeySettings(MacVariant.CUP_ECB, PinFormat.ISO0)
"""For a ring that only takes keys in, and makes nothing with them."""


class KeyRing:
    """Honours `firmware.keys.acquirer_keys.AcquirerKeys`: master and working keys.

    The vault is read at the first question, so that a start does not wait for it.
    """

    def __init__(self, vault: KeyVault, entropy: Entropy, settings: KeySettings) -> None:
        self._vault = vault
        self._entropy = entropy
        self._settings = settings
        self._working: dict[Usage, Key] | None = None

    @property
    def lacking(self) -> Lack | None:
        """What is missing where there is no master key. Raises: as `signed_on`."""
        return None if self.has_master else Lack.MASTER

    @property
    def signed_on(self) -> bool:
        """Whether there are working keys for PINs and MACs. Raises: VaultDamaged, KeyUnavailable, StorageFailed."""
        working = self._loaded()
        return Usage.PIN in working and Usage.MAC in working

    @property
    def enciphers_tracks(self) -> bool:
        """Whether there is a working key for tracks. Raises: as `signed_on`."""
        return Usage.TRACK in self._loaded()

    @property
    def serial(self) -> bytes:
        """These keys have no serial number."""
        return b""

    def next_message(self) -> None:
        """These keys serve until the next sign-on: nothing to do."""

    def mac(self, data: bytes) -> bytes:
        """The message authentication code of `data`, 8 bytes. Raises: KeyMissing, KeyMisused; or as `signed_on`."""
        return make_mac(self._settings.mac, self._key(Usage.MAC), data)

    def check_mac(self, data: bytes, mac: bytes) -> bool:
        """Whether `mac` is that of `data`; the time taken does not tell how wrong it is. Raises: as `mac`."""
        return mac_matches(self._settings.mac, self._key(Usage.MAC), data, mac)

    def pin_key(self) -> PinKey:
        """The key that enciphers a PIN, for a PIN pad. Raises: as `mac`."""
        return WorkingPinKey(self._key(Usage.PIN), self._settings.pin_format, self._entropy)

    def encipher_track(self, track: Track2) -> Track2:
        """The track with its last block enciphered. Raises: as `mac`; BadKey - the track is not made of digits."""
        return encipher_track(self._key(Usage.TRACK), track)

    def load_master(self, master: Key) -> None:
        """Store a new terminal master key; working keys under the old one are deleted, for they are of no more use.

        Raises: KeyMissing - it was destroyed; KeyUnavailable, StorageFailed.
        """
        assert master.usage is Usage.MASTER, master
        self._forget()
        self._vault.store(StoredKeys({MASTER: master}))

    def load_bench(self, params: Path, scheme: str) -> None:
        """Take up the bench's master key for a sign-on code. Raises: ConfigError, BadComponent; or as `load_master`."""
        algorithm = Algorithm.SM4 if scheme == _SM4_SIGN_ON else Algorithm.TDES
        self.load_master(load_bench_master(params, algorithm))

    def of_bench(self, params: Path) -> bool:
        """Whether the master key is the bench's. Raises: ConfigError, BadComponent; or as `signed_on`."""
        stored = self._vault.load()
        try:
            master = stored.keys.get(MASTER)
            return master is not None and is_bench_master(master, params)
        finally:
            stored.destroy()

    @property
    def has_master(self) -> bool:
        """Whether a terminal master key was loaded. Raises: as `signed_on`."""
        stored = self._vault.load()
        stored.destroy()
        return MASTER in stored.keys

    def load_working(self, block: bytes, scheme: str) -> None:
        """Replace the working keys by those of a sign-on (field 62, code 60.3); durable when it returns.

        The old ones are deleted first: after an error the terminal is signed off.
        Raises: CheckValueWrong - none of the new ones is taken; BadKey, KeyMissing - no master key; or as `signed_on`.
        """
        self._forget()
        stored = self._vault.load()
        try:
            master = stored.keys.get(MASTER)
            if master is None:
                raise KeyMissing("There is no terminal master key: load one first.")
            self._vault.store(StoredKeys({MASTER: master}))
            working = dict(unwrap_working_keys(master, block, scheme))
            self._vault.store(StoredKeys({MASTER: master} | {_WORKING[usage]: key for usage, key in working.items()}))
        finally:
            stored.destroy()
        self._working = working

    def sign_off(self) -> None:
        """Delete the working keys; durable when it returns. Raises: as `signed_on`."""
        self._forget()
        stored = self._vault.load()
        try:
            self._vault.store(StoredKeys({name: key for name, key in stored.keys.items() if name == MASTER}))
        finally:
            stored.destroy()

    def zeroise(self) -> None:
        """Destroy every key, in memory and at rest; may be called again, and must be where it was cut short.

        Raises: KeyUnavailable, StorageFailed - not all is destroyed.
        """
        self._forget()
        self._vault.destroy()

    def _loaded(self) -> dict[Usage, Key]:
        if self._working is None:
            stored = self._vault.load()
            self._working = {usage: stored.keys[name] for usage, name in _WORKING.items() if name in stored.keys}
            for name, key in stored.keys.items():
                if name not in _WORKING.values():
                    key.destroy()
        return self._working

    def _key(self, usage: Usage) -> Key:
        try:
            return self._loaded()[usage]
        except KeyError:
            raise KeyMissing(f"There is no {usage} key: sign on first.") from None

    def _forget(self) -> None:
        for key in (self._working or {}).values():
            key.destroy()
        self._working = None
