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
    SENT = "sent"
    """The acquirer may have been asked, and what it has counted can be reversed. On disk before the first byte."""
    ASKED = "asked"
    """The acquirer may have been asked for what has no reversal, such as a refund. On disk before the first byte."""
    ANSWERED = "answered"
    """The acquirer has approved; the chip has not yet agreed, and the merchant does not know."""
    COMPLETED = "completed"
    """The money has changed hands, and the merchant is told so; the receipt starts after this."""
    DONE = "done"
    """Nothing is left to do."""
    DECLINED = "declined"
    """Acquirer or card said no; no money moved."""
    REVERSING = "reversing"
    """What the acquirer may have counted must be taken back; it has not confirmed that yet."""
    REVERSED = "reversed"
    """The acquirer has taken it back; no money moved."""
    UNRESOLVED = "unresolved"
    """Only the acquirer's books know; it stays in sight until a person has asked there and said which it was."""
    ABANDONED = "abandoned"
    """It came to nothing; no money moved."""


class Duty(StrEnum):
    """What boot owes a record that a power cut interrupted."""

    ABANDON = "abandon"
    """Advance it to ABANDONED: nothing was promised."""
    REVERSE = "reverse"
    """Advance it to REVERSING: nobody was told of an approval."""
    SEND_REVERSAL = "send_reversal"
    """Send the reversal before anything else is asked of the acquirer."""
    TELL_UNKNOWN = "tell_unknown"
    """Say that nobody here knows, and advance it to UNRESOLVED."""
    KEEP_IN_SIGHT = "keep_in_sight"
    """List it as pending until a person settles it."""
    OFFER_RECEIPT = "offer_receipt"
    """Offer the receipt again, marked as a duplicate where one may have come out, then advance the record to DONE."""


FIRST: Final = Phase.OPENED
"""The phase that every record begins in."""

TRANSITIONS: Final[Mapping[Phase, AbstractSet[Phase]]] = {
    Phase.OPENED: frozenset({Phase.SENT, Phase.ASKED, Phase.COMPLETED, Phase.DECLINED, Phase.ABANDONED}),
    Phase.SENT: frozenset({Phase.ANSWERED, Phase.COMPLETED, Phase.DECLINED, Phase.REVERSING}),
    Phase.ASKED: frozenset({Phase.COMPLETED, Phase.DECLINED, Phase.UNRESOLVED}),
    Phase.ANSWERED: frozenset({Phase.COMPLETED, Phase.REVERSING}),
    Phase.COMPLETED: frozenset({Phase.DONE}),
    Phase.DONE: frozenset(),
    Phase.DECLINED: frozenset(),
    Phase.REVERSING: frozenset({Phase.REVERSED, Phase.UNRESOLVED}),
    Phase.REVERSED: frozenset(),
    Phase.UNRESOLVED: frozenset({Phase.DONE, Phase.REVERSED}),
    Phase.ABANDONED: frozenset(),
}

DUTIES: Final[Mapping[Phase, Duty]] = {
    Phase.OPENED: Duty.ABANDON,
    Phase.SENT: Duty.REVERSE,
    Phase.ASKED: Duty.TELL_UNKNOWN,
    Phase.ANSWERED: Duty.REVERSE,
    Phase.COMPLETED: Duty.OFFER_RECEIPT,
    Phase.REVERSING: Duty.SEND_REVERSAL,
    Phase.UNRESOLVED: Duty.KEEP_IN_SIGHT,
}

FINAL: Final = frozenset(phase for phase, following in TRANSITIONS.items() if not following)
"""The phases that a record rests in."""

EFFECTIVE: Final = frozenset({Phase.COMPLETED, Phase.DONE})
"""The phases in which the money of a record counts."""

UNDONE: Final = FINAL - EFFECTIVE
"""The phases that a record rests in without money; what it wanted to undo stands."""

WITH_FACTS: Final = frozenset({Phase.SENT, Phase.ASKED, Phase.ANSWERED, Phase.REVERSING})
"""The phases that are entered together with what the acquirer was asked or has said (`host_books`)."""


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
