"""Test chip cards: a real card-side EMV application with keys of its own, so that the kernel meets no mirror of itself.

    card = insert(load_cards()["up-debit"])
    card.transmit(bytes.fromhex("00A404000E315041592E5359532E444446303100"))

A card is synchronous and knows no time; faults raise `Pulled` or `Mute`. What it remembers when it is out of the slot
is a `CardState`: give the same one at each insertion. `issuer` holds the other end of its keys.
"""

from __future__ import annotations

from drivers.bench.cards.card import TestCard
from drivers.bench.cards.faults import NO_FAULT, Fault, Mute, Pulled
from drivers.bench.cards.personality import CardPersonality, load_cards
from drivers.bench.cards.state import CardState

__all__ = ["CardPersonality", "CardState", "Fault", "Mute", "Pulled", "TestCard", "insert", "load_cards"]


def insert(personality: CardPersonality, *, state: CardState | None = None, fault: Fault | None = None) -> TestCard:
    """Power a card, with the memory `state` (a fresh one by default); `fault` goes before the card's own."""
    assert personality.chip, f"{personality.name} has no chip"
    memory = state or CardState.fresh(personality)
    return TestCard(personality, memory, (fault or NO_FAULT).over(personality.fault))
