"""A chip card reader of any make, behind PC/SC: pcscd drives the hardware, this drives pcscd."""

from __future__ import annotations

from drivers.pcsc.choice import ReaderChoice
from firmware.hal import Card, EventSink
from firmware.hal.errors import ReaderMissing
from firmware.units import Millis


class PcscReader:
    """One slot of one reader."""

    def __init__(self, choice: ReaderChoice) -> None:
        self._choice = choice

    @property
    def name(self) -> str:
        """What the board calls the reader; it stays the same while the reader is unplugged."""
        return self._choice.label

    def start(self, sink: EventSink) -> None:
        """Begin to watch the slot; a card in it is posted, an empty slot is not."""

    async def power_on(self, timeout_ms: Millis) -> Card:
        """Power the card in the slot (cold reset). Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing."""
        raise ReaderMissing(f"the card reader {self.name!r} did not answer within {timeout_ms} ms")

    async def close(self) -> None:
        """Stop and let go; may be called more than once."""
