"""Settlement 结算: totals shown and confirmed, the batch closed with the acquirer, and a slip that tells how.

Owned here: a person sees what is settled before it is, is told where it stays, and may close a batch by hand that
nothing else would ever end. When the terminal begins or goes on by itself is said by `settlement_time`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from firmware.flows.asking import acquirer_of
from firmware.flows.dialogue import Cancelled, accepted, choose, linger, show, tell, unless_tampered
from firmware.flows.paper import Told, put_on_paper
from firmware.flows.settling import BY_HAND, Stuck, close_by_hand, settle, sign_off
from firmware.flows.totals import show_totals, totals_query
from firmware.hal import Beep, Key
from firmware.hal.errors import StorageFailed
from firmware.journal import BatchState, Phase, PrintJob, Record
from firmware.log import LogEvent, log
from firmware.receipts.settlement_slip import Settlement, settlement_slip
from firmware.surfaces import Document
from firmware.terminal import Terminal


async def settlement(t: Terminal) -> Record | None:
    """Settle the current batch with a person, or go on with one that is under way.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed, BatchFull.
    """
    half_closed = t.journal.batches.state is not BatchState.OPEN
    if not half_closed:
        if not t.journal.record_ids(batch=t.journal.batch):
            await tell(t, "no_records", Beep.ERROR, flow=t.language.words.text("menu", "settlement"))
            return None
        show_totals(t, "confirm_settlement")
        if await choose(t, (Key.ENTER, Key.CANCEL, Key.CLEAR)) is not Key.ENTER:
            raise Cancelled("the totals were not confirmed")
    stuck = await _settle(t)
    if stuck is not None and (half_closed or stuck.why == "refused"):
        await _offer_by_hand(t)
    return None


async def settle_now(t: Terminal) -> Record | None:
    """Settle without a question. Raises: Tampered, StorageFailed, BatchFull."""
    await _settle(t)
    return None


async def _settle(t: Terminal) -> Stuck | None:
    """Settle, and tell how it came out; None where the next batch has begun."""
    batch = f"{t.journal.batch:06}"
    show(t, "settling", batch=batch)
    stuck = await unless_tampered(t, settle(t))
    if stuck is not None:
        await _tell_stuck(t, stuck, batch)
        return stuck
    await _print(t)
    if t.parameters.settlement_sign_off and t.acquirer is not None:
        await unless_tampered(t, sign_off(t))
    return None


async def _tell_stuck(t: Terminal, stuck: Stuck, batch: str) -> None:
    reason = t.language.words.text("notes", f"settling_{stuck.why}")
    await tell(t, "settlement_stuck", Beep.ERROR, batch=batch, reason=f"{reason} {stuck.code}".strip())


async def _offer_by_hand(t: Terminal) -> None:
    """Let a person close the batch here, who has asked the acquirer and says so twice.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - it stays as it is.
    """
    batch = f"{t.journal.batch:06}"
    t.events.discard_keys()
    show(t, "close_by_hand", batch=batch)
    if await choose(t, (Key.F4, Key.CANCEL, Key.CLEAR)) is not Key.F4:
        return
    t.events.discard_keys()
    show(t, "confirm_by_hand", batch=batch)
    if await choose(t, (Key.ENTER, Key.CANCEL, Key.CLEAR)) is not Key.ENTER:
        return
    acquirer_of(t).other_batch = None
    stuck = close_by_hand(t)
    if stuck is not None:
        await _tell_stuck(t, stuck, batch)
        return
    await _print(t)


async def reprint_settlement(t: Terminal) -> Record | None:
    """Print the slip of the last settlement again. Raises: Tampered."""
    if t.journal.batches.last_closed is None:
        await tell(t, "no_records", Beep.ERROR, flow=t.language.words.text("menu", "reprint_settlement"))
        return None
    await _print(t)
    return None


async def offer_slip(t: Terminal) -> None:
    """Offer the slip that may not have come out whole; silence or no leave it to the menu.

    Raises: Tampered, StorageFailed.
    """
    jobs = t.journal.unfinished_prints()
    for job in jobs:
        t.journal.mark_print(job, job.given_up)
    if await accepted(t, "offer_slip", batch=f"{jobs[-1].batch:06}"):
        await _print(t)


async def _print(t: Terminal) -> None:
    """Print the slip of the last settlement, marked as a duplicate where one may have come out before.

    The settlement stands, whatever printer and storage do. Raises: Tampered.
    """
    closed = t.journal.batches.last_closed
    assert closed is not None, "a batch was closed"
    settled = Settlement(closed, t.journal.batches.totals(closed.batch), _unresolved(t, closed.batch))
    result = t.language.words.text("notes", f"settling_{_result(closed.facts)}")
    told = Told("settled", {"batch": f"{closed.batch:06}", "result": result})

    def layout(job: PrintJob) -> Document:
        return settlement_slip(settled, t.parameters, t.language.of, duplicate=job.duplicate)

    try:
        waiting = [job for job in t.journal.unfinished_prints() if job.batch == closed.batch]
        job = waiting[-1] if waiting else t.journal.queue_slip(closed.batch)
        printed = await put_on_paper(t, job, layout, told)
    except StorageFailed as error:
        log.error(LogEvent.RECEIPT_FAILED, fact=type(error).__name__)
        printed = False
    told.show(t, "printed" if printed else "receipt_pending")
    await linger(t)


def _result(facts: Mapping[str, object]) -> str:
    """The verdict by its key in the wording; a shop without an acquirer has none."""
    if BY_HAND in facts:
        return BY_HAND
    balanced = facts.get("balanced")
    if balanced is None:
        return "alone"
    return "balanced" if balanced else "unbalanced"


def _unresolved(t: Terminal, batch: int) -> int:
    """How many records of a batch only the acquirer can settle: the slip says so."""
    return sum(record.batch == batch for record in t.journal.unfinished() if record.phase is Phase.UNRESOLVED)


FLOWS: Final[Mapping[str, Callable[[Terminal], Awaitable[Record | None]]]] = {
    "settlement": settlement,
    "settle_now": settle_now,
    "reprint_settlement": reprint_settlement,
    "totals": totals_query,
}
"""The flows about a whole batch, for `home`, which loads them when they are asked for."""
