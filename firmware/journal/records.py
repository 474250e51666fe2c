"""What the journal keeps, as values: records of transactions and the print jobs of their receipts."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from firmware.journal.phases import Phase
from firmware.units import Money, Pan, Stan

TERMINAL_LENGTH: Final = 8
"""The characters of a terminal number (ISO 8583 field 41)."""

_DOMESTIC: Final = ("CUP", "000")
"""UnionPay as a card organisation, and an acquirer that names none; `batches` counts by the same."""
_DOMESTIC_AID: Final = "A000000333"


class Kind(StrEnum):
    """What the merchant did."""

    CASH_SALE = "cash_sale"
    CASH_VOID = "cash_void"
    SALE = "sale"
    """By card, as are all that follow."""
    VOID = "void"
    REFUND = "refund"
    PREAUTH = "preauth"
    PREAUTH_VOID = "preauth_void"
    COMPLETION = "completion"
    COMPLETION_VOID = "completion_void"
    CASH_ADVANCE = "cash_advance"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a receipt shows of the card that paid: nothing here is secret. Registers and cryptograms are hex.

    `entry` is the letter behind the card number (I inserted, S swiped, F swiped because the chip could not be read,
    M typed), `cvm` names the line about the cardholder's verification, and `cryptogram` begins with its kind
    (`TC 0123456789ABCDEF`). `response_code` is the terminal's own, where it has decided (Y1, Z1, Y3, Z3). What only a
    chip has is empty for a stripe; `to_masked` is the card that a transfer goes to.
    """

    pan_masked: str
    entry: str
    cvm: str
    needs_signature: bool
    aid: str = ""
    label: str = ""
    cryptogram: str = ""
    tvr: str = ""
    tsi: str = ""
    atc: str = ""
    response_code: str = ""
    to_masked: str = ""


@dataclass(frozen=True, slots=True)
class CardSecrets:
    """What the upload of an approval needs and nobody else may see: kept in the encrypted journal only.

    `clearing` is the chip's data as TLV, at most 2048 bytes, empty for a stripe. A track is never kept.
    """

    pan: Pan
    clearing: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardResult:
    """What the chip has made of an answer: registers, cryptogram and response code at the end, as in `CardFacts`."""

    cryptogram: str
    tvr: str
    tsi: str
    response_code: str
    clearing: bytes = field(repr=False)

    def facts(self) -> dict[str, Any]:
        """What a receipt shows of it, by the names of `CardFacts`."""
        return {
            "cryptogram": self.cryptogram,
            "tvr": self.tvr,
            "tsi": self.tsi,
            "response_code": self.response_code,
        }


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What the acquirer has said that receipts, voids and refunds need.

    `rrn` is its retrieval reference number, `time` HHMMSS and the dates MMDD by its clock, `approved_minor` what it
    has approved where that is less than was asked, `texts` its remarks.
    """

    code: str
    rrn: str | None = None
    authorisation: str | None = None
    time: str | None = None
    date: str | None = None
    settlement_date: str | None = None
    issuer: str | None = None
    acquirer: str | None = None
    organisation: str | None = None
    approved_minor: int | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One transaction, as it was when it was read from the journal.

    `stan` is unique within `terminal` and `batch`. `tendered` is what the customer handed over, where cash was counted.
    `original_id` is the record that a void undoes, and `voided_by` the void of this record, also while that void is
    under way. `card` is the card that paid, where one did, and `answer` what the acquirer has said of it. `opened_at`
    and `completed_at` carry the shop's time zone; clocks jump, so `id` gives the order.
    """

    id: int
    terminal: str
    batch: int
    stan: Stan
    kind: Kind
    phase: Phase
    amount: Money
    tendered: Money | None
    original_id: int | None
    voided_by: int | None
    opened_at: datetime
    completed_at: datetime | None
    card: CardFacts | None = None
    answer: AnswerFacts | None = None

    @property
    def approved(self) -> Money:
        """The amount that counts: what the acquirer has approved, which may be less than was asked."""
        if self.answer is None or self.answer.approved_minor is None:
            return self.amount
        return Money(self.answer.approved_minor, self.amount.currency)

    @property
    def foreign(self) -> bool:
        """Whether the card is of another organisation than UnionPay: by the answer, or by the chip's application."""
        organisation = None if self.answer is None else self.answer.organisation
        if organisation:
            return organisation not in _DOMESTIC
        aid = "" if self.card is None else self.card.aid
        return bool(aid) and not aid.startswith(_DOMESTIC_AID)

    @property
    def change(self) -> Money | None:
        """What the customer gets back; None where nothing was tendered."""
        return None if self.tendered is None else self.tendered - self.amount


class PrintState(StrEnum):
    """How far a copy of a receipt has come."""

    QUEUED = "queued"
    """Nothing was sent to the printer."""
    SENT = "sent"
    """Bytes may have been sent; the printer has not confirmed the end."""
    ACKED = "acked"
    """The printer has confirmed the end."""
    FAILED = "failed"
    """Given up after bytes may have been sent: the person knows, and a copy printed later is a job of its own."""
    DROPPED = "dropped"
    """As FAILED, where nothing was sent: what is printed later is the first that comes out."""


PRINT_TRANSITIONS: Final[Mapping[PrintState, AbstractSet[PrintState]]] = {
    PrintState.QUEUED: frozenset({PrintState.SENT, PrintState.DROPPED}),
    # QUEUED again: the printer has said that it was sent nothing.
    PrintState.SENT: frozenset({PrintState.SENT, PrintState.QUEUED, PrintState.ACKED, PrintState.FAILED}),
    PrintState.ACKED: frozenset(),
    PrintState.FAILED: frozenset(),
    PrintState.DROPPED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One copy on its way to paper: of the receipt of a record, or the slip of a batch that was settled.

    `copy` says for whom it is (`merchant`, `customer`), `duplicate` whether one may have come out before.
    """

    id: int
    record_id: int | None
    batch: int | None
    copy: str
    duplicate: bool
    state: PrintState

    @property
    def given_up(self) -> PrintState:
        """The state in which this job ends where nobody prints it."""
        return PrintState.DROPPED if self.state is PrintState.QUEUED else PrintState.FAILED
