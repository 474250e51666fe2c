"""What decides a transaction beside card and parameters: what the merchant asks, what the issuer will say, and chance.

The same inputs with the same answers of the card make the same transaction; a trace holds them for that reason.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from firmware.emv.issuer import IssuerAnswer
from firmware.emv.parameters import EmvParameters
from firmware.emv.session import Request, TransactionType
from firmware.errors import TillberryError
from firmware.units import Currency, Money

NO_ANSWER: Final = "none"
APPROVAL: Final = "00"
_KINDS: Final = {
    "sale": TransactionType.GOODS,
    "cash": TransactionType.CASH,
    "refund": TransactionType.REFUND,
}


class BadInput(TillberryError):
    """An argument, or a value in a trace, that no transaction can have."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of one transaction. `date` is YYMMDD, `time` HHMMSS; `pins` tells how many PINs there are, not which.

    `arc` is the issuer's response code, or `none` where he cannot be reached.
    """

    amount_minor: int
    cashback_minor: int
    kind: str
    date: str
    time: str
    sequence: int
    application: int
    pins: int
    arc: str
    issuer_auth: bytes
    scripts: bytes

    def request(self, currency: Currency, zone: tzinfo) -> Request:
        """What the kernel is asked for. Raises: BadInput."""
        kind = _KINDS[self.kind]
        if self.cashback_minor:
            kind = TransactionType.CASHBACK
        if self.cashback_minor > self.amount_minor:
            raise BadInput("the cashback is more than the amount, which includes it")
        amount, cashback = Money(self.amount_minor, currency), Money(self.cashback_minor, currency)
        return Request(kind, amount, cashback, self.at(zone), self.sequence)

    def at(self, zone: tzinfo) -> datetime:
        """Date and time; years 00 to 49 are of this century, 50 to 99 of the last (Book 4 §6.7.3). Raises: BadInput."""
        century = "20" if self.date < "5" else "19"
        try:
            return datetime.strptime(century + self.date + self.time, "%Y%m%d%H%M%S").replace(tzinfo=zone)
        except ValueError as error:
            raise BadInput(f"{self.date} {self.time} is no date YYMMDD and time HHMMSS") from error

    def answer(self) -> IssuerAnswer | None:
        """What the issuer answers, None where he cannot be reached."""
        return None if self.arc == NO_ANSWER else IssuerAnswer(self.arc, self.issuer_auth, self.scripts)


def inputs_from(args: argparse.Namespace, currency: Currency, now: datetime) -> Inputs:
    """The inputs that the arguments give, with their defaults. Raises: BadInput."""
    return Inputs(
        amount_minor=minor_units(args.amount, currency),
        cashback_minor=minor_units(args.cashback or "0", currency),
        kind=args.type or "sale",
        date=args.date or f"{now:%y%m%d}",
        time=args.time or f"{now:%H%M%S}",
        sequence=args.sequence or 1,
        application=args.application or 1,
        pins=len(args.pin or ()),
        arc=args.arc or APPROVAL,
        issuer_auth=args.issuer_auth or b"",
        scripts=b"".join(args.script or ()),
    )


def minor_units(text: str, currency: Currency) -> int:
    """An amount such as `12.34` or `12` in minor units. Raises: BadInput - more digits than the currency has."""
    whole, _, part = text.partition(".")
    if len(part) > currency.exponent:
        raise BadInput(f"{text}: {currency.code} has {currency.exponent} digits after the point")
    minor = int(whole + part.ljust(currency.exponent, "0"))
    if minor > 999_999_999_999:
        raise BadInput(f"{text}: more than the twelve digits of 9F02")
    return minor


def parameters_checksum(parameters: EmvParameters) -> str:
    """SHA-256 over the values of the parameters, in hex: comments and spacing of their files do not count."""
    content = {
        **asdict(parameters),
        "ca_keys": [asdict(key) for _, key in sorted(parameters.ca_keys.items())],
        "revoked": sorted(parameters.revoked),
        "exception_hashes": sorted(parameters.exception_hashes),
    }
    text = json.dumps(content, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    assert isinstance(value, date), type(value)
    return value.isoformat()
