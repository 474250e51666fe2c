"""Book 3 §10.4 read aloud: versions, usage control and dates, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from firmware.emv.bits import Tvr
from firmware.emv.errors import CardDataError
from firmware.emv.parameters import TerminalData
from firmware.emv.restrictions import check_restrictions
from firmware.emv.session import TransactionType
from firmware.units import Money
from tests.firmware.emv.scripted import CNY, PARAMETERS, TERMINAL, session

GOODS, CASH, CASHBACK, REFUND = TransactionType
HERE, ABROAD = "0156", "0840"
SHOP = TERMINAL
BANK_COUNTER = replace(TERMINAL, terminal_type=0x11)
ATM = replace(TERMINAL, terminal_type=0x14)
BANK_MACHINE_WITHOUT_CASH = replace(TERMINAL, terminal_type=0x14, additional_capabilities=bytes.fromhex("7000F0A001"))
CHINA = timezone(timedelta(hours=8))


def findings(objects: dict[int, str], terminal: TerminalData = SHOP, cashback_minor: int = 0, **request: Any) -> Tvr:
    s, _card = session(
        parameters=replace(PARAMETERS, terminal=terminal), cashback=Money(cashback_minor, CNY), **request
    )
    for tag, value in {0x5F24: "301231", **objects}.items():
        s.store.replace_from_card(tag, bytes.fromhex(value))
    check_restrictions(s)
    return s.tvr


@pytest.mark.rule(13)
@pytest.mark.parametrize(
    ("version", "found"), [({}, Tvr(0)), ({0x9F08: "0030"}, Tvr(0)), ({0x9F08: "0031"}, Tvr.VERSIONS_DIFFER)]
)
def test_version_of_card_differs_only_where_it_is_told(version: dict[int, str], found: Tvr) -> None:
    assert findings(version) == found


@pytest.mark.rule(13)
def test_usage_control_absent_allows_everything() -> None:
    assert findings({0x5F28: ABROAD}, kind=CASH) == Tvr(0)


@pytest.mark.rule(13)
@pytest.mark.parametrize(
    ("usage", "terminal", "allowed"),
    [
        ("0100", SHOP, True),
        ("0200", SHOP, False),
        ("0200", ATM, True),
        ("0100", ATM, False),
        ("0100", BANK_COUNTER, True),
        # A type 14 that gives no cash is no ATM.
        ("0100", BANK_MACHINE_WITHOUT_CASH, True),
        ("0200", BANK_MACHINE_WITHOUT_CASH, False),
    ],
)
def test_usage_control_without_issuer_country_tells_only_atms_from_others(
    usage: str, terminal: TerminalData, allowed: bool
) -> None:
    found = findings({0x9F07: usage}, terminal)

    assert found == (Tvr(0) if allowed else Tvr.SERVICE_NOT_ALLOWED)


@pytest.mark.rule(13)
@pytest.mark.parametrize(
    ("usage", "kind", "cashback_minor", "country", "allowed"),
    [
        ("8100", CASH, 0, HERE, True),
        ("4100", CASH, 0, HERE, False),
        ("4100", CASH, 0, ABROAD, True),
        ("8100", CASH, 0, ABROAD, False),
        # Either goods or services is enough for a purchase.
        ("2100", GOODS, 0, HERE, True),
        ("0900", GOODS, 0, HERE, True),
        ("1500", GOODS, 0, HERE, False),
        ("1100", GOODS, 0, ABROAD, True),
        ("0500", GOODS, 0, ABROAD, True),
        ("2900", GOODS, 0, ABROAD, False),
        # Cashback is a purchase too, and counts by its amount.
        ("2180", CASHBACK, 100, HERE, True),
        ("2140", CASHBACK, 100, HERE, False),
        ("0180", CASHBACK, 100, HERE, False),
        ("1140", CASHBACK, 100, ABROAD, True),
        ("1180", CASHBACK, 100, ABROAD, False),
        ("2100", CASHBACK, 0, HERE, True),
        ("2100", GOODS, 100, HERE, False),
        # Table 32 says nothing of refunds.
        ("0100", REFUND, 0, HERE, True),
        ("0200", REFUND, 0, HERE, False),
    ],
)
def test_usage_control_of_table_32_decides_service(
    usage: str, kind: TransactionType, cashback_minor: int, country: str, allowed: bool
) -> None:
    found = findings({0x9F07: usage, 0x5F28: country}, kind=kind, cashback_minor=cashback_minor)

    assert found == (Tvr(0) if allowed else Tvr.SERVICE_NOT_ALLOWED)


@pytest.mark.rule(14)
@pytest.mark.parametrize(
    ("today", "effective", "expiry", "found"),
    [
        ((2026, 3, 14), "260314", "260314", Tvr(0)),
        ((2026, 3, 14), "260315", "301231", Tvr.NOT_YET_EFFECTIVE),
        ((2026, 3, 14), "200101", "260313", Tvr.EXPIRED),
        ((2026, 3, 14), "270101", "260101", Tvr.NOT_YET_EFFECTIVE | Tvr.EXPIRED),
        # 49 is 2049, 50 is 1950: raw digits would sort the other way.
        ((2026, 3, 14), "991231", "491231", Tvr(0)),
        ((2026, 3, 14), "991231", "501231", Tvr.EXPIRED),
        ((2049, 12, 31), "500101", "491231", Tvr(0)),
        # A day that the month has not is let pass: it is its end.
        ((2027, 2, 28), "200231", "270231", Tvr(0)),
        ((2027, 3, 1), "200231", "270231", Tvr.EXPIRED),
    ],
)
def test_dates_of_card_compared_across_the_pivot(
    today: tuple[int, int, int], effective: str, expiry: str, found: Tvr
) -> None:
    at = datetime(*today, 12, 0, tzinfo=CHINA)

    assert findings({0x5F25: effective, 0x5F24: expiry}, at=at) == found


@pytest.mark.rule(14)
def test_dates_without_effective_date_compare_expiry_alone() -> None:
    assert findings({0x5F24: "260313"}) == Tvr.EXPIRED


@pytest.mark.parametrize(
    "objects",
    [
        {0x9F08: "30"},
        {0x9F07: "FF"},
        {0x9F07: "FF0000"},
        {0x9F07: "FF00", 0x5F28: "156F"},
        {0x5F24: "2612"},
        {0x5F24: "261301"},
        {0x5F24: "260001"},
        {0x5F24: "261232"},
        {0x5F24: "261200"},
        {0x5F25: "26AA01"},
    ],
)
def test_data_malformed_is_cards_fault(objects: dict[int, str]) -> None:
    with pytest.raises(CardDataError, match="processing restrictions"):
        findings(objects)


def test_expiry_date_missing_is_cards_fault() -> None:
    s, _card = session()

    with pytest.raises(CardDataError, match=r"mandatory data is missing \(tag 5F24\)"):
        check_restrictions(s)
