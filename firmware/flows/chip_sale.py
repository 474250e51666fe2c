"""Chip sale 插卡消费: the card in the slot, its kernel, an answer, the receipt, the card back.

There is no host yet: what the card wants to ask online is decided as the books say for a terminal that cannot go
online. What was approved waits in the journal for its upload.
"""

from __future__ import annotations

from typing import Final

from firmware.emv import kernel
from firmware.emv.commands import Commands
from firmware.emv.endings import ending
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.purposes import clearing_data, receipt_facts, session_pan
from firmware.emv.session import Request, Session, TransactionType
from firmware.events import NothingHappened
from firmware.flows.chip_cardholder import CounterCardholder
from firmware.flows.dialogue import Cancelled, Tampered, linger, refuse, show
from firmware.flows.paper import Told, print_receipt
from firmware.flows.steps import complete
from firmware.hal import Beep, Card, CardTaken, TamperDetected
from firmware.hal.errors import CardError
from firmware.journal import CardFacts, CardSecrets, Kind, Record
from firmware.log import LogEvent, log
from firmware.terminal import Terminal
from firmware.units import Millis, Money

POWER_MS: Final = Millis(3_000)
APDU_MS: Final = Millis(5_000)
REMIND_MS: Final = Millis(1_500)
SEQUENCE: Final = "chip-sequence"
SEQUENCE_LAST: Final = 99_999_999
INSERTED: Final = "I"
"""The entry letter behind the card number on slips: inserted (POS entry mode 05)."""
REMINDERS_MAX: Final = 200
"""Five minutes of reminding; then the terminal is idle with the card still in its slot."""


class ChipUnreadable(CardError):
    """The chip could not be used; after three times the stripe may be (fallback)."""


async def chip_sale(t: Terminal, amount: Money) -> Record | None:
    """Take `amount` from the card in the slot; None where the card or its holder declined.

    Raises: Cancelled, Tampered, StorageFailed - nothing was sold; OutcomeUnknown, ChipUnreadable.
    """
    sequence = _next_sequence(t)
    show(t, "chip_processing", amount=amount.decimal())
    reader = t.devices.card_reader
    assert reader is not None, "a board without a card reader offers no chip sale"
    try:
        card = await reader.power_on(POWER_MS)
    except CardError as error:
        await _refuse(t, ending(error, unread=True), amount)
        return None
    session = _session(t, card, amount, sequence)
    record = None
    try:
        outcome = await kernel.process(session)
        if outcome.verdict is Verdict.GO_ONLINE:
            outcome = await kernel.complete(session, None)
        if outcome.verdict is Verdict.APPROVED:
            record = _keep(t, session, amount)
    finally:
        await card.power_off()
    log.info(LogEvent.CARD_DECIDED, verdict=outcome.verdict, apdus=session.commands.count, why=outcome.why)
    if record is None:
        await _refuse(t, outcome, amount)
        return None
    return await _hand_over(t, record)


def _next_sequence(t: Terminal) -> int:
    """The number of this chip transaction, 9F41: one more than the last, which a power cut does not turn back."""
    last = int(t.devices.nvram.read(SEQUENCE) or b"0")
    t.devices.nvram.write(SEQUENCE, str(last % SEQUENCE_LAST + 1).encode())
    return last % SEQUENCE_LAST + 1


def _session(t: Terminal, card: Card, amount: Money, sequence: int) -> Session:
    assert t.emv is not None, "a board without EMV parameters offers no chip sale"
    return Session(
        Commands(card, APDU_MS),
        CounterCardholder(t, amount),
        t.emv,
        Request(TransactionType.GOODS, amount, Money(0, amount.currency), t.devices.clock.now(), sequence),
        t.devices.entropy,
        spent_minor=t.journal.spent_offline_minor,
    )


def _keep(t: Terminal, session: Session, amount: Money) -> Record:
    """Put the approval on disk, with what its receipt and its upload need, before anyone is told of it."""
    facts = receipt_facts(session)
    kept = CardFacts(
        pan_masked=facts.pan,
        entry=INSERTED,
        aid=facts.aid,
        label=facts.label,
        cryptogram=f"TC {facts.cryptogram}",
        tvr=facts.tvr,
        tsi=facts.tsi,
        atc=facts.atc,
        cvm=facts.cvm,
        needs_signature=facts.needs_signature,
    )
    secrets = CardSecrets(session_pan(session), clearing_data(session))
    return complete(t, t.journal.open_record(Kind.CHIP_SALE, amount, card=(kept, secrets)))


async def _hand_over(t: Terminal, record: Record) -> Record:
    """Tell of the approval, give the card back, and print."""
    assert record.card is not None, "a chip sale has a card"
    t.devices.panel.beep(Beep.OK)
    told = Told("chip_approved", {"amount": record.amount.decimal(), "card": record.card.pan_masked})
    told.show(t, "remove_card")
    await await_removal(t)
    return await print_receipt(t, record, told)


async def _refuse(t: Terminal, outcome: Outcome, amount: Money) -> None:
    """Say how it ended, in the words of the books, until the card is taken.

    Raises: Cancelled; ChipUnreadable - another way of reading the card may be tried.
    """
    t.devices.panel.beep(Beep.ERROR)
    message = t.language.words.text("messages", outcome.message.name.lower())
    note = t.language.words.text("notes", "remove_card")
    if t.events.card_in:
        show(t, "chip_refused", message=message, amount=amount.decimal(), note=note)
        await await_removal(t)
    else:
        # Whatever is typed on now may be the rest of a PIN: it becomes nobody's amount.
        t.events.discard_keys()
        show(t, "chip_refused", message=message, amount=amount.decimal(), note="")
        await linger(t, keep_digits=False)
    t.events.discard_keys()
    if outcome.verdict is Verdict.CANCELLED:
        raise Cancelled("the cardholder cancelled")
    if outcome.stripe_allowed:
        raise ChipUnreadable(outcome.why)


async def await_removal(t: Terminal) -> None:
    """Remind by beeps until no card stands in the slot. Raises: Tampered."""
    for _ in range(REMINDERS_MAX):
        if not t.events.card_in:
            return
        try:
            event = await t.events.take(REMIND_MS)
        except NothingHappened:
            t.devices.panel.beep(Beep.ATTENTION)
            continue
        match event:
            case CardTaken():
                continue
            case TamperDetected():
                raise Tampered("the enclosure was opened")
            case _:
                refuse(t)
