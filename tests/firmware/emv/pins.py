"""PINs of tests: they honour the hal's EnteredPin, and remember what became of them."""

from __future__ import annotations

from firmware.hal import PinKey
from firmware.units import Pan, PinBlock


class SamplePin:
    """A PIN that can be used once, and must be forgotten."""

    def __init__(self, digits: str = "1234") -> None:
        self._digits: str | None = digits
        self.forgotten = False
        self.enciphered_from: list[tuple[bytes, bytes]] = []
        """Challenge and padding of each encipherment."""

    async def block(self, pan: Pan, key: PinKey) -> PinBlock:
        raise AssertionError("the kernel makes no block for the issuer")

    async def verify_data(self) -> bytes:
        assert not self.forgotten
        assert self._digits is not None, "this PIN was used"
        digits, self._digits = self._digits, None
        return bytes.fromhex(f"2{len(digits):X}{digits}".ljust(16, "F"))

    async def enciphered_verify_data(self, modulus: bytes, exponent: int, challenge: bytes, padding: bytes) -> bytes:
        self.enciphered_from.append((challenge, padding))
        message = b"\x7f" + await self.verify_data() + challenge + padding
        number = pow(int.from_bytes(message, "big"), exponent, int.from_bytes(modulus, "big"))
        return number.to_bytes(len(modulus), "big")

    def forget(self) -> None:
        self.forgotten = True
