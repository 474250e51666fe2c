"""Refund 退货: money goes back to the card of an earlier sale, of this journal or of a slip from anywhere.

A refund cannot be reversed. Where no answer comes, nobody here knows whether it counts: the person is told to ask the
acquirer, and the record stays in sight until it is settled by hand.
"""

from __future__ import annotations

from firmware.emv.session import TransactionType
from firmware.flows.by_card import by_card
from firmware.flows.by_voucher import tell_not_possible
from firmware.flows.errand import Errand
from firmware.flows.offered import tell_unless_offered
from firmware.flows.original_record import confirm_about, voucher_or_slip
from firmware.flows.references import reference
from firmware.flows.told_first import tell_before_undoing
from firmware.flows.typed import type_amount, type_by_rrn
from firmware.host.values import Transaction
from firmware.journal import Kind, NotVoidable, Record
from firmware.terminal import Terminal


async def refund(t: Terminal) -> Record | None:
    """Ask for the sale, the amount and the card, and give the money back; None where that came to nothing.

    Raises: Cancelled, TimedOut, Tampered, NoOriginal, StorageFailed - nothing was done; OutcomeUnknown.
    """
    if not await tell_unless_offered(t, Transaction.REFUND):
        return None
    flow = t.language.words.text("menu", "refund")
    original = await voucher_or_slip(t, flow, Kind.SALE)
    if original is None:
        about = await type_by_rrn(t, flow, Transaction.SALE)
        amount = await type_amount(t, flow)
    else:
        await confirm_about(t, flow, original)
        if not await tell_before_undoing(t, original):
            return None
        about = reference(t.journal, original)
        amount = await type_amount(t, flow, original.approved)
    errand = Errand(
        Kind.REFUND, Transaction.REFUND, amount, purpose=TransactionType.REFUND, original=original, reference=about
    )
    try:
        return await by_card(t, errand)
    except NotVoidable as error:
        assert original is not None, "only what is about a record can go beyond it"
        await tell_not_possible(t, original, error)
        return None
