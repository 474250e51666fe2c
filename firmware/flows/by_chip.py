"""An errand by chip: the card in the slot, its kernel, an answer, the card back, the receipt.

Owned here: the order of it at the counter. What happens between card and acquirer stands in `chip_online`.
What was approved offline waits in the journal for its upload.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from firmware.emv import kernel
from firmware.emv.commands import Commands
from firmware.emv.endings import ending
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.purposes import session_pan
from firmware.emv.session import Request, Session
from firmware.flows.card_facts import card_kept
from firmware.flows.card_removal import await_removal
from firmware.flows.chip_cardholder import CounterCardholder
from firmware.flows.chip_online import ask_without_chip, decide_online
from firmware.flows.conclude import told_approved
from firmware.flows.decline import tell_declined
from firmware.flows.dialogue import Cancelled, TimedOut, linger, show, unless_tampered
from firmware.flows.errand import Errand
from firmware.flows.paper import print_receipt
from firmware.flows.steps import complete
from firmware.flows.stripe_pin import take_pin
from firmware.hal import Beep, Card
from firmware.hal.errors import CardError
from firmware.journal import Phase, Record
from firmware.log import LogEvent, log
from firmware.stripe import PinRule
from firmware.terminal import Terminal
from firmware.units import Millis, Money

POWER_MS: Final = Millis(3_000)
APDU_MS: Final = Millis(5_000)
SEQUENCE: Final = "chip-sequence"
SEQUENCE_LAST: Final = 99_999_999


class ChipUnreadable(CardError):
    """The chip could not be used; after some tries the stripe may speak for the card (fallback)."""


async def by_chip(t: Terminal, errand: Errand) -> Record | None:
    """Do `errand` with the card in the slot; None where the card, its holder or the acquirer declined.

    Raises: Cancelled, TimedOut, Tampered, OtherCard, StorageFailed - nothing was done; OutcomeUnknown, ChipUnreadable.
    """
    sequence = next_sequence(t)
    show(t, "chip_processing", amount=errand.shown(t.language.words))
    reader = t.devices.card_reader
    assert reader is not None, "a board without a card reader reads no chip"
    try:
        card = await unless_tampered(t, reader.power_on(POWER_MS))
    except CardError as error:
        await refuse_chip(t, ending(error, unread=True), errand)
        return None
    session = chip_session(t, card, errand, sequence)
    try:
        outcome, record = await unless_tampered(t, _decide(t, session, errand))
    finally:
        session.forget_pin()
        await card.power_off()
    log.info(LogEvent.CARD_DECIDED, verdict=outcome.verdict, apdus=session.commands.count, why=outcome.why)
    if record is None or (outcome.verdict is not Verdict.DECLINED and record.phase is Phase.DECLINED):
        await refuse_chip(t, outcome, errand)
        return None
    if outcome.verdict is not Verdict.APPROVED:
        await tell_declined(t, record)
        return None
    return await _hand_over(t, record)


async def _decide(t: Terminal, session: Session, errand: Errand) -> tuple[Outcome, Record | None]:
    """Let card, terminal and acquirer decide; the record says what it came to, where there was something to decide."""
    outcome = await kernel.process(session)
    match outcome.verdict:
        case Verdict.GO_ONLINE:
            return await decide_online(t, session, lambda: _open(t, session, errand), errand)
        case Verdict.READ:
            errand.check_card(session_pan(session))
            session.online_pin = await take_pin(t, errand, errand.pin or PinRule.NOT_ASKED)
            return await ask_without_chip(t, session, lambda: _open(t, session, errand), errand)
        case Verdict.APPROVED:
            return outcome, _complete_offline(t, _open(t, session, errand))
        case Verdict.DECLINED:
            return outcome, t.journal.advance(_open(t, session, errand), Phase.DECLINED)
        case _:
            return outcome, None


def _complete_offline(t: Terminal, opened: Record) -> Record:
    return complete(t, opened, lambda: t.journal.host.completed_offline(opened))


def _open(t: Terminal, session: Session, errand: Errand) -> Record:
    facts, secrets = card_kept(session)
    card = replace(facts, to_masked=errand.to_masked), secrets
    return t.journal.open_record(errand.booked_as, errand.amount, original=errand.original, card=card)


def next_sequence(t: Terminal) -> int:
    """The number of this chip transaction, 9F41: one more than the last, which a power cut does not turn back."""
    last = int(t.devices.nvram.read(SEQUENCE) or b"0")
    t.devices.nvram.write(SEQUENCE, str(last % SEQUENCE_LAST + 1).encode())
    return last % SEQUENCE_LAST + 1


def chip_session(t: Terminal, card: Card, errand: Errand, sequence: int) -> Session:
    """A session of the kernel with `card`, for `errand`."""
    assert t.emv is not None, "a board without EMV parameters reads no chip"
    nothing = Money(0, errand.amount.currency)
    session = Session(
        Commands(
            card,
            APDU_MS,
            elapsed_ms=t.devices.clock.elapsed_ms,
            cancelled=lambda: t.events.cancel_waits,
        ),
        CounterCardholder(t, errand, lambda: session.language),
        t.emv,
        Request(
            errand.purpose,
            errand.amount,
            nothing,
            t.devices.clock.now(),
            sequence,
            forced_online=errand.only_online,
        ),
        t.devices.entropy,
        spent_minor=t.journal.spent_offline_minor,
    )
    return session


async def _hand_over(t: Terminal, record: Record) -> Record:
    """Tell of the approval, give the card back, and print."""
    t.devices.panel.beep(Beep.OK)
    told = told_approved(record, "chip_approved")
    told.show(t, "remove_card")
    await await_removal(t)
    return await print_receipt(t, record, told)


async def refuse_chip(t: Terminal, outcome: Outcome, errand: Errand) -> None:
    """Say how it ended, in the words of the books, until the card is taken.

    Raises: Cancelled, TimedOut; ChipUnreadable - another way of reading the card may be tried.
    """
    t.devices.panel.beep(Beep.ERROR)
    message = t.language.words.text("messages", outcome.message.name.lower())
    amount = errand.shown(t.language.words)
    note = t.language.words.text("notes", "remove_card")
    # Whatever is typed on now may be the rest of a PIN: it becomes nobody's amount.
    t.events.discard_keys()
    if outcome.reader_missing:
        show(t, "reader_missing", amount=amount)
        await linger(t, keep_digits=False)
    elif t.events.card_in:
        show(t, "chip_refused", message=message, amount=amount, note=note)
        await await_removal(t)
    else:
        show(t, "chip_refused", message=message, amount=amount, note="")
        await linger(t, keep_digits=False)
    t.events.discard_keys()
    if outcome.verdict is Verdict.CANCELLED:
        raise TimedOut(outcome.why) if outcome.timed_out else Cancelled(outcome.why)
    if outcome.stripe_allowed:
        raise ChipUnreadable(outcome.why)
