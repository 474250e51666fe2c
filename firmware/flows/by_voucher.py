"""An errand about an earlier record of this journal, without its card: the number is taken from the journal.

The card number comes from the encrypted file and goes into the message alone; the screen and the slip show it masked.
"""

from __future__ import annotations

from firmware.flows.asking import acquirer_of
from firmware.flows.authorise import authorise
from firmware.flows.card_facts import KEYED
from firmware.flows.conclude import conclude
from firmware.flows.dialogue import show, tell, unless_tampered
from firmware.flows.errand import Errand
from firmware.flows.forward import kept_card
from firmware.flows.stripe_pin import take_pin
from firmware.hal import Beep, EnteredPin
from firmware.host.values import Ask, CardData, Entry
from firmware.journal import AlreadyVoided, CardFacts, CardSecrets, NotVoidable, Record
from firmware.stripe import PinRule
from firmware.terminal import Terminal


async def by_voucher(t: Terminal, errand: Errand) -> Record | None:
    """Do `errand` for the card of its original record; None where that came to nothing, which was told.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was done; OutcomeUnknown.
    """
    pin = await take_pin(t, errand, errand.pin or PinRule.NOT_ASKED)
    try:
        return await _undo(t, errand, pin)
    finally:
        if pin is not None:
            pin.forget()


async def _undo(t: Terminal, errand: Errand, pin: EnteredPin | None) -> Record | None:
    original = errand.original
    assert original is not None, "there is no voucher without a record"
    assert original.card is not None, "the original was paid by card"
    masked = original.card.pan_masked
    card = kept_card(t, original, b"")
    cvm = "signature" if pin is None else "online_pin"
    facts = CardFacts(pan_masked=masked, entry=KEYED, cvm=cvm, needs_signature=True)
    show(t, "stripe_processing", amount=errand.amount.decimal(), card=masked)

    def open_record() -> Record:
        return t.journal.open_record(
            errand.booked_as, errand.amount, original=original, card=(facts, CardSecrets(card.pan, b""))
        )

    try:
        heard = await unless_tampered(t, authorise(t, open_record, lambda record: _ask(t, record, errand, card, pin)))
    except NotVoidable as error:
        await tell_not_possible(t, original, error)
        return None
    return await conclude(t, heard, "errand_approved")


async def tell_not_possible(t: Terminal, original: Record, error: NotVoidable) -> None:
    """Say that nothing more can be done about `original`. Raises: Tampered."""
    refusal = "already_voided" if isinstance(error, AlreadyVoided) else "not_voidable"
    await tell(t, refusal, Beep.ERROR, voucher=str(original.stan))


async def _ask(t: Terminal, record: Record, errand: Errand, card: CardData, pin: EnteredPin | None) -> Ask:
    return Ask(
        errand.transaction,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.KEYED,
        card=card,
        pin=None if pin is None else await pin.block(card.pan, acquirer_of(t).keys.pin_key()),
        original=errand.reference,
    )
