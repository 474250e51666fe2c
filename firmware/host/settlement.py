"""Settlement and batch upload: totals, what the acquirer says of them, and the records that follow.

Owned here: the texts of field 48 and 62 in messages 0500 and 0320, and in which order a batch is uploaded. Debits are
what the merchant is paid for, credits what goes back; a void counts as a credit beside its original.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from firmware.host.errors import BadAnswer
from firmware.host.values import UploadKind
from firmware.units import Money, Pan, Stan

AMOUNT_MAX: Final = 999_999_999_999
COUNT_MAX: Final = 999
RECORDS_MAX: Final = 8
TOTALS_DIGITS: Final = 62

_SIDE_DIGITS: Final = 31
_ALWAYS: Final = (UploadKind.CHIP_APPROVED, UploadKind.CHIP_DECLINED, UploadKind.END)


@dataclass(frozen=True, slots=True)
class Side:
    """The totals of one kind of cards, in minor units."""

    debit_minor: int = 0
    debit_count: int = 0
    credit_minor: int = 0
    credit_count: int = 0

    def __post_init__(self) -> None:
        fits = max(self.debit_minor, self.credit_minor) <= AMOUNT_MAX
        if not (fits and max(self.debit_count, self.credit_count) <= COUNT_MAX):
            raise ValueError("totals of 12 and counts of 3 digits: settle before a batch grows beyond them")


class Verdict(Enum):
    """What the acquirer finds of one side of the totals."""

    BALANCED = "1"
    UNBALANCED = "2"
    ERROR = "3"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a batch comes to: domestic cards and foreign ones."""

    domestic: Side
    foreign: Side = Side()


@dataclass(frozen=True, slots=True)
class Settled:
    """The acquirer's word on a settlement; `totals` are the acquirer's own where they do not balance."""

    domestic: Verdict
    foreign: Verdict
    totals: Totals

    @property
    def balanced(self) -> bool:
        """Whether nothing but the chip's data is left to upload."""
        return self.domestic is Verdict.BALANCED and self.foreign is Verdict.BALANCED


def totals_text(totals: Totals, flags: str = "00") -> bytes:
    """Field 48 of a settlement: 62 digits; a question has no flags."""
    sides = zip((totals.domestic, totals.foreign), flags, strict=True)
    return "".join(_side_text(side) + flag for side, flag in sides).encode()


def _side_text(side: Side) -> str:
    return f"{side.debit_minor:012}{side.debit_count:03}{side.credit_minor:012}{side.credit_count:03}"


def parse_totals(text: str) -> Totals:
    """Read the totals of field 48. Raises: BadAnswer."""
    if len(text) != TOTALS_DIGITS or not (text.isascii() and text.isdecimal()):
        raise BadAnswer(f"totals are {TOTALS_DIGITS} digits")
    return Totals(_side(text[:_SIDE_DIGITS]), _side(text[_SIDE_DIGITS:]))


def _side(text: str) -> Side:
    return Side(int(text[:12]), int(text[12:15]), int(text[15:27]), int(text[27:30]))


def settled(payload: bytes) -> Settled:
    """Read the answer to a settlement, an Answer's `payload`. Raises: BadAnswer."""
    text = payload.decode("latin-1")
    totals = parse_totals(text)
    try:
        domestic, foreign = Verdict(text[30]), Verdict(text[61])
    except ValueError:
        raise BadAnswer("the acquirer's flags are neither balanced, nor not, nor an error") from None
    return Settled(domestic, foreign, totals)


def upload_kinds(*, balanced: bool) -> tuple[UploadKind, ...]:
    """What is uploaded after a settlement, in order."""
    return _ALWAYS if balanced else tuple(UploadKind)


@dataclass(frozen=True, slots=True)
class StripeRecord:
    """One online transaction without a chip, as the upload lists it."""

    stan: Stan
    pan: Pan = field(repr=False)
    amount: Money
    foreign: bool = False


def stripe_list(records: Sequence[StripeRecord]) -> bytes:
    """Field 48 of UploadKind.STRIPE_LIST: one to eight records of 40 digits behind their number."""
    assert 1 <= len(records) <= RECORDS_MAX, len(records)
    return f"{len(records):02}{''.join(map(_stripe_text, records))}".encode()


def _stripe_text(record: StripeRecord) -> str:
    return f"{_card_class(foreign=record.foreign)}{record.stan}{record.pan.reveal():0>20}{record.amount.minor:012}"


def _card_class(*, foreign: bool) -> str:
    return "01" if foreign else "00"


def chip_approved(amount: Money, *, foreign: bool = False) -> bytes:
    """Field 62 of UploadKind.CHIP_APPROVED."""
    return f"61{_card_class(foreign=foreign)}00{amount.minor:012}{amount.currency.number:03}".encode()


def chip_declined(amount: Money, *, foreign: bool = False) -> bytes:
    """Field 62 of UploadKind.CHIP_DECLINED: an AAC, whatever the host had said."""
    return f"71{_card_class(foreign=foreign)}05{amount.minor:012}{amount.currency.number:03}22".encode()


def upload_end(records: int) -> bytes:
    """Field 48 of UploadKind.END: how many records were uploaded."""
    assert 0 <= records <= 9_999, records
    return f"{records:04}".encode()
