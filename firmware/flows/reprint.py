"""Reprint 重打印: the receipt of the last record, or of any, marked as a duplicate where one may have come out."""

from __future__ import annotations

from firmware.flows.dialogue import tell
from firmware.flows.lookup import find_record
from firmware.flows.paper import Told, print_receipt
from firmware.flows.steps import kind_name
from firmware.hal import Beep
from firmware.journal import Record
from firmware.terminal import Terminal


async def reprint_last(t: Terminal) -> Record | None:
    """Print the receipt of the last record again. Raises: Tampered."""
    record = t.journal.last()
    if record is None:
        await tell(t, "no_records", Beep.ERROR, flow=t.language.words.text("menu", "reprint_last"))
        return None
    return await _reprint(t, record)


async def reprint_any(t: Terminal) -> Record | None:
    """Ask for a voucher number and print its receipt again. Raises: Cancelled, TimedOut, Tampered."""
    record = await find_record(t, t.language.words.text("menu", "reprint_any"))
    return None if record is None else await _reprint(t, record)


async def _reprint(t: Terminal, record: Record) -> Record:
    told = Told("reprinting", {"kind": kind_name(t, record), "amount": record.amount.decimal()})
    return await print_receipt(t, record, told)
