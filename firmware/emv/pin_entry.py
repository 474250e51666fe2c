"""Asking for a PIN: what one rule of the CVM list has learnt of the person and the pad holds for the rules after it.

Source: Book 4 §6.3.4.2 and §6.3.4.3; Book 3 §10.5.1 and §10.5.2 for the bits.
"""

from __future__ import annotations

from firmware.emv.bits import Tvr
from firmware.emv.cardholder import NoPin, PinPrompt
from firmware.emv.session import Session
from firmware.hal import EnteredPin


class PinEntry:
    """The PIN entries of one transaction."""

    def __init__(self, s: Session) -> None:
        self._s = s
        self._pad_broken = False

    @property
    def possible(self) -> bool:
        """Whether a PIN can still come: the pad works, and the person has not passed it by."""
        return not (self._pad_broken or self._s.pin_bypassed)

    async def ask(self, prompt: PinPrompt, *, online: bool) -> EnteredPin | None:
        """Take a PIN, or None with the bit that says why; who is given a PIN must see that it is forgotten.

        Writes s.pin_bypassed and TVR byte 3. Raises: EntryCancelled, EntryTimedOut - the transaction is over.
        """
        if not self.possible:
            return None
        entered = await self._s.cardholder.enter_pin(prompt, online=online)
        if not isinstance(entered, NoPin):
            return entered
        if entered is NoPin.BYPASSED:
            self._s.pin_bypassed = True
            self._s.tvr |= Tvr.PIN_NOT_ENTERED
        else:
            self._pad_broken = True
            self._s.tvr |= Tvr.PIN_PAD_BROKEN
        return None

    async def take_online(self) -> bool:
        """Take a PIN for the issuer, kept in s.online_pin; the card's own tries do not matter (Book 4 §6.3.4.2)."""
        pin = await self.ask(PinPrompt.FIRST, online=True)
        if pin is None:
            return False
        self._s.online_pin = pin
        self._s.tvr |= Tvr.ONLINE_PIN_ENTERED
        return True
