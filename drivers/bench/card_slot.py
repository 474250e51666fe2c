"""The slot for chip cards, on the world's side: which card stands in it, whether it has power, and what it answers.

Owned here: a card belongs to the world. When the terminal loses its power the card does too, but it stands in the slot
still; and an answer reaches only the power-up that asked for it. The cards themselves stand in `cards`. What is said to
them is kept nowhere: a command may hold a PIN.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.bench.cards import CardPersonality, CardState, Fault, Mute, Pulled, TestCard, insert
from drivers.bench.wire import (
    CardAnswer,
    CardCommand,
    CardFault,
    CardIn,
    CardOut,
    CardPower,
    Message,
)
from firmware.errors import TillberryError

WAITING_TIME_S: Final = 1.0
"""How long a reader waits for a mute card before it says so: what T=0 cards are given (ISO/IEC 7816-3 §10.2)."""


class SlotTaken(TillberryError):
    """A card stands in the slot already."""


class SlotEmpty(TillberryError):
    """No card stands in the slot."""


class NoChip(TillberryError):
    """The card has a stripe only: the slot can do nothing with it."""


class CardSlot:
    """One slot. `send` speaks to the terminal, if there is one; `changed` is called when `json` says something new."""

    def __init__(self, send: Callable[[Message], None], changed: Callable[[], None]) -> None:
        self._send = send
        self._changed = changed
        self._states: dict[str, CardState] = {}
        self._card: _Inserted | None = None
        self._powered: TestCard | None = None

    def json(self) -> dict[str, object] | None:
        """The card in the slot as scripts and the page read it, or None; `apdus` counts since it was put in."""
        if self._card is None:
            return None
        return {"name": self._card.personality.name, "powered": self._powered is not None, "apdus": self._card.apdus}

    def insert(self, personality: CardPersonality, fault: Fault) -> None:
        """Put a card into the slot; it remembers the times before. Raises: SlotTaken, NoChip."""
        if self._card is not None:
            raise SlotTaken(f"{self._card.personality.name} stands in the slot; remove it first")
        if not personality.chip:
            raise NoChip(f"{personality.name} has no chip; swipe it")
        self._card = _Inserted(personality, fault)
        self._send(CardIn())
        self._changed()

    def remove(self) -> None:
        """Take the card out, at any time. Raises: SlotEmpty."""
        if self._card is None:
            raise SlotEmpty("there is no card in the slot")
        self._card = self._powered = None
        self._send(CardOut())
        self._changed()

    def terminal_started(self) -> None:
        """A reader has power again: it finds what stands in it."""
        if self._card is not None:
            self._send(CardIn())

    def terminal_gone(self) -> None:
        """The reader has no power, and so the card has none."""
        if self._powered is not None:
            self._powered = None
            self._changed()

    def power(self, question: CardPower) -> None:
        """Power the card, which answers to the reset and has forgotten what it was at; or take its power."""
        if self._card is None:
            self._powered = None
            if question.on:
                self._send(CardAnswer(question.command_id, b"", CardFault.REMOVED))
            return
        self._powered = self._power_up(self._card) if question.on else None
        self._changed()
        if self._powered is not None:
            self._answer(self._powered, CardAnswer(question.command_id, self._powered.atr))

    def _power_up(self, card: _Inserted) -> TestCard:
        name = card.personality.name
        if name not in self._states:
            self._states[name] = CardState.fresh(card.personality)
        return insert(card.personality, state=self._states[name], fault=card.fault)

    def command(self, question: CardCommand) -> None:
        """Let the card in the slot answer a command."""
        if self._card is None or self._powered is None:
            fault = CardFault.REMOVED if self._card is None else CardFault.MUTE
            self._send(CardAnswer(question.command_id, b"", fault))
            return
        self._card.apdus += 1
        self._changed()
        try:
            data = self._powered.transmit(question.command)
        except Pulled:
            self._send(CardAnswer(question.command_id, b"", CardFault.REMOVED))
            self.remove()
        except Mute:
            self._answer(self._powered, CardAnswer(question.command_id, b"", CardFault.MUTE), WAITING_TIME_S)
        else:
            self._answer(self._powered, CardAnswer(question.command_id, data))

    def _answer(self, card: TestCard, answer: CardAnswer, after_s: float = 0) -> None:
        """Send an answer, or let it be late; a card that has lost its power meanwhile says nothing more."""
        delay_s = after_s + card.slow_ms / 1000
        if delay_s == 0:
            self._send(answer)
        else:
            asyncio.get_running_loop().call_later(delay_s, self._answer_late, card, answer)

    def _answer_late(self, card: TestCard, answer: CardAnswer) -> None:
        if self._powered is card:
            self._send(answer)


@dataclass(slots=True)
class _Inserted:
    """A card in the slot, and the fault that this insertion has."""

    personality: CardPersonality
    fault: Fault
    apdus: int = 0
