"""Store and forward: what waits for the acquirer, when an entry ends, and how much may wait.

Owned here: the rules, over values. Where the entries are kept is the journal's; what goes first, and when, the flows'
(`clear_the_way`, `forward`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from firmware.host.profile import OfflineLimits, Retries
from firmware.host.response_codes import DUPLICATE, INVALID, NO_ORIGINAL, action_of
from firmware.host.values import Action
from firmware.units import Money


class Kind(Enum):
    """What an entry is."""

    SCRIPT_NOTICE = auto()
    REVERSAL = auto()
    ADVICE = auto()
    """An offline approval, or a completion notice."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message that the acquirer must still get.

    `number` gives the order in which the entries came, `tries` how often it was sent, `amount` what an offline approval
    adds to the sum.
    """

    number: int
    kind: Kind
    since: datetime
    tries: int = 0
    amount: Money | None = None


class Unheard(Enum):
    """Why there is no response code."""

    NOT_SENT = auto()
    """Nothing has left the terminal: not a try."""
    NO_ANSWER = auto()


Heard = str | Unheard
"""A response code, or why there is none."""


class Fate(Enum):
    """What becomes of an entry after a try."""

    KEPT = auto()
    ENDED = auto()
    """The acquirer has it, or has nothing to do for it."""
    GIVEN_UP = auto()
    """The tries are used up: a slip says so, and the record stays in sight until a person clears it.

    An advice is not lost by it: what the acquirer does not count goes with the batch upload.
    """


class Limit(Enum):
    """Which limit of the queue is reached: the terminal must be online before it approves offline again."""

    COUNT = auto()
    TOTAL = auto()
    AGE = auto()


_ENDING_A_REVERSAL: Final = frozenset({INVALID, NO_ORIGINAL})
_COUNTED: Final = (Action.APPROVED, Action.PARTLY_APPROVED)


def tries_of(kind: Kind, retries: Retries) -> int:
    """How often an entry is sent at most."""
    if kind is Kind.SCRIPT_NOTICE:
        return retries.script_tries
    return retries.reversal_tries if kind is Kind.REVERSAL else retries.advice_tries


def fate(entry: Waiting, heard: Heard, retries: Retries) -> Fate:
    """What becomes of `entry`, whose `tries` do not count this one yet.

    A script result ends as soon as it was sent. A reversal ends with 00, or 12 and 25, which say that there is nothing
    to reverse; an advice with an approval, or with 94, which says that it is there already.
    """
    if heard is Unheard.NOT_SENT:
        return Fate.KEPT
    if entry.kind is Kind.SCRIPT_NOTICE or (isinstance(heard, str) and _ends(entry.kind, heard)):
        return Fate.ENDED
    return Fate.GIVEN_UP if entry.tries + 1 >= tries_of(entry.kind, retries) else Fate.KEPT


def _ends(kind: Kind, code: str) -> bool:
    if action_of(code) in _COUNTED:
        return True
    return code in _ENDING_A_REVERSAL if kind is Kind.REVERSAL else code == DUPLICATE


def limit_reached(queue: Sequence[Waiting], amount: Money, now: datetime, limits: OfflineLimits) -> Limit | None:
    """Which limit forbids one more offline approval of `amount`; None where it may be taken."""
    advices = [entry for entry in queue if entry.kind is Kind.ADVICE]
    if len(advices) >= limits.count:
        return Limit.COUNT
    total = sum((entry.amount for entry in advices if entry.amount is not None), start=amount)
    if limits.total < total:
        return Limit.TOTAL
    oldest = min((entry.since for entry in advices), default=now)
    return Limit.AGE if now - oldest >= timedelta(milliseconds=limits.age) else None
