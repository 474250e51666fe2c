"""Void 撤销: a cash sale of this batch is undone and the cash given back."""

from __future__ import annotations

from firmware.flows.dialogue import Cancelled, choose, show, tell
from firmware.flows.lookup import find_record
from firmware.flows.steps import Told, print_receipt
from firmware.hal import Beep, Key
from firmware.journal import Kind, Phase, Record
from firmware.terminal import Terminal


async def void(t: Terminal) -> Record | None:
    """Ask for a voucher number, show the sale and undo it; None where there was nothing to undo.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed (then nothing was undone).
    """
    original = await find_record(t, t.language.words.text("menu", "void"))
    if original is None:
        return None
    if original.kind is not Kind.CASH_SALE:
        await tell(t, "not_voidable", Beep.ERROR, voucher=str(original.stan))
        return None
    if original.voided_by is not None:
        await tell(t, "already_voided", Beep.ERROR, voucher=str(original.stan))
        return None
    await _confirm(t, original)
    record = t.journal.open_record(Kind.CASH_VOID, original.amount, original=original)
    record = t.journal.advance(record, Phase.COMPLETED)
    t.devices.panel.beep(Beep.OK)
    told = Told("voided", {"amount": record.amount.decimal(), "voucher": str(original.stan)})
    return await print_receipt(t, record, told)


async def _confirm(t: Terminal, original: Record) -> None:
    """Show the sale that is to be undone, until ENTER confirms it."""
    when = original.opened_at.astimezone(t.parameters.zone).strftime("%m-%d %H:%M:%S")
    show(t, "confirm_void", amount=original.amount.decimal(), voucher=str(original.stan), time=when)
    if await choose(t, (Key.ENTER, Key.CANCEL)) is Key.CANCEL:
        raise Cancelled("the void was not confirmed")
