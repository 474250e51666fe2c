"""Void of a pre-authorisation 预授权撤销: the amount that was held on a card is let go.

By voucher number where this batch has it; else the authorisation number and date of the slip are typed, and the card
is shown.
"""

from __future__ import annotations

from firmware.flows.about_original import about_original
from firmware.flows.by_card import by_card
from firmware.flows.errand import Errand
from firmware.flows.offered import tell_unless_offered
from firmware.flows.original_record import confirm_about, voucher_or_slip
from firmware.flows.references import reference
from firmware.flows.typed import type_amount, type_by_authorisation
from firmware.host.values import Transaction
from firmware.journal import Kind, Record
from firmware.terminal import Terminal


async def preauth_void(t: Terminal) -> Record | None:
    """Ask which pre-authorisation, and let its amount go; None where that came to nothing.

    Raises: Cancelled, TimedOut, Tampered, NoOriginal, StorageFailed - nothing was done; OutcomeUnknown.
    """
    if not await tell_unless_offered(t, Transaction.PREAUTH_VOID):
        return None
    flow = t.language.words.text("menu", "preauth_void")
    original = await voucher_or_slip(t, flow, Kind.PREAUTH)
    if original is None:
        about = await type_by_authorisation(t, flow, Transaction.PREAUTH)
        amount = await type_amount(t, flow)
        return await by_card(t, Errand(Kind.PREAUTH_VOID, Transaction.PREAUTH_VOID, amount, reference=about))
    await confirm_about(t, flow, original)
    errand = Errand(
        Kind.PREAUTH_VOID,
        Transaction.PREAUTH_VOID,
        original.approved,
        original=original,
        reference=reference(t.journal, original),
    )
    return await about_original(t, errand)
