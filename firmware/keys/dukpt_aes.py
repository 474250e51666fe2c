"""DUKPT with AES: serial numbers of 12 bytes, the identity of the initial key and a counter of 32 bits.

Source: ANSI X9.24-3:2017 §6.3 (derivation data), §6.5 (terminal). Working keys are AES and as long as the initial key.
"""

from __future__ import annotations

from typing import Final

from firmware.keys.ciphers import Algorithm, encipher, wipe
from firmware.keys.dukpt import MessageKeys
from firmware.keys.errors import BadKey
from firmware.keys.usages import Key, Operation, Usage

IDENTITY_BYTES: Final = 8
SERIAL_BYTES: Final = 12
_DERIVE: Final = 0x8000
_PIN: Final = 0x1000
_MAKE_MAC: Final = 0x2000
_CHECK_MAC: Final = 0x2001
"""Key usage indicators (table 3)."""
_ALGORITHM: Final = {16: 2, 24: 3, 32: 4}
"""Algorithm indicators of AES by the length of the key (table 4)."""


class AesDerivation:
    """Honours `firmware.keys.dukpt.Derivation`."""

    counter_bits = 32
    most_ones = 16

    def identity(self, serial: bytes) -> bytes:
        """The identity of the initial key: 8 bytes, alone or with a counter behind. Raises: BadKey."""
        if len(serial) not in (IDENTITY_BYTES, SERIAL_BYTES):
            raise BadKey("A serial number of AES keys has 8 or 12 bytes.")
        return serial[:IDENTITY_BYTES]

    def serial(self, identity: bytes, counter: int) -> bytes:
        """The serial number of one message."""
        return identity + (counter & 0xFFFF_FFFF).to_bytes(4, "big")

    def future_key(self, key: Key, identity: bytes, counter: int) -> Key:
        """Derive the key of a counter (§6.3.3). Raises: KeyMisused, BadKey."""
        return _derived(key, _DERIVE, identity, counter, Usage.INITIAL, Operation.DERIVE)

    def message_keys(self, key: Key, identity: bytes, counter: int) -> MessageKeys:
        """The working keys of one message (§6.3.4)."""
        return MessageKeys(
            self.serial(identity, counter),
            _derived(key, _PIN, identity, counter, Usage.PIN, Operation.ENCIPHER_PIN),
            _derived(key, _MAKE_MAC, identity, counter, Usage.MAC, Operation.MAKE_MAC),
            _derived(key, _CHECK_MAC, identity, counter, Usage.MAC, Operation.CHECK_MAC),
        )


def _derived(key: Key, indicator: int, identity: bytes, counter: int, usage: Usage, operation: Operation) -> Key:
    """Encipher the derivation data block by block under `key`, and take as many bytes as it has."""
    clear = key.clear_for(Operation.DERIVE)
    if key.algorithm is not Algorithm.AES:
        raise BadKey("An initial key of AES is an AES key.")
    length = len(clear)
    derived = bytearray()
    for block in (1, 2)[: 1 if length == 16 else 2]:
        data = (
            bytes((1, block))
            + indicator.to_bytes(2, "big")
            + _ALGORITHM[length].to_bytes(2, "big")
            + (8 * length).to_bytes(2, "big")
            + identity[4:]
            + counter.to_bytes(4, "big")
        )
        derived += encipher(Algorithm.AES, clear, data)
    try:
        return Key(usage, Algorithm.AES, derived[:length], frozenset({operation}))
    finally:
        wipe(derived)
