"""An errand by a card number that is typed 手输卡号: for a card whose chip and stripe cannot be read, or that is away.

Owned here: for which errands it is a way at all. A number that anyone may have read somewhere proves nothing, so it is
off until the parameters allow it, and never hands out cash or shows an account. The digits are on the screen while they
are typed, for whoever compares them with the card; behind that they are a `Pan`, and the screen shows them masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware.emv.tlv import encode
from firmware.flows.asking import acquirer_of
from firmware.flows.authorise import Authorisation, authorise
from firmware.flows.card_facts import KEYED
from firmware.flows.conclude import conclude
from firmware.flows.dialogue import Cancelled, enter, show, tell, unless_tampered
from firmware.flows.errand import Errand
from firmware.flows.stripe_pin import take_pin
from firmware.hal import Beep, EnteredPin
from firmware.host.values import Ask, CardData, Entry, Transaction
from firmware.journal import CardFacts, CardSecrets, Record
from firmware.screens.entry import CardNumberEditor, ExpiryEditor
from firmware.stripe import PinRule, expired, luhn_holds
from firmware.terminal import Terminal
from firmware.units import Pan

KEYABLE: Final = frozenset(
    {
        Transaction.SALE,
        Transaction.PREAUTH,
        Transaction.PREAUTH_VOID,
        Transaction.COMPLETION,
        Transaction.COMPLETION_NOTICE,
        Transaction.REFUND,
    }
)
"""What a typed number can do. Not cash advance and transfer, where the money is gone at once and is nobody's goods, nor
balance, which would tell a stranger what an account has. Voids have their number from the journal."""
PAN_DIGITS: Final = (13, 19)
TRIES: Final = 3
_EXPIRY: Final = 0x5F24


@dataclass(frozen=True, slots=True)
class TypedCard:
    """A card as it was typed; `expiry` is YYMM."""

    pan: Pan
    expiry: str


def may_be_typed(t: Terminal, errand: Errand) -> bool:
    """Whether this errand can be done with a typed number, on this terminal."""
    return (
        t.parameters.keyed_cards
        and t.acquirer is not None
        and errand.transaction in KEYABLE
        and errand.card_must_be is None
    )


async def by_keyed(t: Terminal, errand: Errand) -> Record | None:
    """Ask for number and expiry of a card and do `errand` with it; None where it was declined.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was done; OutcomeUnknown.
    """
    card = await type_card(t, errand)
    pin = await take_pin(t, errand, _pin_rule(errand))
    try:
        heard = await _authorise(t, errand, card, pin)
    finally:
        if pin is not None:
            pin.forget()
    return await conclude(t, heard, "stripe_approved")


async def type_card(t: Terminal, errand: Errand) -> TypedCard:
    """Ask for the number until its check digit holds, then for a month that is not over.

    Raises: Cancelled - also after some tries; TimedOut, Tampered.
    """
    amount = errand.amount.decimal()
    for _ in range(TRIES):
        typed = await enter(t, "keyed_number", CardNumberEditor(*PAN_DIGITS), amount=amount)
        if luhn_holds(typed.digits):
            return await _type_expiry(t, typed.value)
        await tell(t, "keyed_wrong", Beep.ERROR, amount=amount)
    raise Cancelled("no card number with a right check digit was typed")


async def _type_expiry(t: Terminal, pan: Pan) -> TypedCard:
    today = t.devices.clock.now().astimezone(t.parameters.zone).date()
    for _ in range(TRIES):
        typed = await enter(t, "keyed_expiry", ExpiryEditor(), card=pan.masked())
        if not expired(typed.value, today):
            return TypedCard(pan, typed.value)
        await tell(t, "keyed_expired", Beep.ERROR, card=pan.masked())
    raise Cancelled("the card that was typed has expired")


def _pin_rule(errand: Errand) -> PinRule:
    """A PIN where the holder is there to type it; a refund needs none, for nobody loses by it."""
    return PinRule.NOT_ASKED if errand.transaction is Transaction.REFUND else PinRule.IF_POSSIBLE


async def _authorise(t: Terminal, errand: Errand, card: TypedCard, pin: EnteredPin | None) -> Authorisation:
    show(t, "stripe_processing", amount=errand.amount.decimal(), card=card.pan.masked())
    cvm = "signature" if pin is None else "online_pin"
    facts = CardFacts(pan_masked=card.pan.masked(), entry=KEYED, cvm=cvm, needs_signature=True)

    def open_record() -> Record:
        return t.journal.open_record(
            errand.booked_as, errand.amount, original=errand.original, card=(facts, CardSecrets(card.pan, _kept(card)))
        )

    return await unless_tampered(t, authorise(t, open_record, lambda record: _ask(t, record, errand, card, pin)))


def _kept(card: TypedCard) -> bytes:
    """The expiry as the journal keeps it beside the number, the way a chip would have told it (5F24, without a day)."""
    return encode(_EXPIRY, bytes.fromhex(f"{card.expiry}00"))


async def _ask(t: Terminal, record: Record, errand: Errand, card: TypedCard, pin: EnteredPin | None) -> Ask:
    return Ask(
        errand.transaction,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.KEYED,
        card=CardData(card.pan, card.expiry),
        pin=None if pin is None else await pin.block(card.pan, acquirer_of(t).keys.pin_key()),
        original=errand.reference,
    )
