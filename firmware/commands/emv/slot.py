"""Waiting for a card to stand in a reader's slot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from firmware.errors import TillberryError
from firmware.hal import CardInserted, CardReader, CardTaken, Event
from firmware.hal.errors import CardError, ReaderMissing
from firmware.units import Millis

_FIRST_LOOK_S: Final = 0.5
"""A reader tells of a card that stood there before within this time; nobody is asked for one meanwhile."""

_FIND_MS: Final = Millis(2_000)


class NoCard(TillberryError):
    """No card came in time."""


class _Slot:
    """Honours the hal's EventSink and remembers one fact."""

    def __init__(self) -> None:
        self.card_in = asyncio.Event()

    def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
        """Take note of a card that comes or goes."""
        if taken is not None:
            taken()
        if isinstance(event, CardInserted):
            self.card_in.set()
        elif isinstance(event, CardTaken):
            self.card_in.clear()
        return True

    async def filled(self, seconds: float) -> bool:
        """Whether a card stands in the slot within that time."""
        try:
            async with asyncio.timeout(seconds):
                await self.card_in.wait()
        except TimeoutError:
            return False
        return True


async def await_card(reader: CardReader, wait_s: int, ask: Callable[[str], None]) -> None:
    """Start the reader and return when a card stands in its slot; `ask` tells a person to insert one.

    Raises: ReaderMissing - there is no such reader now; NoCard.
    """
    slot = _Slot()
    reader.start(slot)
    if await slot.filled(_FIRST_LOOK_S):
        return
    await _find(reader)
    ask(f"insert the card: {reader.name}")
    if not await slot.filled(wait_s):
        raise NoCard(f"{reader.name}: no card came within {wait_s} s")


async def _find(reader: CardReader) -> None:
    """Let the reader say whether it is there: an empty slot has no card to power. Raises: ReaderMissing."""
    try:
        card = await reader.power_on(_FIND_MS)
    except ReaderMissing:
        raise
    except CardError:
        return
    await card.power_off()
