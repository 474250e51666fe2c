"""PIN blocks: how the digits of a PIN are laid out, joined with the card number and enciphered.

Owned here: formats 0, 3 and 4 of ISO 9564-1:2017 §9.3, §9.4, and what UnionPay's acquirers make of format 0 with SM4:
its two fields filled to 16 bytes. The digits come in a `bytearray` of the PIN pad's driver
and are not copied but into the block, which is overwritten; the numbers made on the way stay in Python's memory until
that is used again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from firmware.hal import Entropy
from firmware.keys.ciphers import Algorithm, encipher, exclusive_or, wipe
from firmware.keys.errors import KeyMisused
from firmware.keys.usages import Key, Operation
from firmware.units import Pan, PinBlock


class PinFormat(StrEnum):
    """The layout of a PIN block; the names are those of the acquirer profiles."""

    ISO0 = "iso0"
    """Filled with F, joined with the card number; 8 bytes with DES, 16 with SM4."""
    ISO3 = "iso3"
    """As format 0, but filled with chance from A to F; DES alone."""
    ISO4 = "iso4"
    """Sixteen bytes, AES; enciphered twice, the card number joined between."""


_ALGORITHMS: Final = {
    PinFormat.ISO0: (Algorithm.DES, Algorithm.TDES, Algorithm.SM4),
    PinFormat.ISO3: (Algorithm.DES, Algorithm.TDES),
    PinFormat.ISO4: (Algorithm.AES,),
}
PIN_LENGTHS: Final = range(4, 13)
"""Digits of a PIN (ISO 9564-1 §8.1)."""


class WorkingPinKey:
    """Honours `firmware.hal.PinKey` with one key and one format."""

    __slots__ = ("_entropy", "_format", "_key")

    def __init__(self, key: Key, pin_format: PinFormat, entropy: Entropy) -> None:
        """Hold the key for one PIN. Raises: KeyMisused - no PIN key, or its algorithm does not go with the format."""
        key.clear_for(Operation.ENCIPHER_PIN)
        if key.algorithm not in _ALGORITHMS[pin_format]:
            raise KeyMisused(f"A PIN block {pin_format} is not enciphered with {key.algorithm}.")
        self._key = key
        self._format = pin_format
        self._entropy = entropy

    def __repr__(self) -> str:
        return f"<pin key {self._format}>"

    def encipher(self, digits: bytearray, pan: Pan) -> PinBlock:
        """Make the block of the ASCII `digits`, 4 to 12, and encipher it. Raises: KeyMissing - destroyed meanwhile."""
        assert len(digits) in PIN_LENGTHS, "a PIN has 4 to 12 digits"
        if self._format is PinFormat.ISO4:
            return self._twice(digits, pan)
        size = self._key.algorithm.block_bytes
        filler = b"\xff" * size if self._format is PinFormat.ISO0 else _letters(self._entropy.bytes(size))
        field = _pin_field(3 if self._format is PinFormat.ISO3 else 0, digits, filler)
        block = exclusive_or(field, card_number_field(pan, size))
        try:
            return PinBlock(self._encipher(block))
        finally:
            wipe(field)
            wipe(block)

    def _twice(self, digits: bytearray, pan: Pan) -> PinBlock:
        """Format 4: encipher the PIN field, join the card number, encipher again (ISO 9564-1 §9.4.2)."""
        field = _pin_field(4, digits, b"\xaa" * 8 + self._entropy.bytes(8))
        try:
            return PinBlock(self._encipher(exclusive_or(self._encipher(field), long_card_number_field(pan))))
        finally:
            wipe(field)

    def _encipher(self, block: bytearray) -> bytes:
        return encipher(self._key.algorithm, self._key.clear_for(Operation.ENCIPHER_PIN), block)


def card_number_field(pan: Pan, size: int = 8) -> bytes:
    """Zeros and, at the right, the last twelve digits without the check digit (ISO 9564-1 §9.3.2.3)."""
    return bytes.fromhex(pan.reveal()[:-1][-12:].zfill(2 * size))


def long_card_number_field(pan: Pan) -> bytes:
    """The length beyond twelve, all digits, zeros to the end: the field of format 4 (ISO 9564-1 §9.4.2.3)."""
    digits = pan.reveal()
    return bytes.fromhex(f"{len(digits) - 12}{digits}".ljust(32, "0"))


def _pin_field(control: int, digits: bytearray, filler: bytes) -> bytearray:
    """The control nibble, the number of digits, the digits, then what `filler` has in their place."""
    field = bytearray(filler)
    field[0] = control << 4 | len(digits)
    for place, digit in enumerate(digits, 2):
        value = digit - ord("0")
        byte = field[place // 2]
        field[place // 2] = value << 4 | byte & 0x0F if place % 2 == 0 else byte & 0xF0 | value
    return field


def _letters(chance: bytes) -> bytes:
    """Turn each nibble of chance into one from A to F (ISO 9564-1 §9.3.5.2); 0 to 5 and 6 to 11 stand for them."""
    return bytes((10 + (byte >> 4) % 6) << 4 | 10 + (byte & 0x0F) % 6 for byte in chance)
