"""A chip that wants to ask its issuer: the question with the card's cryptogram, the answer for the card, its last word.

Owned here: an approval counts only when the chip agrees to it, and where it does not, the acquirer's is reversed; what
has no reversal, such as a transfer, counts at once. After a silence the card is told no: what may have been counted is
reversed, so it must not be approved offline as well. What it says then, and after a refusal, is kept for the upload.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firmware.emv import kernel
from firmware.emv.issuer import IssuerAnswer, OwnResponse
from firmware.emv.outcome import Outcome, StandardMessage, Verdict
from firmware.emv.purposes import field_55, reversal_data, script_data, session_card
from firmware.emv.session import Session
from firmware.flows.asking import acquirer_of
from firmware.flows.authorise import Approved, Offline, Refused, authorise
from firmware.flows.card_facts import card_result
from firmware.flows.errand import Errand
from firmware.flows.steps import complete
from firmware.hal.errors import StorageFailed
from firmware.host.values import REVERSIBLE, Answer, Ask, CardData, Entry, Reason
from firmware.journal import SCRIPT_NOTICE, Phase, Record
from firmware.log import LogEvent, log
from firmware.terminal import Terminal

NOBODY_APPROVES: Final = IssuerAnswer(OwnResponse.UNABLE_TO_GO_ONLINE_DECLINED, approves=False)
"""What the card is told where nobody may approve in the issuer's place."""
_APPROVED: Final = Outcome(Verdict.APPROVED, StandardMessage.APPROVED, online=True)
_DECLINED: Final = Outcome(Verdict.DECLINED, StandardMessage.DECLINED, online=True)


async def decide_online(
    t: Terminal, session: Session, open_record: Callable[[], Record], errand: Errand
) -> tuple[Outcome, Record]:
    """Open a record and ask the acquirer for it, let the card have the last word, and return what it came to.

    The record is in a phase that says it all, and what the issuer waits to hear of its scripts is queued: together with
    the phase, where the card decides that. Raises: StorageFailed.
    """
    reversible = errand.transaction in REVERSIBLE
    heard = await authorise(
        t,
        open_record,
        lambda record: _question(t, session, record, errand, with_chip=True),
        chip_to_agree=reversible,
    )
    match heard:
        case Approved(completed, answer) if not reversible:
            # It counts whatever the chip makes of it: there is nothing that would take it back.
            await kernel.complete(session, for_card(answer))
            _queue_scripts(t, session, completed)
            return _APPROVED, completed
        case Approved(answered, answer):
            outcome = await kernel.complete(session, for_card(answer))
            if outcome.verdict is Verdict.APPROVED:
                result = card_result(session)
                scripts = _scripts(session)
                return outcome, complete(t, answered, lambda: t.journal.host.completed(answered, result, scripts))
            result = card_result(session)
            chip, scripts = reversal_data(session), _scripts(session)
            return outcome, t.journal.host.reverse(answered, Reason.OTHER, chip, scripts, result)
        case Refused(declined, answer):
            outcome = await kernel.complete(session, for_card(answer))
            return outcome, t.journal.host.ended_by_card(declined, card_result(session), _scripts(session))
        case Offline(opened):
            outcome = await kernel.complete(session, NOBODY_APPROVES if errand.only_online else None)
            result = card_result(session)
            if outcome.verdict is Verdict.APPROVED:
                return outcome, complete(t, opened, lambda: t.journal.host.completed_offline(opened, result))
            return outcome, t.journal.host.refused_by_card(opened, result)
        case unknown:
            outcome = await kernel.complete(session, NOBODY_APPROVES)
            return outcome, _keep_last_word(t, session, unknown.record)


def _keep_last_word(t: Terminal, session: Session, record: Record) -> Record:
    """Keep what the card has made of a silence; a storage that fails here must not hide what is owed already."""
    try:
        return t.journal.host.ended_by_card(record, card_result(session))
    except StorageFailed as error:
        log.error(LogEvent.DUTY_FAILED, fact=type(error).__name__)
        return record


def _scripts(session: Session) -> bytes:
    """What the issuer is told of its scripts; empty where it sent none."""
    return script_data(session) if session.script_results else b""


def _queue_scripts(t: Terminal, session: Session, record: Record) -> None:
    """Queue the results of scripts that came with an answer whose phase was on disk before the card heard them."""
    if session.script_results:
        t.journal.notices.queue(record.id, SCRIPT_NOTICE, script_data(session))


async def ask_without_chip(
    t: Terminal, session: Session, open_record: Callable[[], Record], errand: Errand
) -> tuple[Outcome, Record]:
    """Ask for what a card is only read for, such as a refund: the chip has no word in it. Raises: StorageFailed."""
    heard = await authorise(t, open_record, lambda record: _question(t, session, record, errand, with_chip=False))
    match heard:
        case Approved(completed):
            return _APPROVED, completed
        case Offline(opened):
            return _DECLINED, t.journal.advance(opened, Phase.DECLINED)
        case _:
            return _DECLINED, heard.record


async def _question(t: Terminal, session: Session, record: Record, errand: Errand, *, with_chip: bool) -> Ask:
    card = session_card(session)
    pin = None
    if session.online_pin is not None:
        pin = await session.online_pin.block(card.pan, acquirer_of(t).keys.pin_key())
    return Ask(
        errand.transaction,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.CHIP,
        card=CardData(card.pan, card.expiry, card.sequence, card.track2, field_55(session) if with_chip else b""),
        pin=pin,
        original=errand.reference,
        text=errand.text,
    )


def for_card(answer: Answer) -> IssuerAnswer:
    """The acquirer's answer as the card is given it."""
    return IssuerAnswer.from_data(answer.code, answer.chip, approves=answer.approved)
