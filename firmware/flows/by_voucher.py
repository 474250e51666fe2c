"""An errand about an earlier record of this journal, without its card: the number is taken from the journal.

The card number comes from the encrypted file and goes into the message alone; the screen and the slip show it masked.
"""

from __future__ import annotations

from firmware.flows.authorise import authorise
from firmware.flows.card_facts import KEYED
from firmware.flows.conclude import conclude
from firmware.flows.dialogue import show, tell, unless_tampered
from firmware.flows.errand import Errand
from firmware.flows.forward import kept_card
from firmware.hal import Beep
from firmware.host.values import Ask, CardData, Entry
from firmware.journal import AlreadyVoided, CardFacts, CardSecrets, NotVoidable, Record
from firmware.terminal import Terminal


async def by_voucher(t: Terminal, errand: Errand) -> Record | None:
    """Do `errand` for the card of its original record; None where that came to nothing, which was told.

    Raises: Tampered, StorageFailed - nothing was done; OutcomeUnknown.
    """
    original = errand.original
    assert original is not None, "there is no voucher without a record"
    assert original.card is not None, "the original was paid by card"
    card = original.card.pan_masked
    pan = t.journal.pan(original)
    facts = CardFacts(pan_masked=card, entry=KEYED, cvm="signature", needs_signature=True)
    show(t, "stripe_processing", amount=errand.amount.decimal(), card=card)
    try:
        record = t.journal.open_record(
            errand.kind, errand.amount, original=original, card=(facts, CardSecrets(pan, b""))
        )
    except NotVoidable as error:
        await tell_not_possible(t, original, error)
        return None
    kept = kept_card(t, original, b"")
    heard = await unless_tampered(t, authorise(t, record, lambda: _ask(record, errand, kept)))
    return await conclude(t, heard, "errand_approved")


async def tell_not_possible(t: Terminal, original: Record, error: NotVoidable) -> None:
    """Say that nothing more can be done about `original`. Raises: Tampered."""
    refusal = "already_voided" if isinstance(error, AlreadyVoided) else "not_voidable"
    await tell(t, refusal, Beep.ERROR, voucher=str(original.stan))


async def _ask(record: Record, errand: Errand, card: CardData) -> Ask:
    return Ask(
        errand.transaction,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.KEYED,
        card=card,
        original=errand.reference,
    )
