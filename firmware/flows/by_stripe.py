"""An errand by stripe: a magnetic stripe that may speak for its card, the acquirer asked, the answer told, the receipt.

A stripe proves nothing by itself: nothing is approved without the acquirer, and where it cannot be reached, the card is
declined. The track stays in memory until the question is asked, and is kept nowhere.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.asking import acquirer_of
from firmware.flows.authorise import Authorisation, authorise
from firmware.flows.conclude import conclude
from firmware.flows.dialogue import show, unless_tampered
from firmware.flows.errand import Errand
from firmware.flows.stripe_pin import take_pin
from firmware.hal import EnteredPin
from firmware.host.values import Ask, CardData, Entry
from firmware.journal import CardFacts, CardSecrets, Record
from firmware.stripe import Stripe
from firmware.terminal import Terminal

SWIPED: Final = "S"
FALLBACK: Final = "F"
"""The entry letters behind the card number on slips: swiped, and swiped because the chip could not be read."""


async def by_stripe(t: Terminal, errand: Errand, stripe: Stripe, *, fallback: bool) -> Record | None:
    """Do `errand` with the card that was swiped; None where it was declined.

    Raises: Cancelled, TimedOut, Tampered, OtherCard, StorageFailed - nothing was done; OutcomeUnknown.
    """
    errand.check_card(stripe.pan)
    pin = await take_pin(t, errand, errand.pin or stripe.pin_rule)
    try:
        heard = await _authorise(t, errand, stripe, pin, fallback=fallback)
    finally:
        if pin is not None:
            pin.forget()
    return await conclude(t, heard, "stripe_approved")


async def _authorise(
    t: Terminal, errand: Errand, stripe: Stripe, pin: EnteredPin | None, *, fallback: bool
) -> Authorisation:
    show(t, "stripe_processing", amount=errand.amount.decimal(), card=stripe.pan.masked())
    entry = FALLBACK if fallback and stripe.has_chip else SWIPED
    cvm = "signature" if pin is None else "online_pin"
    facts = CardFacts(
        pan_masked=stripe.pan.masked(), entry=entry, cvm=cvm, needs_signature=True, to_masked=errand.to_masked
    )

    def open_record() -> Record:
        return t.journal.open_record(
            errand.booked_as, errand.amount, original=errand.original, card=(facts, CardSecrets(stripe.pan, b""))
        )

    return await unless_tampered(t, authorise(t, open_record, lambda record: _ask(t, record, errand, stripe, pin)))


async def _ask(t: Terminal, record: Record, errand: Errand, stripe: Stripe, pin: EnteredPin | None) -> Ask:
    assert record.card is not None, "who paid by stripe has a card"
    return Ask(
        errand.transaction,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.FALLBACK if record.card.entry == FALLBACK else Entry.STRIPE,
        card=CardData(stripe.pan, stripe.expiry, track2=stripe.track2),
        pin=None if pin is None else await pin.block(stripe.pan, acquirer_of(t).keys.pin_key()),
        original=errand.reference,
        text=errand.text,
    )
