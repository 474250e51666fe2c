"""Processing restrictions: whether this card may do this here and today. Source: Book 3 §10.4.

Nothing here ends a transaction; each finding is a bit of TVR byte 2, and the action codes decide what it is worth.
"""

from __future__ import annotations

from typing import Final

from firmware.emv.bits import Auc, Tvr
from firmware.emv.digits import numeric
from firmware.emv.errors import CardDataError
from firmware.emv.parameters import TerminalData
from firmware.emv.session import Request, Session, TransactionType

_PLACE: Final = "processing restrictions"
_ATM_TYPES: Final = frozenset({0x14, 0x15, 0x16})
_CASH: Final = 0x80
_CENTURY_PIVOT: Final = 50

Day = tuple[int, int, int]
"""Year, month, day."""


def check_restrictions(s: Session) -> None:
    """Compare the card's version, usage control and dates with the terminal and the transaction.

    Reads 9F08, 9F07, 5F28, 5F24, 5F25; writes TVR byte 2. Raises: CardDataError - no expiry date, or data that cannot
    be read as what it should be.
    """
    if not _versions_match(s):
        s.tvr |= Tvr.VERSIONS_DIFFER
    if not _usage_allowed(s):
        s.tvr |= Tvr.SERVICE_NOT_ALLOWED
    today = (s.request.at.year, s.request.at.month, s.request.at.day)
    # Book 3 §10.4.3: equal dates are fine on both sides.
    effective = s.store.card(0x5F25)
    if effective is not None and today < _day(effective, 0x5F25):
        s.tvr |= Tvr.NOT_YET_EFFECTIVE
    if today > _day(s.store.require(0x5F24, _PLACE), 0x5F24):
        s.tvr |= Tvr.EXPIRED


def _versions_match(s: Session) -> bool:
    # Book 3 §10.4.1: a card that does not tell its version is compatible.
    version = s.store.card(0x9F08)
    if version is None:
        return True
    if len(version) != 2:
        raise CardDataError("the application version number has the wrong length", place=_PLACE, tag=0x9F08)
    return int.from_bytes(version, "big") == s.chosen.version


def _usage_allowed(s: Session) -> bool:
    # Book 3 §10.4.2.
    value = s.store.card(0x9F07)
    if value is None:
        return True
    if len(value) != 2:
        raise CardDataError("the application usage control has the wrong length", place=_PLACE, tag=0x9F07)
    usage = Auc(int.from_bytes(value, "big"))
    terminal = s.parameters.terminal
    where = Auc.ATMS if _is_atm(terminal) else Auc.TERMINALS_OTHER_THAN_ATMS
    if not usage & where:
        return False
    issuer_country = s.store.card(0x5F28)
    # Table 32 can only be entered by one who knows the issuer's country.
    if issuer_country is None:
        return True
    domestic = int(numeric(issuer_country, 3, place=_PLACE, tag=0x5F28)) == terminal.country
    return all(usage & any_of for any_of in _bits_needed(s.request, domestic=domestic))


def _bits_needed(request: Request, *, domestic: bool) -> list[Auc]:
    """What table 32 asks for: at least one bit of each member must be set."""
    needed: list[Auc] = []
    if request.kind is TransactionType.CASH:
        needed.append(Auc.DOMESTIC_CASH if domestic else Auc.INTERNATIONAL_CASH)
    elif request.kind in (TransactionType.GOODS, TransactionType.CASHBACK):
        # The terminal does not tell goods from services: either bit allows a purchase. A refund is not in the table.
        needed.append(
            Auc.DOMESTIC_GOODS | Auc.DOMESTIC_SERVICES
            if domestic
            else Auc.INTERNATIONAL_GOODS | Auc.INTERNATIONAL_SERVICES
        )
    if request.cashback.minor > 0:
        needed.append(Auc.DOMESTIC_CASHBACK if domestic else Auc.INTERNATIONAL_CASHBACK)
    return needed


def _is_atm(terminal: TerminalData) -> bool:
    """Whether it is an unattended terminal of a bank that gives cash. Source: Book 4 Annex A1."""
    return terminal.terminal_type in _ATM_TYPES and bool(terminal.additional_capabilities[0] & _CASH)


def _day(value: bytes, tag: int) -> Day:
    """Read YYMMDD; 00 to 49 are years of this century, 50 to 99 of the last (Book 4 §6.7.3).

    A day that its month does not have, such as 31 February, is let pass: it sorts behind the month's last day, as the
    issuer meant it. Raises: CardDataError - no digits, or a month or day that is never there (Book 3 §7.5).
    """
    digits = numeric(value, 6, place=_PLACE, tag=tag)
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise CardDataError("a date that is in no calendar", place=_PLACE, tag=tag)
    return (2000 if year < _CENTURY_PIVOT else 1900) + year, month, day
