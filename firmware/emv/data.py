"""The data objects of one transaction: what the card gave, what the terminal made, what the issuer sent.

Owned here: a primitive object comes from the card once (Book 3 §7.5: a second one ends the transaction), and a card can
never speak for the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from firmware.emv.errors import CardDataError
from firmware.emv.tlv import Tlv

_NOT_THE_CARDS: Final = frozenset({0x8A, 0x91, 0x99, 0x9F5B})
"""What the issuer or the terminal says, and a card has no word in. Source: Book 3 Annex A1."""


class DataStore:
    """Values by tag, those of the card apart from those of the terminal and the issuer."""

    def __init__(self) -> None:
        self._card: dict[int, bytes] = {}
        self._terminal: dict[int, bytes] = {}

    def add_from_card(self, objects: Iterable[Tlv], place: str) -> None:
        """Keep primitive objects of the card; an empty one counts as absent (Book 3 Annex B3).

        Raises: CardDataError - one of them is there already.
        """
        for each in objects:
            if not each.value or each.tag in _NOT_THE_CARDS:
                continue
            if each.tag in self._card:
                raise CardDataError("the card gives it twice", place=place, tag=each.tag)
            self._card[each.tag] = each.value

    def replace_from_card(self, tag: int, value: bytes) -> None:
        """Keep what the card said last: answers that come with each cryptogram."""
        self._card[tag] = value

    def set(self, tag: int, value: bytes) -> None:
        """Keep an object that the terminal or the issuer made."""
        self._terminal[tag] = value

    def card(self, tag: int) -> bytes | None:
        """What the card gave under `tag`, or None."""
        return self._card.get(tag)

    def require(self, tag: int, place: str) -> bytes:
        """What the card gave under `tag`. Raises: CardDataError - nothing."""
        value = self._card.get(tag)
        if value is None:
            raise CardDataError("mandatory data is missing", place=place, tag=tag)
        return value

    def get(self, tag: int) -> bytes | None:
        """The terminal's or issuer's value of `tag`, else the card's, else None."""
        return self._terminal.get(tag, self._card.get(tag))

    def forget_card(self) -> None:
        """Drop all that the card gave: another application is tried."""
        self._card.clear()

    def snapshot(self) -> Mapping[int, bytes]:
        """Everything, the terminal's values over the card's; for field 55, receipts and reports."""
        return {**self._card, **self._terminal}
