"""One acquirer's dialect: questions become frames, frames become answers that may be believed.

Owned here: the order of work. The tables that a person can read stand in `field_table` and `message_table`, what fills
a field in `messages`, what makes an answer believable in `answers`.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware.host.profile import AcquirerProfile
from firmware.host.values import Answer, Ask, Reason

Mac = Callable[[bytes], bytes]
CheckMac = Callable[[bytes, bytes], bool]


class Dialect:
    """What one terminal of one merchant says to an acquirer and hears from it; keeps no state between messages."""

    def __init__(self, profile: AcquirerProfile, terminal: str, merchant: str) -> None:
        self.profile = profile
        self._terminal = terminal
        self._merchant = merchant

    def build(self, ask: Ask, mac: Mac | None) -> bytes:
        """Return the whole frame of a question, without a length prefix.

        `mac` gives the 8 bytes of the code over its argument; None only where `needs_mac` says so. Tracks come
        enciphered already where the profile's `security.tracks_enciphered` says so.
        """
        raise NotImplementedError

    def needs_mac(self, ask: Ask) -> bool:
        """Whether the question carries a message authentication code."""
        raise NotImplementedError

    def read(self, frame: bytes, ask: Ask, check_mac: CheckMac) -> Answer:
        """Return what the acquirer answers to `ask`. Raises: BadAnswer, MacWrong."""
        raise NotImplementedError

    def stored(self, ask: Ask) -> dict[str, str]:
        """Return what a later reversal needs of the question: no track, no PIN block. It holds the card number."""
        raise NotImplementedError

    def reversal(
        self,
        stored: dict[str, str],
        reason: Reason,
        mac: Mac,
        *,
        authorisation: str | None = None,
        chip: bytes = b"",
        key_serial: bytes = b"",
    ) -> bytes:
        """Return the frame that reverses a question: the same trace and batch number, and why."""
        raise NotImplementedError

    def read_reversal(self, frame: bytes, stored: dict[str, str], check_mac: CheckMac) -> Answer:
        """Return what the acquirer answers to a reversal. Raises: BadAnswer, MacWrong."""
        raise NotImplementedError

    def stan_of(self, frame: bytes) -> str | None:
        """Return field 11 of any frame, to tell which question it belongs to; None where it cannot be read."""
        raise NotImplementedError
