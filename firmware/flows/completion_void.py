"""Void of a completion 预授权完成撤销: what was charged is given back, and held again as before."""

from __future__ import annotations

from firmware.flows.about_original import about_original
from firmware.flows.dialogue import tell
from firmware.flows.errand import Errand
from firmware.flows.in_the_way import freed
from firmware.flows.lookup import find_record
from firmware.flows.offered import tell_unless_offered
from firmware.flows.original_record import confirm_about
from firmware.flows.references import reference
from firmware.flows.told_first import tell_before_undoing
from firmware.hal import Beep
from firmware.host.values import Transaction
from firmware.journal import Kind, Record
from firmware.terminal import Terminal


async def completion_void(t: Terminal) -> Record | None:
    """Ask for the voucher number of the completion, and undo it; None where that came to nothing.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was done; OutcomeUnknown.
    """
    if not await tell_unless_offered(t, Transaction.COMPLETION_VOID):
        return None
    flow = t.language.words.text("menu", "completion_void")
    original = await find_record(t, flow)
    if original is None:
        return None
    original = await freed(t, original, flow)
    if original.kind is not Kind.COMPLETION or original.voided_by is not None:
        refusal = "not_voidable" if original.voided_by is None else "already_voided"
        await tell(t, refusal, Beep.ERROR, voucher=str(original.stan))
        return None
    await confirm_about(t, flow, original)
    if not await tell_before_undoing(t, original):
        return None
    errand = Errand(
        Kind.COMPLETION_VOID,
        Transaction.COMPLETION_VOID,
        original.approved,
        original=original,
        reference=reference(t.journal, original),
    )
    return await about_original(t, errand)
