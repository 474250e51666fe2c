"""An errand by stripe: a magnetic stripe that may speak for its card, the acquirer asked, the answer told, the receipt.

A stripe proves nothing by itself: nothing is approved without the acquirer, and where it cannot be reached, the card is
declined. The track stays in memory until the question is asked, and is kept nowhere.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.authorise import Approved, Offline, Refused, authorise
from firmware.flows.decline import tell_declined
from firmware.flows.dialogue import show, unless_tampered
from firmware.flows.errand import Errand
from firmware.flows.paper import Told, print_receipt
from firmware.hal import Beep
from firmware.host.values import Ask, CardData, Entry
from firmware.journal import CardFacts, CardSecrets, Phase, Record
from firmware.stripe import Stripe
from firmware.terminal import Terminal

SWIPED: Final = "S"
FALLBACK: Final = "F"
"""The entry letters behind the card number on slips: swiped, and swiped because the chip could not be read."""


async def by_stripe(t: Terminal, errand: Errand, stripe: Stripe, *, fallback: bool) -> Record | None:
    """Do `errand` with the card that was swiped; None where it was declined.

    Raises: Tampered, StorageFailed - nothing was done; OutcomeUnknown.
    """
    show(t, "stripe_processing", amount=errand.amount.decimal(), card=stripe.pan.masked())
    entry = FALLBACK if fallback and stripe.has_chip else SWIPED
    facts = CardFacts(pan_masked=stripe.pan.masked(), entry=entry, cvm="signature", needs_signature=True)
    record = t.journal.open_record(
        errand.kind, errand.amount, original=errand.original, card=(facts, CardSecrets(stripe.pan, b""))
    )
    heard = await unless_tampered(t, authorise(t, record, lambda: _ask(record, errand, stripe)))
    match heard:
        case Approved(completed):
            t.devices.panel.beep(Beep.OK)
            told = Told("stripe_approved", {"amount": completed.approved.decimal(), "card": facts.pan_masked})
            return await print_receipt(t, completed, told)
        case Offline(opened):
            await tell_declined(t, t.journal.advance(opened, Phase.DECLINED))
        case Refused(declined):
            await tell_declined(t, declined)
        case unknown:
            await tell_declined(t, unknown.record)
    return None


async def _ask(record: Record, errand: Errand, stripe: Stripe) -> Ask:
    assert record.card is not None, "who paid by stripe has a card"
    return Ask(
        errand.transaction,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.FALLBACK if record.card.entry == FALLBACK else Entry.STRIPE,
        card=CardData(stripe.pan, stripe.expiry, track2=stripe.track2),
        original=errand.reference,
    )
