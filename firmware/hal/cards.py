"""Cards and their readers: chip by APDU, stripe by event."""

from __future__ import annotations

from typing import Protocol

from firmware.hal.events import EventSink
from firmware.units import Millis


class Card(Protocol):
    """A powered chip card."""

    @property
    def atr(self) -> bytes:
        """The answer to reset: 2 to 33 bytes (ISO/IEC 7816-3 §8)."""
        ...

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        """Send one command APDU (4 to 261 bytes) and return the response APDU: data and the two status bytes.

        T=0's 61xx and 6Cxx are handed up as they come. Must not hold the event loop.
        Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing; after any of them the card is of no more use.
        """
        ...

    async def power_off(self) -> None:
        """Take the power from the card; may be called more than once, never raises."""
        ...


class CardReader(Protocol):
    """A contact chip reader. Must post `CardInserted` and `CardTaken` once for each change, first state included."""

    @property
    def name(self) -> str:
        """The reader's name, as its events carry it."""
        ...

    def start(self, sink: EventSink) -> None:
        """Begin to watch the slot. A card in it is posted, an empty slot is not.

        An unplugged reader is not an error: it is watched for.
        """
        ...

    async def power_on(self, timeout_ms: Millis) -> Card:
        """Power the card in the slot (cold reset). Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing."""
        ...

    async def close(self) -> None:
        """Stop and let go; may be called more than once."""
        ...


class StripeReader(Protocol):
    """A magnetic stripe reader. Must post `StripeSwiped` for each swipe, with None for one that could not be read."""

    def start(self, sink: EventSink) -> None:
        """Begin to post. Raises: DeviceMissing."""
        ...

    async def close(self) -> None:
        """Stop and let go; may be called more than once."""
        ...
