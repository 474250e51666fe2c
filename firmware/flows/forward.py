"""Store and forward: notices go to the acquirer one by one, in their order, until one does not get through.

Owned here: a try is on disk before it is sent. Which answer ends a notice is said by `firmware.host.queue`. A notice
that was given up stays in sight of whoever settles the batch.
"""

from __future__ import annotations

from typing import Final

from firmware.emv.purposes import sequence_number
from firmware.emv.tlv import parse
from firmware.flows.asking import Heard, Unreached, acquirer_of, answer_facts, ask
from firmware.flows.references import reference
from firmware.host import queue
from firmware.host.values import Answer, Ask, CardData, Entry, Transaction
from firmware.journal import SCRIPT_NOTICE, Notice, NoticeState, Record
from firmware.log import LogEvent, log
from firmware.terminal import Terminal
from firmware.units import Money

COMPLETION_NOTICE: Final = "completion_notice"
_EXPIRY: Final = 0x5F24
_SEQUENCE: Final = 0x5F34


def waiting(t: Terminal) -> list[tuple[queue.Waiting, Notice]]:
    """The notices as the rules of the queue see them."""
    return [(_entry(t, notice), notice) for notice in t.journal.notices.waiting()]


def _entry(t: Terminal, notice: Notice) -> queue.Waiting:
    kind = queue.Kind.SCRIPT_NOTICE if notice.kind == SCRIPT_NOTICE else queue.Kind.ADVICE
    return queue.Waiting(notice.id, kind, notice.at, notice.tries, t.journal.record(notice.record_id).amount)


def room_to_wait(t: Terminal, amount: Money) -> bool:
    """Whether one more approval, of `amount`, may wait for the acquirer; any number where there is none to be told."""
    if t.acquirer is None:
        return True
    entries = [entry for entry, _ in waiting(t)]
    limits = t.acquirer.dialect.profile.offline
    return queue.limit_reached(entries, amount, t.devices.clock.now(), limits) is None


async def forward_scripts(t: Terminal) -> None:
    """Send what issuers wait to hear of their scripts; before the next question. Raises: StorageFailed."""
    await _forward(t, {queue.Kind.SCRIPT_NOTICE})


async def forward_all(t: Terminal) -> bool:
    """Send everything that waits, and tell whether nothing waits any more. Raises: StorageFailed."""
    return await _forward(t, set(queue.Kind))


async def _forward(t: Terminal, kinds: set[queue.Kind]) -> bool:
    retries = acquirer_of(t).dialect.profile.retries
    for entry, notice in waiting(t):
        if entry.kind not in kinds:
            continue
        heard = await _send(t, notice)
        match queue.fate(entry, _code(heard), retries):
            case queue.Fate.ENDED:
                _end(t, notice, NoticeState.ACCEPTED, heard)
            case queue.Fate.GIVEN_UP:
                _end(t, notice, NoticeState.GIVEN_UP, heard)
                log.error(LogEvent.NOTICE_GIVEN_UP, kind=notice.kind, stan=str(t.journal.record(notice.record_id).stan))
            case queue.Fate.KEPT:
                return False
    return True


def _code(heard: Heard) -> str | queue.Unheard:
    if isinstance(heard, Answer):
        return heard.code
    return queue.Unheard.NOT_SENT if isinstance(heard, Unreached) else queue.Unheard.NO_ANSWER


def _end(t: Terminal, notice: Notice, state: NoticeState, heard: Heard) -> None:
    if isinstance(heard, Answer) and heard.approved and notice.kind != SCRIPT_NOTICE:
        t.journal.host.accepted(notice, answer_facts(heard))
    else:
        t.journal.notices.advance(notice, state, heard.code if isinstance(heard, Answer) else "")


async def _send(t: Terminal, notice: Notice) -> Heard:
    record = t.journal.record(notice.record_id)
    match notice.kind:
        case "script_notice":
            question = _script_notice(t, notice, record)
        case "completion_notice":
            question = _completion_notice(t, record)
        case _:
            question = _offline_sale(t, record)
    return await ask(t, question, lambda: t.journal.notices.advance(notice, NoticeState.SENT))


def kept_chip(t: Terminal, record: Record) -> bytes:
    """The chip's data for field 55 as the journal keeps it; empty for a stripe."""
    kept = parse(t.journal.clearing(record), "the journal")
    return b"".join(each.raw for each in kept if each.tag not in (_EXPIRY, _SEQUENCE))


def _offline_sale(t: Terminal, record: Record) -> Ask:
    return Ask(
        Transaction.OFFLINE_SALE,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.CHIP,
        card=kept_card(t, record, kept_chip(t, record)),
    )


def _completion_notice(t: Terminal, record: Record) -> Ask:
    assert record.original_id is not None, "a completion by notice is about a record of this journal"
    original = t.journal.record(record.original_id)
    return Ask(
        Transaction.COMPLETION_NOTICE,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.amount,
        entry=Entry.KEYED,
        card=kept_card(t, original, b""),
        original=reference(t.journal, original),
    )


def _script_notice(t: Terminal, notice: Notice, record: Record) -> Ask:
    return Ask(
        Transaction.SCRIPT_NOTICE,
        t.journal.take_trace(SCRIPT_NOTICE),
        t.journal.batch,
        t.devices.clock.now(),
        amount=record.amount,
        entry=Entry.CHIP,
        card=kept_card(t, record, notice.content),
        original=reference(t.journal, record),
    )


def kept_card(t: Terminal, record: Record, chip: bytes) -> CardData:
    """The card as the journal keeps it: number, and what of its chip the message needs."""
    kept = {each.tag: each.value for each in parse(t.journal.clearing(record), "the journal")}
    expiry = kept.get(_EXPIRY)
    return CardData(
        t.journal.pan(record),
        None if expiry is None else expiry.hex()[:4],
        sequence_number(kept.get(_SEQUENCE)),
        chip=chip,
    )
