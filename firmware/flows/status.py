"""Transaction state 交易状态: the last transaction, what is pending, and settling by hand what nobody here knows.

Owned here: what only the acquirer's books know is closed by a person alone, who has asked there, and who says so twice.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.clocks import clock_differs, show_clock
from firmware.flows.dialogue import Cancelled, choose, show, tell
from firmware.flows.record_state import record_state
from firmware.flows.steps import kind_name
from firmware.hal import Beep, Key
from firmware.journal import Record
from firmware.journal.pending import what_is_pending
from firmware.terminal import Terminal

BY_HAND: Final = "merchant"


async def status(t: Terminal) -> Record | None:
    """Show clocks that differ, the last transaction, what is pending, then each record that a person must settle.

    Raises: Cancelled, TimedOut, Tampered; StorageFailed - nothing was settled.
    """
    if clock_differs(t):
        show_clock(t)
        if not await _go_on(t):
            return None
    records = t.journal.records(last=1)
    if not records:
        await tell(t, "no_records", Beep.ERROR, flow=t.language.words.text("menu", "status"))
        return None
    _show_last(t, records[0])
    if not await _go_on(t):
        return None
    found = what_is_pending(t.journal)
    show(
        t,
        "pending",
        reversals=str(len(found.reversals)),
        notices=str(len(found.notices)),
        unresolved=str(len(found.unresolved)),
    )
    if not await _go_on(t):
        return None
    settled = None
    for record in found.unresolved:
        settled = await _settle(t, record) or settled
    return settled


def _show_last(t: Terminal, record: Record) -> None:
    show(
        t,
        "last_state",
        kind=kind_name(t, record),
        amount=record.approved.decimal(),
        voucher=str(record.stan),
        state=t.language.words.text("states", record_state(record)),
    )


async def _go_on(t: Terminal) -> bool:
    return await choose(t, (Key.ENTER, Key.CANCEL, Key.CLEAR)) is Key.ENTER


def _named(t: Terminal, record: Record) -> str:
    """What the record is; of a transfer the end of the card that it went to, which the acquirer will want to know."""
    to = "" if record.card is None else record.card.to_masked
    return f"{kind_name(t, record)} **{to[-4:]}" if to else kind_name(t, record)


async def _settle(t: Terminal, record: Record) -> Record | None:
    """Let a person say what the acquirer has counted, and confirm it; None where it is left as it is."""
    values = {"kind": _named(t, record), "amount": record.amount.decimal(), "voucher": str(record.stan)}
    t.events.discard_keys()
    show(t, "settle_by_hand", **values)
    key = await choose(t, (Key.F1, Key.F4, Key.CLEAR, Key.CANCEL))
    if key is Key.CANCEL:
        raise Cancelled("nothing was settled")
    if key is Key.CLEAR:
        return None
    counted = key is Key.F1
    t.events.discard_keys()
    show(t, "confirm_counted" if counted else "confirm_not_counted", **values)
    if await choose(t, (Key.ENTER, Key.CANCEL)) is Key.CANCEL:
        return None
    settled = t.journal.host.settle_by_hand(record, counted=counted, by=BY_HAND)
    await tell(t, "settled_by_hand", Beep.OK, voucher=str(record.stan))
    return settled
