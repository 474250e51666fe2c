"""Void 撤销: a sale of this batch is undone: cash is given back, a card sale 消费撤销 is undone at the acquirer.

Its card's number stands in the journal; whether it must be shown all the same is the shop's parameter.
"""

from __future__ import annotations

from firmware.flows.about_original import about_original
from firmware.flows.dialogue import Cancelled, choose, show, tell
from firmware.flows.errand import Errand
from firmware.flows.in_the_way import freed
from firmware.flows.lookup import find_record
from firmware.flows.offered import tell_unless_offered
from firmware.flows.paper import Told, print_receipt
from firmware.flows.references import reference
from firmware.flows.steps import complete, kind_name
from firmware.flows.told_first import tell_before_undoing
from firmware.hal import Beep, Key
from firmware.host.values import Transaction
from firmware.journal import AlreadyVoided, Kind, NotVoidable, Record
from firmware.terminal import Terminal


async def void(t: Terminal) -> Record | None:
    """Ask for a voucher number, show the sale and undo it; None where there was nothing to undo.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was undone; OutcomeUnknown.
    """
    flow = t.language.words.text("menu", "void")
    original = await find_record(t, flow)
    if original is None:
        return None
    original = await freed(t, original, flow)
    refusal = _refusal(t, original)
    if refusal is not None:
        await tell(t, refusal, Beep.ERROR, voucher=str(original.stan))
        return None
    if original.kind is Kind.SALE and not await tell_unless_offered(t, Transaction.VOID):
        return None
    await _confirm(t, original)
    if original.kind is Kind.SALE:
        if not await tell_before_undoing(t, original):
            return None
        errand = Errand(
            Kind.VOID, Transaction.VOID, original.approved, original=original, reference=reference(t.journal, original)
        )
        return await about_original(t, errand)
    return await _void_cash(t, original)


async def _void_cash(t: Terminal, original: Record) -> Record | None:
    try:
        record = t.journal.open_record(Kind.CASH_VOID, original.amount, original=original)
    except NotVoidable as error:
        refusal = "already_voided" if isinstance(error, AlreadyVoided) else "not_voidable"
        await tell(t, refusal, Beep.ERROR, voucher=str(original.stan))
        return None
    record = complete(t, record)
    t.devices.panel.beep(Beep.OK)
    t.devices.panel.open_drawer()
    told = Told("voided", {"amount": record.amount.decimal(), "voucher": str(original.stan)})
    return await print_receipt(t, record, told)


def _refusal(t: Terminal, original: Record) -> str | None:
    """The screen that says why `original` cannot be undone; None where it can, as far as can be seen before asking."""
    if original.voided_by is not None:
        return "already_voided"
    of_this_shop = (original.terminal, original.batch, original.amount.currency) == (
        t.parameters.terminal,
        t.journal.batch,
        t.parameters.currency,
    )
    return None if original.kind in (Kind.CASH_SALE, Kind.SALE) and of_this_shop else "not_voidable"


async def _confirm(t: Terminal, original: Record) -> None:
    """Show the sale that is to be undone, until ENTER confirms it."""
    when = original.opened_at.astimezone(t.parameters.zone).strftime("%m-%d %H:%M:%S")
    t.events.discard_keys()
    kind = kind_name(t, original)
    show(t, "confirm_void", kind=kind, amount=original.amount.decimal(), voucher=str(original.stan), time=when)
    if await choose(t, (Key.ENTER, Key.CANCEL)) is Key.CANCEL:
        raise Cancelled("the void was not confirmed")
