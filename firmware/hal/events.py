"""What happens outside, as values, and the sink that drivers post them to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firmware.units import Track2


class Key(StrEnum):
    """The keys of a terminal, by the names that keypads, scripts and boards use."""

    D0 = "0"
    D1 = "1"
    D2 = "2"
    D3 = "3"
    D4 = "4"
    D5 = "5"
    D6 = "6"
    D7 = "7"
    D8 = "8"
    D9 = "9"
    D00 = "00"
    POINT = "."
    ENTER = "ENTER"
    CLEAR = "CLEAR"
    CANCEL = "CANCEL"
    MENU = "MENU"
    UP = "UP"
    DOWN = "DOWN"
    F1 = "F1"
    F2 = "F2"
    F3 = "F3"
    F4 = "F4"

    @property
    def digits(self) -> str:
        """The digits that the key types: one, two for `00`, none for a command key."""
        return self.value if self.value.isdigit() else ""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key went down, debounced; releases and repeats are not told."""

    key: Key


@dataclass(frozen=True, slots=True)
class KeysStuck:
    """The keys that stay down as no finger holds them, all that there are now; empty when the last came up again."""

    keys: frozenset[Key]


@dataclass(frozen=True, slots=True)
class CardInserted:
    """A chip card stands in the slot of `reader`."""

    reader: str


@dataclass(frozen=True, slots=True)
class CardTaken:
    """The chip card left the slot of `reader`."""

    reader: str


@dataclass(frozen=True, slots=True)
class StripeSwiped:
    """A magnetic stripe was read; `track2` is None when the stripe was unreadable."""

    track2: Track2 | None


@dataclass(frozen=True, slots=True)
class CodeScanned:
    """A barcode or QR code was read: 1 to 512 printable characters."""

    text: str


@dataclass(frozen=True, slots=True)
class FingerPlaced:
    """A finger was recognised as the template in `slot`, or not at all (None)."""

    slot: int | None


@dataclass(frozen=True, slots=True)
class TamperDetected:
    """The enclosure was opened; keys must go."""


Event = KeyPressed | KeysStuck | CardInserted | CardTaken | StripeSwiped | CodeScanned | FingerPlaced | TamperDetected


class EventSink(Protocol):
    """Where drivers post events; the bounded queue of the terminal."""

    def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
        """Queue `event`, from the event loop's thread only; never blocks.

        Returns False where the queue is full: the event is dropped, and the terminal has said so to the person.
        `taken` is called once, when a flow takes the event off the queue.
        """
        ...
