"""Offline PIN: the card itself compares what was typed, in the clear or enciphered for it alone.

Owned here: every PIN is forgotten as soon as its VERIFY is answered, whatever the answer. Source: Book 3 §10.5.1,
§6.5.12; Book 4 §6.3.4.1; Book 2 §7.1, §7.2 (encipherment).
"""

from __future__ import annotations

from typing import Final

from firmware.emv.bits import Tvr
from firmware.emv.cardholder import PinPrompt
from firmware.emv.certificates import OdaFailed, recover_pin_key
from firmware.emv.commands import Response
from firmware.emv.errors import CommandRefused, KernelLimit
from firmware.emv.get_data import PIN_TRY_COUNTER, get_counter
from firmware.emv.outcome import StandardMessage
from firmware.emv.pin_entry import PinEntry
from firmware.emv.session import PublicKey, Session
from firmware.hal import EnteredPin

_VERIFY: Final = b"\x00\x20\x00"
_PLAINTEXT: Final = b"\x80"
_ENCIPHERED: Final = b"\x88"
_GET_CHALLENGE: Final = b"\x00\x84\x00\x00"
_CHALLENGE_BYTES: Final = 8
_ENVELOPE_BYTES: Final = 17
"""Of the enciphered data: the header 7F, the PIN block and the card's challenge. The rest is random."""
_TRIES_MAX: Final = 15
"""A status tells the tries left in four bits."""
_WRONG_PIN: Final = range(0x63C0, 0x63D0)
"""63Cx: wrong, x tries left."""
_PIN_BLOCKED: Final = frozenset({0x6983, 0x6984})
"""Blocked by this try or one before."""


class OfflinePin:
    """The offline PIN rules of one transaction."""

    def __init__(self, s: Session, entry: PinEntry) -> None:
        self._s = s
        self._entry = entry
        self._cannot_encipher = False

    async def verify(self, *, enciphered: bool) -> bool:
        """Let the person try until the PIN is right, blocked or passed by, and tell whether it was right.

        Writes TVR byte 3. Raises: CommandRefused - VERIFY was answered what no card may answer; KernelLimit - the card
        counts no tries; EntryCancelled, EntryTimedOut; CardError as `Commands.send`.
        """
        s = self._s
        if not self._entry.possible or Tvr.PIN_TRY_LIMIT_EXCEEDED in s.tvr:
            return False
        key = self._key() if enciphered else None
        if enciphered and key is None:
            return False
        # Book 4 §6.3.4.1: the counter comes before VERIFY and GET CHALLENGE; a card need not tell it.
        tries_left = await get_counter(s, PIN_TRY_COUNTER)
        if tries_left == 0:
            return self._try_limit_exceeded()
        prompt = PinPrompt.LAST_TRY if tries_left == 1 else PinPrompt.FIRST
        for _ in range(_TRIES_MAX):
            pin = await self._entry.ask(prompt, online=False)
            if pin is None:
                return False
            response = await self._send(pin, key)
            if response is None:
                return False
            if response.ok:
                s.cardholder.tell(StandardMessage.PIN_OK)
                return True
            tries_left = self._tries_left(response)
            if tries_left == 0:
                return self._try_limit_exceeded()
            prompt = PinPrompt.LAST_TRY if tries_left == 1 else PinPrompt.AGAIN
        raise KernelLimit(f"the card lets a PIN be tried more than {_TRIES_MAX} times")

    def _try_limit_exceeded(self) -> bool:
        self._s.tvr |= Tvr.PIN_TRY_LIMIT_EXCEEDED
        return False

    def _tries_left(self, response: Response) -> int:
        """How many tries a failed VERIFY leaves. Raises: CommandRefused - it does not say (Book 3 §6.3.5)."""
        if response.status in _PIN_BLOCKED:
            return 0
        if response.status not in _WRONG_PIN:
            raise CommandRefused("VERIFY", response.status)
        self._s.cardholder.tell(StandardMessage.INCORRECT_PIN)
        return response.status - _WRONG_PIN.start

    def _key(self) -> PublicKey | None:
        """The key to encipher with, or None where no key can be trusted, or the card has refused a challenge."""
        if self._cannot_encipher:
            return None
        try:
            return recover_pin_key(self._s)
        except OdaFailed:
            return None

    async def _send(self, pin: EnteredPin, key: PublicKey | None) -> Response | None:
        """Send VERIFY and forget the PIN; None where the card gave no challenge to encipher it with."""
        try:
            if key is None:
                data = await pin.verify_data()
                return await self._s.commands.send("VERIFY", _VERIFY + _PLAINTEXT, data, expects=False)
            challenge = await self._s.commands.send("GET CHALLENGE", _GET_CHALLENGE)
            # Book 2 §7.2, step 2: anything else fails the method, and this card will not do better at the next rule.
            if not challenge.ok or len(challenge.data) != _CHALLENGE_BYTES:
                self._cannot_encipher = True
                return None
            padding = self._s.entropy.bytes(len(key.modulus) - _ENVELOPE_BYTES)
            data = await pin.enciphered_verify_data(key.modulus, key.exponent, challenge.data, padding)
            return await self._s.commands.send("VERIFY", _VERIFY + _ENCIPHERED, data, expects=False)
        finally:
            pin.forget()
