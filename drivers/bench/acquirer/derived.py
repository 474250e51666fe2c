"""DUKPT on the acquirer's side: from the base key and the serial number of a message to the keys of that message.

Owned here: the acquirer's own sums, apart from the terminal's, which never has the base key and goes another way: it
walks from one future key to the next, this file goes down from the top each time. Source: ANSI X9.24-1:2009 annex A.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from drivers.bench.acquirer.ciphers import WorkingKeys
from drivers.bench.cards import des

SERIAL_BYTES: Final = 10
_COUNTER: Final = (1 << 21) - 1
_OTHER_HALF: Final = bytes.fromhex("C0C0C0C000000000C0C0C0C000000000")
_PIN: Final = bytes.fromhex("00000000000000FF00000000000000FF")
_REQUEST: Final = bytes.fromhex("000000000000FF00000000000000FF00")
_RESPONSE: Final = bytes.fromhex("00000000FF00000000000000FF000000")


@dataclass(frozen=True, slots=True)
class MessageKeys:
    """The keys of a message, and those of its answer."""

    request: WorkingKeys = field(repr=False)
    answer: WorkingKeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class Serial:
    """A key serial number: whose keys they are, and how many messages that terminal has made."""

    identity: str
    counter: int

    @classmethod
    def of(cls, octets: bytes) -> Serial | None:
        """Take it apart; None where it is none."""
        if len(octets) != SERIAL_BYTES:
            return None
        number = int.from_bytes(octets, "big")
        return cls(f"{number & ~_COUNTER:020X}", number & _COUNTER)


def keys_of(base: bytes, serial: bytes) -> MessageKeys:
    """The keys of the message with that serial number, of 10 bytes."""
    number = int.from_bytes(serial, "big")
    first = (number & ~_COUNTER).to_bytes(SERIAL_BYTES, "big")
    key = des.encipher(base, first[:8]) + des.encipher(des.xor(base, _OTHER_HALF), first[:8])
    register = number & ~_COUNTER
    for bit in reversed(range(21)):
        if number >> bit & 1:
            register |= 1 << bit
            key = _step(key, (register & (1 << 64) - 1).to_bytes(8, "big"))
    pin, mac = des.xor(key, _PIN), des.xor(key, _REQUEST)
    return MessageKeys(WorkingKeys(pin, mac, b""), WorkingKeys(pin, des.xor(key, _RESPONSE), b""))


def _step(key: bytes, register: bytes) -> bytes:
    """The next key: its left half comes of the key with its variant bits turned, its right half of the key itself."""
    return _half(des.xor(key, _OTHER_HALF), register) + _half(key, register)


def _half(key: bytes, register: bytes) -> bytes:
    left, right = key[:8], key[8:]
    return des.xor(des.encipher(left, des.xor(register, right)), right)
