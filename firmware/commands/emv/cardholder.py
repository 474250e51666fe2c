"""The cardholder of the command line: who chooses, confirms and types what the arguments say, the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firmware.commands.emv.inputs import BadInput
from firmware.commands.emv.masking import open_text
from firmware.emv.cardholder import ApplicationName, NoPin, PinPrompt
from firmware.emv.outcome import StandardMessage
from firmware.hal import EnteredPin, PinKey
from firmware.hal.errors import KeyUnavailable
from firmware.units import Pan, PinBlock

_BLOCK_DIGITS: Final = 16


class GivenPin:
    """Honours the hal's EnteredPin with a PIN of the command line, which the caller has in the clear anyway."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        assert 4 <= len(digits) <= 12, "a PIN has 4 to 12 digits"
        self._digits = bytearray(digits, "ascii")

    def __repr__(self) -> str:
        return "<given pin ****>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a given PIN cannot be pickled or copied")

    async def block(self, pan: Pan, key: PinKey) -> PinBlock:
        """No issuer is asked here. Raises: KeyUnavailable."""
        del pan, key
        raise KeyUnavailable("the command line has no key for PINs")

    async def verify_data(self) -> bytes:
        """The PIN block of format 2; the PIN is forgotten with it. Source: Book 3 §6.5.12, table 24."""
        assert any(self._digits), "this PIN was used or forgotten"
        digits = self._digits.decode("ascii")
        self.forget()
        return bytes.fromhex(f"2{len(digits):X}{digits}".ljust(_BLOCK_DIGITS, "F"))

    async def enciphered_verify_data(self, modulus: bytes, exponent: int, challenge: bytes, padding: bytes) -> bytes:
        """The PIN block enciphered for the card; the PIN is forgotten with it. Source: Book 2 §7.2, table 25."""
        message = b"\x7f" + await self.verify_data() + challenge + padding
        enciphered = pow(int.from_bytes(message, "big"), exponent, int.from_bytes(modulus, "big"))
        return enciphered.to_bytes(len(modulus), "big")

    def forget(self) -> None:
        """Overwrite the digits."""
        self._digits[:] = bytes(len(self._digits))


class CommandLineCardholder:
    """Honours the kernel's Cardholder. `application` counts from 1; each of `pins` serves one entry."""

    def __init__(self, application: int, pins: Sequence[GivenPin]) -> None:
        self._application = application
        self._pins = list(pins)
        self.told: list[StandardMessage] = []
        """The standard messages of the transaction, in their order, but for the last one."""

    async def choose(self, names: Sequence[ApplicationName], *, again: bool) -> int:
        """Choose the application that was asked for; where that one has failed, the first of the others.

        Raises: BadInput - there is none of that number.
        """
        if again:
            return 0
        if self._application > len(names):
            # Whose card it is is not known yet, so a name is shown as if it were somebody's.
            shown = (open_text(each.name, testing=False) for each in names)
            offered = ", ".join(f"{place} {name}" for place, name in enumerate(shown, 1))
            raise BadInput(f"--application {self._application}: the card offers {offered}")
        return self._application - 1

    async def confirm(self, name: ApplicationName) -> bool:
        """Agree."""
        del name
        return True

    async def enter_pin(self, prompt: PinPrompt, *, online: bool) -> EnteredPin | NoPin:
        """Give the next PIN; a bypass where none is left, so that no wrong PIN is tried until the card blocks it."""
        del prompt, online
        return self._pins.pop(0) if self._pins else NoPin.BYPASSED

    def tell(self, message: StandardMessage) -> None:
        """Keep the message for the report."""
        self.told.append(message)

    def forget(self) -> None:
        """Overwrite the PINs that nobody asked for."""
        for pin in self._pins:
            pin.forget()
