"""The batch upload 批上送 as a list of messages: which records go in which, in the order that the acquirer wants.

Owned here: the list is the same whenever it is made of the same closed batch, so that an upload that was cut off goes
on behind the last message that was taken. Its order is that of `UploadKind`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.flows.asking import acquirer_of
from firmware.flows.forward import kept_card, kept_chip
from firmware.flows.references import reference
from firmware.flows.totals import COUNTED, DEBITS
from firmware.host import settlement
from firmware.host.values import Ask, CardData, Entry, Original, Transaction, Upload, UploadKind
from firmware.journal import CardFacts, Kind, Phase, Record
from firmware.journal.phases import EFFECTIVE
from firmware.terminal import Terminal

PURPOSE: Final = "batch_upload"
_DECLINED: Final = "AAC"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the upload; several records for a list, one for all other kinds, none for the end."""

    kind: UploadKind
    records: tuple[Record, ...] = ()


def plan(t: Terminal, *, balanced: bool, left: Container[int] = ()) -> list[Message]:
    """The messages of the upload of the current batch, the end last, without the records in `left`."""
    found: dict[UploadKind, list[Record]] = {kind: [] for kind in settlement.upload_kinds(balanced=balanced)}
    for record in t.journal.records(batch=t.journal.batch):
        kind = _kind_of(record)
        if kind is not None and kind in found and record.id not in left:
            found[kind].append(record)
    records_max = acquirer_of(t).dialect.profile.upload_records
    return [message for kind in found for message in _messages(kind, found[kind], records_max)]


def _kind_of(record: Record) -> UploadKind | None:
    """Where a record goes; None where the acquirer is not told of it."""
    card = record.card
    if card is None or record.kind not in COUNTED:
        return None
    chip_ended_it = bool(card.cryptogram) and record.kind in DEBITS
    if record.phase not in EFFECTIVE:
        return UploadKind.CHIP_DECLINED if chip_ended_it and _failed(record, card) else None
    if record.kind is Kind.REFUND:
        return UploadKind.REFUND
    if record.answer is None:
        return UploadKind.OFFLINE_SALE if record.kind is Kind.SALE else UploadKind.COMPLETION_NOTICE
    return UploadKind.CHIP_APPROVED if chip_ended_it else UploadKind.STRIPE_LIST


def _failed(record: Record, card: CardFacts) -> bool:
    """Whether the acquirer is told of what a chip came to without money.

    Its AAC is told, whoever refused; its ARQC only where the acquirer has refused and the card was gone before it could
    say more. What was abandoned or is not known yet is not told.
    """
    if record.phase not in (Phase.DECLINED, Phase.REVERSED):
        return False
    refused = record.phase is Phase.DECLINED and record.answer is not None
    return card.cryptogram.startswith(_DECLINED) or refused


def _messages(kind: UploadKind, records: Sequence[Record], records_max: int) -> Iterator[Message]:
    if kind is UploadKind.END:
        yield Message(kind)
        return
    length = records_max if kind is UploadKind.STRIPE_LIST else 1
    for at in range(0, len(records), length):
        yield Message(kind, tuple(records[at : at + length]))


def question(t: Terminal, messages: Sequence[Message], place: int, *, balanced: bool) -> Ask:
    """The message at `place`. Lists and the end have a trace number of their own, all others that of their record."""
    message = messages[place]
    upload = Upload(message.kind, balanced)
    if message.kind is UploadKind.STRIPE_LIST:
        return _managed(t, settlement.stripe_list([_listed(t, each) for each in message.records]), upload)
    if message.kind is UploadKind.END:
        return _managed(t, settlement.upload_end(sum(len(each.records) for each in messages)), upload)
    (record,) = message.records
    return Ask(
        Transaction.BATCH_UPLOAD,
        record.stan,
        record.batch,
        record.opened_at,
        amount=record.approved,
        entry=_entry(record),
        card=_card(t, record),
        original=_original(t, record),
        organisation=None if record.answer is None else record.answer.organisation,
        text=_text(message.kind, record),
        upload=upload,
    )


def _managed(t: Terminal, text: bytes, upload: Upload) -> Ask:
    return Ask(
        Transaction.BATCH_UPLOAD,
        t.journal.take_trace(PURPOSE),
        t.journal.batch,
        t.devices.clock.now(),
        text=text,
        upload=upload,
    )


def _listed(t: Terminal, record: Record) -> settlement.StripeRecord:
    return settlement.StripeRecord(record.stan, t.journal.pan(record), record.approved, foreign=record.foreign)


def _text(kind: UploadKind, record: Record) -> bytes:
    if kind is UploadKind.CHIP_APPROVED:
        return settlement.chip_approved(record.approved, foreign=record.foreign)
    if kind is UploadKind.CHIP_DECLINED:
        return settlement.chip_declined(record.approved, foreign=record.foreign)
    return b""


def _entry(record: Record) -> Entry:
    letter = "" if record.card is None else record.card.entry
    return {"I": Entry.CHIP, "S": Entry.STRIPE, "F": Entry.FALLBACK}.get(letter, Entry.KEYED)


def _card(t: Terminal, record: Record) -> CardData:
    """The card by its number and its chip's data: a track is never kept."""
    return kept_card(t, record, kept_chip(t, record))


def _original(t: Terminal, record: Record) -> Original:
    """What a refund or a completion was about: a record of this terminal, or what was typed from a slip."""
    if record.original_id is not None:
        return reference(t.journal, t.journal.record(record.original_id))
    if record.kind is not Kind.REFUND:
        return Original()
    typed = t.journal.host.asked_about(record)
    return Original(date=typed.get("date"), rrn=typed.get("rrn"), authorisation=typed.get("authorisation"))
