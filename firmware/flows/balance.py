"""Balance 余额查询: what a card's account has, shown to whoever holds the card, written down nowhere."""

from __future__ import annotations

from firmware.emv import kernel
from firmware.emv.endings import ending
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.purposes import field_55, session_card
from firmware.emv.session import Session
from firmware.flows.asking import Heard, Unheard, Unreached, acquirer_of, ask
from firmware.flows.by_card import Ways, by_card
from firmware.flows.by_chip import POWER_MS, chip_session, next_sequence, refuse_chip
from firmware.flows.card_removal import await_removal
from firmware.flows.chip_online import NOBODY_APPROVES, for_card
from firmware.flows.clear_the_way import clear_the_way
from firmware.flows.dialogue import linger, show, tell, unless_tampered
from firmware.flows.errand import Errand
from firmware.flows.offered import tell_unless_offered
from firmware.flows.sign_on import no_keys
from firmware.flows.stripe_pin import take_pin
from firmware.hal import Beep, EnteredPin
from firmware.hal.errors import CardError
from firmware.host.values import Answer, Ask, CardData, Entry, Transaction
from firmware.stripe import Stripe
from firmware.terminal import Terminal
from firmware.units import Money


async def balance(t: Terminal) -> None:
    """Ask for a card and show its balance.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed.
    """
    if not await tell_unless_offered(t, Transaction.BALANCE):
        return
    nothing = Money(0, t.parameters.currency)
    errand = Errand(None, Transaction.BALANCE, nothing)
    await by_card(t, errand, ways=Ways(_by_chip, _by_stripe))


async def _by_chip(t: Terminal, errand: Errand) -> None:
    sequence = next_sequence(t)
    show(t, "chip_processing", amount=errand.shown(t.language.words))
    reader = t.devices.card_reader
    assert reader is not None, "a board without a card reader reads no chip"
    try:
        card = await unless_tampered(t, reader.power_on(POWER_MS))
    except CardError as error:
        await refuse_chip(t, ending(error, unread=True), errand)
        return
    session = chip_session(t, card, errand, sequence)
    try:
        outcome, heard = await unless_tampered(t, _decide(t, session, errand))
    finally:
        session.forget_pin()
        await card.power_off()
    if heard is None:
        await refuse_chip(t, outcome, errand)
        return
    await _tell(t, heard)


async def _decide(t: Terminal, session: Session, errand: Errand) -> tuple[Outcome, Heard | None]:
    """Let the chip ask for the balance; no answer where the card has ended it."""
    outcome = await kernel.process(session)
    if outcome.verdict is not Verdict.GO_ONLINE:
        return outcome, None
    card = session_card(session)
    chip = field_55(session)
    heard = await _ask(
        t, errand, Entry.CHIP, CardData(card.pan, card.expiry, card.sequence, card.track2, chip), session.online_pin
    )
    answer = for_card(heard) if isinstance(heard, Answer) else NOBODY_APPROVES
    return await kernel.complete(session, answer), heard


async def _by_stripe(t: Terminal, errand: Errand, stripe: Stripe, *, fallback: bool) -> None:
    pin = await take_pin(t, errand, stripe.pin_rule)
    try:
        show(t, "stripe_processing", amount=errand.shown(t.language.words), card=stripe.pan.masked())
        entry = Entry.FALLBACK if fallback and stripe.has_chip else Entry.STRIPE
        card = CardData(stripe.pan, stripe.expiry, track2=stripe.track2)
        heard = await unless_tampered(t, _ask(t, errand, entry, card, pin))
    finally:
        if pin is not None:
            pin.forget()
    await _tell(t, heard)


async def _ask(t: Terminal, errand: Errand, entry: Entry, card: CardData, pin: EnteredPin | None) -> Heard:
    blocked = await clear_the_way(t)
    if blocked is not None:
        return Unreached(blocked)
    block = None if pin is None else await pin.block(card.pan, acquirer_of(t).keys.pin_key())
    question = Ask(
        errand.transaction,
        t.journal.take_trace(errand.transaction),
        t.journal.batch,
        t.devices.clock.now(),
        amount=errand.amount,
        entry=entry,
        card=card,
        pin=block,
    )
    return await ask(t, question)


async def _tell(t: Terminal, heard: Heard) -> None:
    """Show the balance until a key is pressed or the card is taken, then nothing of it stays."""
    if isinstance(heard, Unreached | Unheard):
        await _refuse(t, no_keys(t) or "no_answer")
    elif not heard.approved:
        await _refuse(t, "refused")
    elif heard.balance is None:
        await _refuse(t, "no_balance")
    else:
        sign = "-" if heard.balance.negative else ""
        t.devices.panel.beep(Beep.OK)
        t.events.discard_keys()
        show(t, "balance", balance=f"{sign}{heard.balance.amount.decimal()}")
        await await_removal(t)
        await linger(t, keep_digits=False)


async def _refuse(t: Terminal, reason: str) -> None:
    await tell(t, "balance_refused", Beep.ERROR, reason=t.language.words.text("declines", reason))
    await await_removal(t)
