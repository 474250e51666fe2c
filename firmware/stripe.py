"""The magnetic stripe as a value: what track 2 says of a card, and whether that card may pay by its stripe.

Owned here: the shape of track 2 (ISO/IEC 7813) and the rules of its service code. No error names a digit of it. Whether
a swipe stands in for a chip that could not be read is known by the flow, which says so as `fallback`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from firmware.errors import TillberryError
from firmware.units import Pan, Track2

_TRACK2: Final = re.compile(r"([0-9]{12,19})[=D](?:([0-9]{4})|[=D])(?:([0-9]{3})|[=D])[0-9]{0,24}")
"""PAN, separator, expiry YYMM and service code (each may be a separator instead), discretionary digits."""
_CENTURY_PIVOT: Final = 50
"""Years 00 to 49 are of this century. Source: EMV Book 4 §6.7.3, used for the stripe as well."""
_CHIP: Final = frozenset("26")
"""First digit of the service code: a chip is on the card, for interchange (2) or national use (6)."""
_NOT_FOR_GOODS: Final = frozenset("34")
"""Third digit of the service code: cash dispensers only (3), cash only (4)."""
_PIN_ALWAYS: Final = frozenset("035")
_PIN_IF_POSSIBLE: Final = frozenset("67")


class StripeUnreadable(TillberryError):
    """What the stripe reader gave is not the track 2 of a payment card."""


class PinRule(StrEnum):
    """What the service code asks of a PIN (third digit; ISO/IEC 7813)."""

    REQUIRED = "required"
    IF_POSSIBLE = "if_possible"
    """Where the terminal has a PIN pad."""
    NOT_ASKED = "not_asked"


class Refusal(StrEnum):
    """Why a card may not pay by its stripe."""

    USE_CHIP = "use_chip"
    EXPIRED = "expired"
    CASH_ONLY = "cash_only"


@dataclass(frozen=True, slots=True)
class Stripe:
    """A card as its stripe tells it; `expiry` is YYMM, and like `service_code` None where the track leaves it out."""

    pan: Pan
    expiry: str | None
    service_code: str | None
    track2: Track2

    @property
    def has_chip(self) -> bool:
        """Whether the card says that it carries a chip."""
        return self.service_code is not None and self.service_code[0] in _CHIP

    @property
    def pin_rule(self) -> PinRule:
        """What the card asks of a PIN; a stripe without service code leaves that to the terminal."""
        digit = "" if self.service_code is None else self.service_code[2]
        if digit in _PIN_ALWAYS:
            return PinRule.REQUIRED
        return PinRule.IF_POSSIBLE if digit in _PIN_IF_POSSIBLE or not digit else PinRule.NOT_ASKED

    def refusal(self, today: date, *, reads_chips: bool, fallback: bool) -> Refusal | None:
        """Why this card may not pay for goods by its stripe; None where it may.

        `reads_chips` tells that this terminal has a chip reader, `fallback` that the chip was tried there and could not
        be read. Source: ISO/IEC 7813; Book 4 §11 leaves fallback to the schemes, which ask for this order.
        """
        if self.has_chip and reads_chips and not fallback:
            return Refusal.USE_CHIP
        if self.expiry is not None and expired(self.expiry, today):
            return Refusal.EXPIRED
        if self.service_code is not None and self.service_code[2] in _NOT_FOR_GOODS:
            return Refusal.CASH_ONLY
        return None


def parse_track2(track2: Track2) -> Stripe:
    """Read a track 2 without sentinels and LRC. Raises: StripeUnreadable."""
    found = _TRACK2.fullmatch(track2.reveal())
    if found is None:
        raise StripeUnreadable("track 2 has not the fields of a payment card")
    digits, expiry, service_code = found.groups()
    if not luhn_holds(digits):
        raise StripeUnreadable("the check digit of the card number is wrong")
    if expiry is not None and not 1 <= int(expiry[2:]) <= 12:
        raise StripeUnreadable("the expiry of the card is no month")
    return Stripe(Pan(digits), expiry, service_code, track2)


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1 Annex B)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0


def expired(expiry: str, today: date) -> bool:
    """Whether a card that is good until `expiry`, YYMM, is no longer good today."""
    return _last_month(expiry) < (today.year, today.month)


def _last_month(expiry: str) -> tuple[int, int]:
    """The year and month that a card is good in for the last time."""
    year = int(expiry[:2])
    return (2000 if year < _CENTURY_PIVOT else 1900) + year, int(expiry[2:])
