"""Transactions 交易查询: the records of this batch, newest first, one to a screen."""

from __future__ import annotations

from typing import Final

from firmware.flows.dialogue import choose, show, tell
from firmware.flows.record_state import record_state
from firmware.flows.steps import kind_name
from firmware.hal import Beep, Key
from firmware.journal import Record
from firmware.terminal import Terminal

SHOWN_MAX: Final = 100
_STEPS: Final = {Key.UP: -1, Key.DOWN: 1}


async def transactions(t: Terminal) -> None:
    """Let a person turn over the records with UP and DOWN. Raises: TimedOut, Tampered."""
    records = t.journal.records(batch=t.journal.batch, last=SHOWN_MAX)[::-1]
    if not records:
        await tell(t, "no_records", Beep.ERROR, flow=t.language.words.text("menu", "transactions"))
        return
    place = 0
    while True:
        _show(t, records[place], f"{place + 1}/{len(records)}")
        key = await choose(t, (Key.UP, Key.DOWN, Key.ENTER, Key.CANCEL, Key.CLEAR))
        if key not in _STEPS:
            return
        place = (place + _STEPS[key]) % len(records)


def _show(t: Terminal, record: Record, place: str) -> None:
    show(
        t,
        "transactions",
        place=place,
        kind=kind_name(t, record),
        amount=record.amount.decimal(),
        voucher=str(record.stan),
        time=record.opened_at.astimezone(t.parameters.zone).strftime("%m-%d %H:%M:%S"),
        state=t.language.words.text("states", record_state(record)),
    )
