"""What can be wrong with a card in the slot: pulled, mute, garbled, cut short or slow, at an APDU that is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

SLOW_MAX_MS: Final = 60_000
APDU_MAX: Final = 1_000


class Pulled(Exception):
    """The card is out of the slot."""


class Mute(Exception):
    """The card does not answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one insertion; APDUs count from 1, 0 is never.

    `garbage_from_apdu` and `mute_at_apdu` last to the end, `wrong_length_at_apdu` cuts one answer short, `slow_ms` is
    how long each answer takes: the adapter to the slot waits, the card itself knows no time.
    """

    pull_at_apdu: int = 0
    mute_at_apdu: int = 0
    garbage_from_apdu: int = 0
    wrong_length_at_apdu: int = 0
    slow_ms: int = 0

    @classmethod
    def parse(cls, table: Mapping[str, object]) -> Fault:
        """Read a fault as scripts and cards give it. Raises: ValueError - an unknown name, or a number out of range."""
        known = {each.name: SLOW_MAX_MS if each.name == "slow_ms" else APDU_MAX for each in fields(cls)}
        numbers: dict[str, int] = {}
        for name, value in table.items():
            if name not in known:
                raise ValueError(f"a card has no fault {name!r}; there are: {', '.join(known)}")
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= known[name]:
                raise ValueError(f"{name}: must be a whole number from 0 to {known[name]}")
            numbers[name] = value
        return cls(**numbers)

    def over(self, other: Fault) -> Fault:
        """This fault, and `other` where this one says nothing."""
        return Fault(**{each.name: getattr(self, each.name) or getattr(other, each.name) for each in fields(self)})


NO_FAULT: Final = Fault()
