"""Closing a batch with the acquirer: totals, the acquirer's verdict, the upload, and the next batch.

Owned here: the state on disk says what comes next, so that a terminal that lost its power, or heard nothing, only ever
goes on. What was told once is told again in the same words, and what the acquirer has taken is not sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from firmware.flows import upload
from firmware.flows.asking import Unheard, Unreached, acquirer_of, ask, nothing
from firmware.flows.clear_the_way import clear_the_way
from firmware.flows.dialogue import show
from firmware.flows.forward import forward_all
from firmware.flows.sign_on import SignOnFailed, give_up_keys, no_keys, sign_on
from firmware.flows.totals import totals_of
from firmware.host.errors import BadAnswer
from firmware.host.settlement import Settled, settled, totals_text
from firmware.host.values import Action, Answer, Ask, Transaction
from firmware.journal import BatchState, Phase
from firmware.log import LogEvent, log
from firmware.terminal import Terminal

PURPOSE: Final = "settlement"
BY_HAND: Final = "by_hand"
"""The fact that a person has closed the batch here, because the acquirer would not."""
LEFT_MAX: Final = 150
_UNDECIDED: Final = frozenset({Phase.OPENED, Phase.SENT, Phase.ASKED, Phase.ANSWERED, Phase.REVERSING})


@dataclass(frozen=True, slots=True)
class Stuck:
    """The batch stays as it is: the key of the reason in the wording, and the acquirer's code where it gave one."""

    why: str
    code: str = ""


async def settle(t: Terminal) -> Stuck | None:
    """Close the current batch, from wherever it stands; None where the next one has begun.

    Raises: StorageFailed, BatchFull - it stays where it is too.
    """
    if t.acquirer is None:
        return _close_here(t, {})
    if BY_HAND in t.journal.batches.facts:
        return close_by_hand(t)
    batch = t.journal.batch
    stuck = await _go_on(t)
    if stuck is None:
        log.info(LogEvent.BATCH_CLOSED, batch=batch)
    else:
        log.warning(LogEvent.SETTLEMENT_STUCK, why=stuck.why, code=stuck.code, state=t.journal.batches.state)
    return stuck


def close_by_hand(t: Terminal) -> Stuck | None:
    """Close a batch that the acquirer would refuse for ever: a person says that it is closed there.

    Raises: StorageFailed.
    """
    log.warning(LogEvent.BATCH_FORCED, batch=t.journal.batch, state=t.journal.batches.state)
    return _close_here(t, {BY_HAND: True})


def _close_here(t: Terminal, note: Mapping[str, object]) -> Stuck | None:
    """Close a batch without the acquirer, with `note` among its facts from the first step on."""
    batches = t.journal.batches
    if t.journal.notices.waiting() or _undecided(t):
        return Stuck("unsent")
    if batches.state is BatchState.OPEN:
        batches.advance(BatchState.CLOSING, {**_totals(t), **note})
    if batches.state is BatchState.CLOSING:
        batches.advance(BatchState.UPLOADING, {**batches.facts, **note})
    t.journal.close_batch({**batches.facts, **note})
    return None


async def _go_on(t: Terminal) -> Stuck | None:
    if await clear_the_way(t) is not None:
        return Stuck(no_keys(t) or "no_answer")
    batches = t.journal.batches
    if batches.state is BatchState.OPEN:
        stuck = await _begin(t)
        if stuck is not None:
            return stuck
    if batches.state is BatchState.CLOSING:
        stuck = await _compare(t, batches.facts)
        if stuck is not None:
            return stuck
    return await _upload(t)


async def _begin(t: Terminal) -> Stuck | None:
    """Let the acquirer hear everything that counts, then fix the totals and ask for the verdict on them.

    Business goes on where the acquirer was not reached, or has refused: the batch is closing only for as long as the
    acquirer may have closed it.
    """
    if not await forward_all(t):
        return Stuck("no_answer")
    if _undecided(t):
        return Stuck("unsent")
    stuck = await _compare(t, _totals(t))
    if stuck is not None and stuck.why == "refused":
        t.journal.batches.advance(BatchState.OPEN)
    return stuck


def _undecided(t: Terminal) -> bool:
    """Whether there is a record of which it is not known yet if it counts."""
    return any(record.phase in _UNDECIDED for record in t.journal.unfinished())


def _totals(t: Terminal) -> dict[str, object]:
    """What is fixed as the closing begins; a record that is settled by hand later stays out of its upload."""
    left = [record.id for record in t.journal.unfinished() if record.phase is Phase.UNRESOLVED]
    totals = totals_of(t.journal.batches.totals(t.journal.batch))
    return {"totals": totals_text(totals).decode(), "left": left[:LEFT_MAX]}


async def _compare(t: Terminal, facts: Mapping[str, object]) -> Stuck | None:
    """Tell the acquirer the totals, and keep its verdict. The batch is CLOSING before the first byte leaves."""
    batches = t.journal.batches

    def question() -> Ask:
        stan = t.journal.take_trace(PURPOSE)
        totals = str(facts["totals"]).encode()
        return Ask(Transaction.SETTLEMENT, stan, t.journal.batch, t.devices.clock.now(), text=totals)

    def before_send() -> None:
        if batches.state is BatchState.OPEN:
            batches.advance(BatchState.CLOSING, facts)

    heard = await _asked(t, question, before_send)
    if isinstance(heard, Stuck):
        return heard
    try:
        verdict = settled(heard.payload)
    except BadAnswer:
        return Stuck("no_answer")
    batches.advance(BatchState.UPLOADING, {**facts, **_verdict_facts(verdict)})
    return None


def _verdict_facts(verdict: Settled) -> dict[str, object]:
    flags = verdict.domestic.value + verdict.foreign.value
    return {"balanced": verdict.balanced, "theirs": totals_text(verdict.totals, flags).decode()}


async def _upload(t: Terminal) -> Stuck | None:
    """Send what is left of the upload, message by message, then begin the next batch."""
    batches = t.journal.batches
    facts = batches.facts
    balanced = bool(facts["balanced"])
    left = facts["left"]
    assert isinstance(left, list), left
    messages = upload.plan(t, balanced=balanced, left=left)
    for place in range(batches.uploaded, len(messages)):
        show(t, "uploading", batch=f"{t.journal.batch:06}", place=str(place + 1), count=str(len(messages)))
        heard = await _asked(t, partial(upload.question, t, messages, place, balanced=balanced))
        if isinstance(heard, Stuck):
            return heard
        batches.note_uploaded(place + 1)
    t.journal.close_batch({**facts, "uploaded": len(messages)})
    return None


async def _asked(t: Terminal, question: Callable[[], Ask], before_send: Callable[[], None] = nothing) -> Answer | Stuck:
    """Ask, and once more after a sign-on where the acquirer wants one."""
    heard = await ask(t, question(), before_send)
    if isinstance(heard, Answer) and heard.action is Action.SIGN_ON:
        try:
            await sign_on(t)
        except SignOnFailed:
            return Stuck("refused", heard.code)
        heard = await ask(t, question(), before_send)
    if isinstance(heard, Unreached | Unheard):
        return Stuck("no_answer")
    return heard if heard.approved else Stuck("refused", heard.code)


async def sign_off(t: Terminal) -> None:
    """Sign off 签退 after a settlement; the keys are given up whatever the acquirer says, where it may have heard."""
    acquirer = acquirer_of(t)
    question = Ask(Transaction.SIGN_OFF, t.journal.take_trace("sign_off"), t.journal.batch, t.devices.clock.now())
    heard = await ask(t, question)
    if not isinstance(heard, Unreached):
        give_up_keys(acquirer)
        log.info(LogEvent.TERMINAL_SIGNED_OFF)
