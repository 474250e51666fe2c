"""DUKPT with Triple DES: serial numbers of 10 bytes, of which the last 21 bits count.

Source: ANSI X9.24-1:2009 annex A. The three variants of a message's key that a terminal has a use for are those of
table A-1: PIN, code of the request, code of the response.
"""

from __future__ import annotations

from typing import Final

from firmware.keys.ciphers import Algorithm, Clear, encipher, exclusive_or, wipe
from firmware.keys.dukpt import MessageKeys
from firmware.keys.errors import BadKey
from firmware.keys.usages import Key, Operation, Usage

SERIAL_BYTES: Final = 10
_COUNTER_BITS: Final = 21
_COUNTER_MASK: Final = (1 << _COUNTER_BITS) - 1
_LEFT_MASK: Final = bytes.fromhex("C0C0C0C000000000")
_PIN: Final = bytes.fromhex("00000000000000FF")
_REQUEST: Final = bytes.fromhex("000000000000FF00")
_RESPONSE: Final = bytes.fromhex("00000000FF000000")


class TdesDerivation:
    """Honours `firmware.keys.dukpt.Derivation`."""

    counter_bits = _COUNTER_BITS
    most_ones = 10

    def identity(self, serial: bytes) -> bytes:
        """The serial number with its counter at zero. Raises: BadKey - not 10 bytes."""
        if len(serial) != SERIAL_BYTES:
            raise BadKey("A serial number of Triple DES keys has 10 bytes.")
        return (int.from_bytes(serial, "big") & ~_COUNTER_MASK).to_bytes(SERIAL_BYTES, "big")

    def serial(self, identity: bytes, counter: int) -> bytes:
        """The serial number of one message."""
        return (int.from_bytes(identity, "big") | counter & _COUNTER_MASK).to_bytes(SERIAL_BYTES, "big")

    def future_key(self, key: Key, identity: bytes, counter: int) -> Key:
        """One step of the non-reversible key generation (annex A.2). Raises: KeyMisused, BadKey."""
        clear = key.clear_for(Operation.DERIVE)
        if key.algorithm is not Algorithm.TDES or len(clear) != 16:
            raise BadKey("An initial key of Triple DES has 16 bytes.")
        register = self.serial(identity, counter)[-8:]
        masked = exclusive_or(clear, _LEFT_MASK * 2)
        derived = bytearray(_half(masked, register) + _half(clear, register))
        try:
            return Key(Usage.INITIAL, Algorithm.TDES, derived)
        finally:
            wipe(masked)
            wipe(derived)

    def message_keys(self, key: Key, identity: bytes, counter: int) -> MessageKeys:
        """The variants of a message's key (annex A.4.1)."""
        clear = key.clear_for(Operation.DERIVE)
        return MessageKeys(
            self.serial(identity, counter),
            _variant(clear, _PIN, Usage.PIN, Operation.ENCIPHER_PIN),
            _variant(clear, _REQUEST, Usage.MAC, Operation.MAKE_MAC),
            _variant(clear, _RESPONSE, Usage.MAC, Operation.CHECK_MAC),
        )


def _half(key: Clear, register: bytes) -> bytes:
    """Encipher the register, joined with the right half before and after, under the left half (annex A.2)."""
    return bytes(exclusive_or(encipher(Algorithm.DES, key[:8], exclusive_or(register, key[8:])), key[8:]))


def _variant(clear: Clear, mask: bytes, usage: Usage, operation: Operation) -> Key:
    masked = exclusive_or(clear, mask * 2)
    try:
        return Key(usage, Algorithm.TDES, masked, frozenset({operation}))
    finally:
        wipe(masked)
