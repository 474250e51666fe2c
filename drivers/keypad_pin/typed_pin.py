"""A PIN that was typed on a keypad: digits that are overwritten as soon as they have served.

Owned here: a PIN leaves only as a PIN block for the card or the issuer, and only once. Overwriting
goes as far as Python can: the block that was handed out and the numbers made on the way stay in memory until that is
used again.
"""

from __future__ import annotations

from typing import Final

from firmware.hal import PinKey
from firmware.units import Pan, PinBlock

_BLOCK_BYTES: Final = 8


class TypedPin:
    """Honours `firmware.hal.EnteredPin`. Takes over `digits`, the ASCII digits of the PIN, and overwrites them."""

    __slots__ = ("_digits",)

    def __init__(self, digits: bytearray) -> None:
        assert 4 <= len(digits) <= 12, "a PIN has 4 to 12 digits"
        self._digits = digits

    def __repr__(self) -> str:
        return "<entered pin ****>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an entered PIN cannot be pickled or copied")

    async def block(self, pan: Pan, key: PinKey) -> PinBlock:
        """The block for the issuer; the PIN is forgotten with it, also after an error (ISO 9564-1)."""
        assert any(self._digits), "this PIN was used or forgotten"
        try:
            return key.encipher(self._digits, pan)
        finally:
            self.forget()

    async def verify_data(self) -> bytes:
        """The plaintext block, ISO 9564-1 format 2; the PIN is forgotten with it (EMV 4.3 Book 3 §6.5.12, Table 24)."""
        return self._spend()

    async def enciphered_verify_data(self, modulus: bytes, exponent: int, challenge: bytes, padding: bytes) -> bytes:
        """The block enciphered for the card; the PIN is forgotten with it (EMV 4.3 Book 2 §7.2, Table 25)."""
        assert len(challenge) == 8, len(challenge)
        assert len(padding) == len(modulus) - 17, len(padding)
        message = b"\x7f" + self._spend() + challenge + padding
        enciphered = pow(int.from_bytes(message, "big"), exponent, int.from_bytes(modulus, "big"))
        return enciphered.to_bytes(len(modulus), "big")

    def forget(self) -> None:
        """Overwrite the digits."""
        self._digits[:] = bytes(len(self._digits))

    def _spend(self) -> bytes:
        """Make the block: 2, the number of digits, the digits, F to the end. Then forget."""
        assert any(self._digits), "this PIN was used or forgotten"
        block = bytearray(b"\xff" * _BLOCK_BYTES)
        block[0] = 0x20 | len(self._digits)
        for place, digit in enumerate(self._digits):
            value = digit - ord("0")
            byte = 1 + place // 2
            block[byte] = (value << 4) | 0x0F if place % 2 == 0 else (block[byte] & 0xF0) | value
        self.forget()
        return bytes(block)
