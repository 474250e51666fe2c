"""Completion 预授权完成: what was held on a card is charged, up to 115 percent of it.

By voucher number where this batch has the pre-authorisation, asked of the acquirer or told it afterwards, as the
parameters say; else the authorisation number and date of the slip are typed, and the card is shown: then the acquirer
alone knows how much was held.
"""

from __future__ import annotations

from firmware.flows.about_original import about_original
from firmware.flows.by_card import by_card
from firmware.flows.completion_notice import complete_by_notice, may_be_told_later
from firmware.flows.errand import Errand
from firmware.flows.offered import tell_unless_offered
from firmware.flows.original_record import confirm_about, voucher_or_slip
from firmware.flows.references import reference
from firmware.flows.typed import type_amount, type_by_authorisation
from firmware.host.values import Transaction
from firmware.journal import Kind, Record
from firmware.journal.originals import ABOUT
from firmware.terminal import Terminal
from firmware.units import Money


async def completion(t: Terminal) -> Record | None:
    """Ask which pre-authorisation and how much, and charge it; None where that came to nothing.

    Raises: Cancelled, TimedOut, Tampered, NoOriginal, StorageFailed - nothing was charged; OutcomeUnknown.
    """
    if not await tell_unless_offered(t, Transaction.COMPLETION):
        return None
    flow = t.language.words.text("menu", "completion")
    original = await voucher_or_slip(t, flow, Kind.PREAUTH)
    if original is None:
        about = await type_by_authorisation(t, flow, Transaction.PREAUTH)
        amount = await type_amount(t, flow)
        return await by_card(t, Errand(Kind.COMPLETION, Transaction.COMPLETION, amount, reference=about))
    await confirm_about(t, flow, original)
    amount = await type_amount(t, flow, _most(original))
    errand = Errand(
        Kind.COMPLETION, Transaction.COMPLETION, amount, original=original, reference=reference(t.journal, original)
    )
    if may_be_told_later(t, original, amount):
        return await complete_by_notice(t, errand)
    return await about_original(t, errand)


def _most(original: Record) -> Money:
    held = original.approved
    return Money(held.minor * ABOUT[Kind.COMPLETION].most_percent // 100, held.currency)
