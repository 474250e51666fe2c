"""The bench's chip card reader and stripe reader on the terminal's side: the cards themselves stand outside.

Commands to a card may hold a PIN block: nothing here logs or keeps them.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Final

from drivers.bench.devices import Harness
from drivers.bench.wire import (
    COMMAND_MAX,
    CardAnswer,
    CardCommand,
    CardFault,
    CardIn,
    CardOut,
    CardPower,
    StripeRead,
)
from firmware.hal import CardInserted, CardTaken, EventSink, StripeSwiped
from firmware.hal.errors import CardError, CardGarbled, CardMute, CardRemoved
from firmware.units import Millis, Track2

READER: Final = "bench"

_FAULTS: Final[dict[CardFault, type[CardError]]] = {
    CardFault.REMOVED: CardRemoved,
    CardFault.MUTE: CardMute,
    CardFault.GARBLED: CardGarbled,
}


class BenchCardReader:
    """A slot that a visitor of the bench puts test cards into."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._sink: EventSink | None = None
        self._has_card = False
        self._powered: BenchCard | None = None
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[CardAnswer]] = {}
        harness.on(CardIn, self._inserted)
        harness.on(CardOut, self._taken)
        harness.on(CardAnswer, self._answered)

    @property
    def name(self) -> str:
        """The name that the events carry."""
        return READER

    def start(self, sink: EventSink) -> None:
        """Begin to watch the slot; a card that stands in it already is posted at once, an empty slot is not."""
        self._sink = sink
        if self._has_card:
            sink.post(CardInserted(READER))

    async def power_on(self, timeout_ms: Millis) -> BenchCard:
        """Power the card in the slot; a card that had power is reset. Raises: CardRemoved, CardMute, CardGarbled."""
        if not self._has_card:
            raise CardRemoved("there is no card in the slot")
        card = BenchCard(self)
        self._powered = card
        number = next(self._numbers)
        atr = await self.ask(card, number, CardPower(number, on=True), timeout_ms)
        if not 2 <= len(atr) <= 33:
            await card.power_off()
            raise CardGarbled(f"an answer to reset of {len(atr)} bytes")
        card.atr = atr
        return card

    async def transmit(self, card: BenchCard, command: bytes, timeout_ms: Millis) -> bytes:
        """Send one command for `card`, and return the answer. Raises: as `Card.transmit`."""
        assert 4 <= len(command) <= COMMAND_MAX, len(command)
        number = next(self._numbers)
        answer = await self.ask(card, number, CardCommand(number, command), timeout_ms)
        if len(answer) < 2:
            await card.power_off()
            raise CardGarbled("an answer without status")
        return answer

    async def ask(self, card: BenchCard, number: int, question: CardPower | CardCommand, timeout_ms: Millis) -> bytes:
        """Ask the card, and wait for the answer of that number; a card that failed loses its power.

        Raises: CardRemoved, CardMute, CardGarbled.
        """
        if self._powered is not card:
            raise CardRemoved("this card has left the slot, or has no power")
        asked = asyncio.get_running_loop().create_future()
        self._asked[number] = asked
        self._harness.send(question)
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                answer: CardAnswer = await asked
        except TimeoutError:
            await card.power_off()
            raise CardMute(f"the card said nothing for {timeout_ms} ms") from None
        finally:
            del self._asked[number]
        if answer.fault is not None:
            await card.power_off()
            raise _FAULTS[answer.fault](f"the card is {answer.fault}")
        return answer.answer

    def cut_power(self, card: BenchCard) -> None:
        """Take the power from `card`, if it is still the one that has it."""
        if self._powered is card:
            self._powered = None
            self._harness.send(CardPower(next(self._numbers), on=False))

    async def close(self) -> None:
        """Stop watching, and take the power from the card."""
        self._sink = None
        if self._powered is not None:
            self.cut_power(self._powered)

    def _inserted(self, _message: CardIn) -> None:
        self._has_card = True
        if self._sink is not None:
            self._sink.post(CardInserted(READER))

    def _taken(self, _message: CardOut) -> None:
        self._has_card = False
        self._powered = None
        for number, asked in self._asked.items():
            if not asked.done():
                asked.set_result(CardAnswer(number, b"", CardFault.REMOVED))
        if self._sink is not None:
            self._sink.post(CardTaken(READER))

    def _answered(self, answer: CardAnswer) -> None:
        """An answer that nobody waits for any more came too late."""
        asked = self._asked.get(answer.command_id)
        if asked is not None and not asked.done():
            asked.set_result(answer)


class BenchCard:
    """A card with power; it is of no more use once it has failed, left the slot or been powered anew."""

    def __init__(self, reader: BenchCardReader) -> None:
        self._reader = reader
        self.atr = b""

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        """Send one command APDU and return the response APDU. Raises: CardRemoved, CardMute, CardGarbled."""
        return await self._reader.transmit(self, command, timeout_ms)

    async def power_off(self) -> None:
        """Take the power from the card."""
        self._reader.cut_power(self)


class BenchStripeReader:
    """A stripe reader that a visitor of the bench draws test cards through."""

    def __init__(self, harness: Harness) -> None:
        self._sink: EventSink | None = None
        harness.on(StripeRead, self._read)

    def start(self, sink: EventSink) -> None:
        """Begin to post swipes."""
        self._sink = sink

    async def close(self) -> None:
        """Stop posting."""
        self._sink = None

    def _read(self, stripe: StripeRead) -> None:
        """Post a swipe; what was swiped before anybody listened is gone, as the stripe is."""
        if self._sink is not None:
            self._sink.post(StripeSwiped(None if stripe.track2 is None else Track2(stripe.track2)))
