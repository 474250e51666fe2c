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
from firmware.flows.card_removal import await_removal
from firmware.flows.chip_cardholder import CounterCardholder
from firmware.flows.decline import tell_declined
from firmware.flows.dialogue import Cancelled, linger, show, unless_tampered
from firmware.flows.paper import Told, print_receipt
from firmware.flows.steps import complete
from firmware.hal import Beep, Card
from firmware.hal.errors import CardError
from firmware.journal import CardFacts, CardSecrets, Kind, Phase, Record
from firmware.log import LogEvent, log
from firmware.terminal import Terminal
from firmware.units import Millis, Money

POWER_MS: Final = Millis(3_000)
APDU_MS: Final = Millis(5_000)
SEQUENCE: Final = "chip-sequence"
SEQUENCE_LAST: Final = 99_999_999
INSERTED: Final = "I"
"""The entry letter behind the card number on slips: inserted (POS entry mode 05)."""


class ChipUnreadable(CardError):
    """The chip could not be used; after some tries the stripe may speak for the card (fallback)."""


async def chip_sale(t: Terminal, amount: Money) -> Record | None:
    """Take `amount` from the card in the slot; None where the card or its holder declined.

    Raises: Cancelled, Tampered, StorageFailed - nothing was sold; OutcomeUnknown, ChipUnreadable.
    """
    sequence = _next_sequence(t)
    show(t, "chip_processing", amount=amount.decimal())
    reader = t.devices.card_reader
    assert reader is not None, "a board without a card reader offers no chip sale"
    try:
        card = await unless_tampered(t, reader.power_on(POWER_MS))
    except CardError as error:
        await _refuse(t, ending(error, unread=True), amount)
        return None
    session = _session(t, card, amount, sequence)
    record = None
    try:
        outcome = await unless_tampered(t, _decide(session))
        if outcome.verdict in (Verdict.APPROVED, Verdict.DECLINED):
            record = _open(t, session, amount)
            approved = outcome.verdict is Verdict.APPROVED
            record = complete(t, record) if approved else t.journal.advance(record, Phase.DECLINED)
    finally:
        await card.power_off()
    log.info(LogEvent.CARD_DECIDED, verdict=outcome.verdict, apdus=session.commands.count, why=outcome.why)
    if record is None:
        await _refuse(t, outcome, amount)
        return None
    if outcome.verdict is Verdict.DECLINED:
        await tell_declined(t, record)
        return None
    return await _hand_over(t, record)


async def _decide(session: Session) -> Outcome:
    """Let card and terminal decide; there is no issuer to ask yet."""
    outcome = await kernel.process(session)
    return await kernel.complete(session, None) if outcome.verdict is Verdict.GO_ONLINE else outcome


def _next_sequence(t: Terminal) -> int:
    """The number of this chip transaction, 9F41: one more than the last, which a power cut does not turn back."""
    last = int(t.devices.nvram.read(SEQUENCE) or b"0")
    t.devices.nvram.write(SEQUENCE, str(last % SEQUENCE_LAST + 1).encode())
    return last % SEQUENCE_LAST + 1


def _session(t: Terminal, card: Card, amount: Money, sequence: int) -> Session:
    assert t.emv is not None, "a board without EMV parameters offers no chip sale"
    session = Session(
        Commands(
            card,
            APDU_MS,
            elapsed_ms=t.devices.clock.elapsed_ms,
            cancelled=lambda: t.events.cancel_waits,
        ),
        CounterCardholder(t, amount, lambda: session.language),
        t.emv,
        Request(TransactionType.GOODS, amount, Money(0, amount.currency), t.devices.clock.now(), sequence),
        t.devices.entropy,
        spent_minor=t.journal.spent_offline_minor,
    )
    return session


def _open(t: Terminal, session: Session, amount: Money) -> Record:
    """Put on disk what was decided, with what its receipt and its upload need, before anyone is told of it."""
    facts = receipt_facts(session)
    kind = "" if facts.cryptogram_kind is None else facts.cryptogram_kind.name
    kept = CardFacts(
        pan_masked=facts.pan,
        entry=INSERTED,
        cvm=facts.cvm,
        needs_signature=facts.needs_signature,
        aid=facts.aid,
        label=facts.label,
        cryptogram=f"{kind} {facts.cryptogram}" if facts.cryptogram else "",
        tvr=facts.tvr,
        tsi=facts.tsi,
        atc=facts.atc,
        response_code=facts.response_code,
    )
    secrets = CardSecrets(session_pan(session), clearing_data(session))
    return t.journal.open_record(Kind.CHIP_SALE, amount, card=(kept, secrets))


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
    # Whatever is typed on now may be the rest of a PIN: it becomes nobody's amount.
    t.events.discard_keys()
    if outcome.reader_missing:
        show(t, "reader_missing", amount=amount.decimal())
        await linger(t, keep_digits=False)
    elif t.events.card_in:
        show(t, "chip_refused", message=message, amount=amount.decimal(), note=note)
        await await_removal(t)
    else:
        show(t, "chip_refused", message=message, amount=amount.decimal(), note="")
        await linger(t, keep_digits=False)
    t.events.discard_keys()
    if outcome.verdict is Verdict.CANCELLED:
        raise Cancelled("the cardholder cancelled")
    if outcome.stripe_allowed:
        raise ChipUnreadable(outcome.why)
