"""Finding a record by its voucher number: the first step of a void and of a reprint."""

from __future__ import annotations

from typing import Final

from firmware.flows.dialogue import enter, tell
from firmware.hal import Beep
from firmware.journal import Record
from firmware.screens.entry import DigitsEditor
from firmware.terminal import Terminal
from firmware.units import Stan

VOUCHER_DIGITS: Final = 6


async def find_record(t: Terminal, flow: str) -> Record | None:
    """Ask for a voucher number (ENTER alone: the last one) under the title `flow`, and return its completed record.

    None, after saying so, where this batch has no such record. Raises: Cancelled, TimedOut, Tampered.
    """

    def check(typed: DigitsEditor) -> str | None:
        return None if typed.empty or int(typed.value) > 0 else "enter_voucher"

    typed = await enter(t, "enter_voucher", DigitsEditor(1, VOUCHER_DIGITS), check=check, flow=flow)
    record = t.journal.last() if typed.empty else t.journal.by_stan(Stan(int(typed.value)))
    if record is None or record.completed_at is None:
        await tell(t, "voucher_unknown", Beep.ERROR, flow=flow, voucher=typed.value or "-")
        return None
    return record
