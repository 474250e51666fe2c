"""Asking the acquirer for a transaction, with the journal told at each step: the one place where money meets the line.

Owned here: what must be said before is said before the record takes its trace number, so that numbers go out in their
order; what the acquirer may have heard is on disk before it is sent; an approval is on disk before anyone is told; and
what no believable answer came to owes a reversal, or stays in sight where nothing reverses it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from firmware.flows.asking import Unheard, Unreached, acquirer_of, answer_facts, ask
from firmware.flows.clear_the_way import clear_the_way
from firmware.host.values import REVERSIBLE, Answer, Ask, Original, Reason
from firmware.journal import Phase, Record
from firmware.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Approved:
    """The acquirer has counted it. The record is COMPLETED; ANSWERED where the chip must still agree."""

    record: Record
    answer: Answer


@dataclass(frozen=True, slots=True)
class Refused:
    """The acquirer has said no; the record is DECLINED."""

    record: Record
    answer: Answer


@dataclass(frozen=True, slots=True)
class Offline:
    """Nothing has left the terminal; the record is as it was, OPENED."""

    record: Record
    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody here knows what the acquirer has counted: the record is REVERSING, or UNRESOLVED without a reversal."""

    record: Record
    why: str


Authorisation = Approved | Refused | Offline | Unknown


async def authorise(
    t: Terminal,
    open_record: Callable[[], Record],
    question: Callable[[Record], Awaitable[Ask]],
    *,
    chip_to_agree: bool = False,
) -> Authorisation:
    """Open a record and ask the acquirer for it, after whatever must be said before.

    The record is opened also where nobody is asked. `question` is made when the keys are good. `chip_to_agree` tells
    that an approval still needs a card's agreement. Raises: what `open_record` raises; StorageFailed - where the
    question was sent already, boot performs the record's duty.
    """
    blocked = "this terminal has no acquirer" if t.acquirer is None else await clear_the_way(t)
    record = open_record()
    if blocked is not None:
        return Offline(record, blocked)
    return await _authorise(t, record, await question(record), chip_to_agree=chip_to_agree)


async def _authorise(t: Terminal, record: Record, question: Ask, *, chip_to_agree: bool) -> Authorisation:
    reversible = question.transaction in REVERSIBLE
    sent: list[Record] = []

    def before_send() -> None:
        fields = acquirer_of(t).dialect.stored(question)
        about = _slip(question.original) if record.original_id is None else {}
        sent.append(t.journal.host.ask(record, fields, reversible=reversible, about=about))

    heard = await ask(t, question, before_send)
    if isinstance(heard, Unreached):
        return Offline(record, heard.why)
    (asked,) = sent
    if isinstance(heard, Unheard):
        return Unknown(_undo(t, asked, heard.reason), heard.why)
    if not heard.approved:
        return Refused(t.journal.host.declined(asked, answer_facts(heard)), heard)
    keep = t.journal.host.answered if chip_to_agree else t.journal.host.approved
    return Approved(keep(asked, answer_facts(heard)), heard)


def _slip(original: Original | None) -> dict[str, str]:
    """What was typed of a transaction that this journal does not know: the batch upload will tell it again."""
    if original is None:
        return {}
    said = {"date": original.date, "rrn": original.rrn, "authorisation": original.authorisation}
    return {name: value for name, value in said.items() if value is not None}


def _undo(t: Terminal, asked: Record, reason: Reason) -> Record:
    if asked.phase is Phase.SENT:
        return t.journal.host.reverse(asked, reason)
    return t.journal.advance(asked, Phase.UNRESOLVED)
