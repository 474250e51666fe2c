"""The key ring of an acquirer with DUKPT: keys of its own for every message; a sign-on brings none.

Owned here: the counter is on disk before a key of it is used, so that no key is ever used twice, whatever is cut when;
and the keys that made a message are destroyed with it, so that nothing can make another one with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firmware.hal import Entropy, PinKey
from firmware.keys.bench_initial import load_bench_initial
from firmware.keys.ciphers import Algorithm
from firmware.keys.dukpt import Derivation, FutureKeys, MessageKeys, restore
from firmware.keys.dukpt_aes import AesDerivation
from firmware.keys.dukpt_tdes import TdesDerivation
from firmware.keys.errors import BadKey, KeyMissing, VaultDamaged
from firmware.keys.lack import Lack
from firmware.keys.macs import mac_matches, make_mac
from firmware.keys.pin_blocks import WorkingPinKey
from firmware.keys.ring import KeySettings
from firmware.keys.stored_keys import StoredKeys
from firmware.keys.usages import Key
from firmware.keys.vault import KeyVault
from firmware.units import Track2

SERIAL_FACT: Final = "dukpt serial"
"""The name of the fact beside the keys: the serial number of the next message."""
SIGNED_ON_FACT: Final = "signed on"
"""The name of the fact that the acquirer has taken this terminal's sign-on."""
BENCH_FACT: Final = "of the bench"
"""The name of the fact that everybody knows the initial key, which itself is not kept."""
FORMER_FACT: Final = "worked with"
"""The name of the fact that tells the initial keys before this one, by their identities one behind the other."""
FORMER_MAX: Final = 20
_REGISTERS: Final = {f"dukpt {bit}": bit for bit in range(32)}


class DukptRing:
    """Honours `firmware.keys.acquirer_keys.AcquirerKeys`: future keys, and those of the message that is under way."""

    def __init__(self, vault: KeyVault, entropy: Entropy, settings: KeySettings) -> None:
        self._vault = vault
        self._entropy = entropy
        self._settings = settings
        self._future: FutureKeys | None = None
        self._signed_on = False
        self._of_bench = False
        self._former: tuple[bytes, ...] = ()
        self._message: MessageKeys | None = None

    @property
    def lacking(self) -> Lack | None:
        """What is missing where there are no keys for another message. Raises: as `signed_on`."""
        future = self._loaded()
        if future is None:
            return Lack.INITIAL
        return Lack.USED_UP if future.exhausted else None

    @property
    def signed_on(self) -> bool:
        """Whether there are keys for another message, and the acquirer has taken a sign-on.

        Raises: VaultDamaged, KeyUnavailable, StorageFailed.
        """
        return self.lacking is None and self._signed_on

    @property
    def serial(self) -> bytes:
        """The key serial number that goes with the message under way. Raises: KeyMissing - none is."""
        return self._current().serial

    def load_bench(self, params: Path, scheme: str) -> None:
        """Take up an initial key of the bench, whatever the sign-on. Raises: ConfigError; or as `load_initial`."""
        del scheme
        initial, serial = load_bench_initial(params, self._entropy)
        try:
            self.load_initial(initial, serial, of_bench=True)
        finally:
            initial.destroy()

    def of_bench(self, params: Path) -> bool:
        """Whether the initial key was the bench's, as was noted when it was loaded. Raises: as `signed_on`."""
        del params
        return self._loaded() is not None and self._of_bench

    def load_working(self, block: bytes, scheme: str) -> None:
        """Be signed on: such a sign-on brings no keys, and what stands in its place is not looked at.

        Raises: KeyMissing - there is no initial key; or as `signed_on`.
        """
        del block, scheme
        self._sign(on=True)

    def sign_off(self) -> None:
        """Be signed off; the future keys stay, for no acquirer can give them again. Raises: as `load_working`."""
        self._forget_message()
        if self._loaded() is not None:
            self._sign(on=False)

    def _sign(self, *, on: bool) -> None:
        future = self._some()
        self._signed_on = on
        try:
            self._store(future)
        except BaseException:
            self._forget()
            raise

    def load_initial(self, initial: Key, serial: bytes, *, of_bench: bool = False) -> None:
        """Take up a new initial key, as a key block brings it with its serial number; durable when it returns.

        The initial key itself is not kept, but whether it is one `of_bench`. Raises: BadKey - no such key, or one that
        this terminal works with, or has before: its counter would begin again; KeyMisused; or as `signed_on`.
        """
        derivation: Derivation = AesDerivation() if initial.algorithm is Algorithm.AES else TdesDerivation()
        worked_with = self._worked_with()
        if derivation.identity(serial) in worked_with:
            raise BadKey("This terminal has worked with that initial key: loaded again, it would use keys twice.")
        future = FutureKeys.begin(derivation, initial, serial)
        self._forget()
        self._former = worked_with[-FORMER_MAX:]
        self._of_bench = of_bench
        self._store(future)
        self._future = future

    def next_message(self) -> None:
        """Take new keys, for the message that is about to be made; the counter is on disk when it returns.

        Raises: KeyMissing - never loaded, or used up; or as `signed_on`.
        """
        future = self._some()
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
        """The message authentication code of `data`, 8 bytes; the keys that make a message are destroyed with it.

        Raises: KeyMissing - no message is under way, or it has its code already.
        """
        message = self._current()
        code = make_mac(self._settings.mac, message.mac, data)
        message.pin.destroy()
        message.mac.destroy()
        return code

    def check_mac(self, data: bytes, mac: bytes) -> bool:
        """Whether `mac` is that of the answer to the message under way. Raises: KeyMissing."""
        return mac_matches(self._settings.mac, self._current().answer_mac, data, mac)

    def pin_key(self) -> PinKey:
        """Take keys for a message, and return the one that enciphers its PIN. Raises: as `next_message`."""
        self.next_message()
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

    def _worked_with(self) -> tuple[bytes, ...]:
        """The initial keys that were loaded since the last ones were destroyed, the present one last."""
        try:
            held = self._loaded()
        except VaultDamaged:
            return ()
        return () if held is None else (*self._former, held.identity)

    def _some(self) -> FutureKeys:
        future = self._loaded()
        if future is None:
            raise KeyMissing(Lack.INITIAL)
        return future

    def _store(self, future: FutureKeys) -> None:
        keys = {f"dukpt {bit}": key for bit, key in future.registers.items()}
        facts = {SERIAL_FACT: future.derivation.serial(future.identity, future.counter)}
        if self._signed_on:
            facts[SIGNED_ON_FACT] = b"1"
        if self._of_bench:
            facts[BENCH_FACT] = b"1"
        if self._former:
            facts[FORMER_FACT] = b"".join(bytes((len(each),)) + each for each in self._former)
        self._vault.store(StoredKeys(keys, facts))

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
            self._signed_on = SIGNED_ON_FACT in stored.facts
            self._of_bench = BENCH_FACT in stored.facts
            self._former = tuple(_taken_apart(stored.facts.get(FORMER_FACT, b"")))
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
        self._signed_on = False


def _taken_apart(identities: bytes) -> Iterator[bytes]:
    """The identities that stand one behind the other, each behind its length."""
    at = 0
    while at < len(identities):
        end = at + 1 + identities[at]
        yield identities[at + 1 : end]
        at = end
