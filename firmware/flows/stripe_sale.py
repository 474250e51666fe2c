"""Stripe sale 刷卡消费: a magnetic stripe that may pay, the acquirer asked, the answer told, the receipt.

A stripe proves nothing by itself: nothing is approved without the acquirer, and where it cannot be reached, the card is
declined. The track stays in memory until the question is asked, and is kept nowhere.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.authorise import authorise
from firmware.flows.decline import tell_declined
from firmware.flows.dialogue import show
from firmware.flows.paper import Told, print_receipt
from firmware.flows.steps import complete
from firmware.hal import Beep
from firmware.host.values import Ask, CardData, Entry, Transaction
from firmware.journal import CardFacts, CardSecrets, Kind, Phase, Record
from firmware.stripe import Stripe
from firmware.terminal import Terminal
from firmware.units import Money

SWIPED: Final = "S"
FALLBACK: Final = "F"
"""The entry letters behind the card number on slips: swiped, and swiped because the chip could not be read."""


async def stripe_sale(t: Terminal, amount: Money, stripe: Stripe, *, fallback: bool) -> Record | None:
    """Take `amount` from the card that was swiped; None where it was declined.

    Raises: Tampered, StorageFailed - nothing was sold; OutcomeUnknown.
    """
    show(t, "stripe_processing", amount=amount.decimal(), card=stripe.pan.masked())
    entry = FALLBACK if fallback and stripe.has_chip else SWIPED
    facts = CardFacts(pan_masked=stripe.pan.masked(), entry=entry, cvm="signature", needs_signature=True)
    record = t.journal.open_record(Kind.STRIPE_SALE, amount, card=(facts, CardSecrets(stripe.pan, b"")))
    answer = await authorise(t, _ask(record, stripe))
    if answer is None or not answer.approved:
        record = t.journal.advance(record, Phase.ABANDONED if answer is None else Phase.DECLINED)
        await tell_declined(t, record)
        return None
    record = complete(t, record)
    t.devices.panel.beep(Beep.OK)
    told = Told("stripe_approved", {"amount": amount.decimal(), "card": facts.pan_masked})
    return await print_receipt(t, record, told)


def _ask(record: Record, stripe: Stripe) -> Ask:
    assert record.card is not None, "a stripe sale has a card"
    return Ask(
        Transaction.SALE,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.FALLBACK if record.card.entry == FALLBACK else Entry.STRIPE,
        card=CardData(stripe.pan, stripe.expiry, track2=stripe.track2),
    )
