"""The life of a record. This file owns the rule: nothing that decides about money lives elsewhere.

A record is in one phase at a time. `TRANSITIONS` says which phase may follow which, and `DUTIES` says what boot must do
with a record that a power cut left behind in a phase. A flow is never resumed: only its duty is done. A phase that has
no duty and is not final cannot be added, for the asserts below stop the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """How far a record has come; a phase counts from the moment that it is on disk."""

    OPENED = "opened"
    """The merchant has asked for it; nothing was promised yet."""
    COMPLETED = "completed"
    """The money has changed hands, and the merchant is told so; the receipt starts after this."""
    DONE = "done"
    """Nothing is left to do."""
    ABANDONED = "abandoned"
    """It came to nothing; no money moved."""


class Duty(StrEnum):
    """What boot owes a record that a power cut interrupted."""

    ABANDON = "abandon"
    """Advance it to ABANDONED: nothing was promised."""
    OFFER_RECEIPT = "offer_receipt"
    """Offer the receipt again, marked as a duplicate, then advance the record to DONE."""


FIRST: Final = Phase.OPENED
"""The phase that every record begins in."""

TRANSITIONS: Final[Mapping[Phase, AbstractSet[Phase]]] = {
    Phase.OPENED: frozenset({Phase.COMPLETED, Phase.ABANDONED}),
    Phase.COMPLETED: frozenset({Phase.DONE}),
    Phase.DONE: frozenset(),
    Phase.ABANDONED: frozenset(),
}

DUTIES: Final[Mapping[Phase, Duty]] = {
    Phase.OPENED: Duty.ABANDON,
    Phase.COMPLETED: Duty.OFFER_RECEIPT,
}

FINAL: Final = frozenset(phase for phase, following in TRANSITIONS.items() if not following)
"""The phases that a record rests in."""

EFFECTIVE: Final = frozenset({Phase.COMPLETED, Phase.DONE})
"""The phases in which the money of a record counts."""


def reachable(transitions: Mapping[Phase, AbstractSet[Phase]]) -> AbstractSet[Phase]:
    """The phases that a record can come to from the first one."""
    found = {FIRST}
    edge = {FIRST}
    while edge:
        edge = {following for phase in edge for following in transitions[phase]} - found
        found |= edge
    return found


def flaws(transitions: Mapping[Phase, AbstractSet[Phase]], duties: Mapping[Phase, Duty]) -> list[str]:
    """What is wrong with the two tables: a sentence for each phase, none where the tables fit together."""
    missing = [f"{phase} is not in the table of transitions" for phase in Phase if phase not in transitions]
    if missing:
        return missing
    found = reachable(transitions)
    unreachable = [f"{phase} cannot be reached" for phase in Phase if phase not in found]
    undutiful = [
        f"{phase} is not final and has no duty" for phase in Phase if transitions[phase] and phase not in duties
    ]
    idle = [f"{phase} is final and has a duty" for phase in duties if not transitions[phase]]
    return unreachable + undutiful + idle


assert not flaws(TRANSITIONS, DUTIES), flaws(TRANSITIONS, DUTIES)
