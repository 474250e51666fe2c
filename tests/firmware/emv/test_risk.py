"""Book 3 §10.6 read aloud: exception file, floor limit, chance and velocity."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.errors import CardDataError
from firmware.emv.risk import exception_entries, manage_risk
from firmware.emv.session import Session
from firmware.units import Money
from tests.firmware.emv.scripted import APPLICATION, CNY, PARAMETERS, TERMINAL, session

PAN = "6212340000000019"
OFFLINE_ONLY = replace(TERMINAL, terminal_type=0x23)
BOTH_LIMITS = Tvr.LOWER_OFFLINE_LIMIT_EXCEEDED | Tvr.UPPER_OFFLINE_LIMIT_EXCEEDED


class Dice:
    """An Entropy that throws what the test wants."""

    def __init__(self, drawn: int) -> None:
        self._drawn = drawn

    def bytes(self, count: int) -> bytes:
        return (self._drawn - 1).to_bytes(count, "big")


def sha_256(digits: str) -> bytes:
    return hashlib.sha256(digits.encode()).digest()


def manage(s: Session, objects: dict[int, str] | None = None) -> Tvr:
    for tag, value in {0x5A: PAN, **(objects or {})}.items():
        s.store.replace_from_card(tag, bytes.fromhex(value))
    asyncio.run(manage_risk(s))
    return s.tvr


@pytest.mark.rule(21)
def test_risk_nothing_found_leaves_only_the_tsi() -> None:
    s, card = session()

    assert manage(s) == Tvr(0)
    assert s.tsi == Tsi.TERMINAL_RISK_MANAGEMENT_PERFORMED
    card.check_finished()


@pytest.mark.rule(21)
def test_merchants_wish_to_go_online_is_a_bit() -> None:
    s, _card = session(forced_online=True)

    assert manage(s) == Tvr.MERCHANT_FORCED_ONLINE


@pytest.mark.rule(21)
@pytest.mark.parametrize(
    ("listed", "objects", "found"),
    [
        (PAN, {}, True),
        (PAN, {0x5F34: "01"}, True),
        (PAN + "01", {0x5F34: "01"}, True),
        (PAN + "02", {0x5F34: "01"}, False),
        (PAN + "00", {}, True),
        (PAN[:-1] + "8", {}, False),
        ("621234000000001", {0x5A: "621234000000001F"}, True),
    ],
)
def test_exception_file_entry_with_or_without_psn_is_found(listed: str, objects: dict[int, str], found: bool) -> None:
    s, _card = session(parameters=replace(PARAMETERS, exception_hashes=frozenset({sha_256(listed)})))

    assert manage(s, objects) == (Tvr.ON_EXCEPTION_FILE if found else Tvr(0))


def test_exception_entries_of_card_are_two() -> None:
    assert exception_entries(PAN, "01") == {sha_256(PAN), sha_256(PAN + "01")}


@pytest.mark.rule(21)
@pytest.mark.parametrize(
    ("amount", "spent", "exceeds"),
    [
        (49_999, 0, False),
        (50_000, 0, True),
        (50_001, 0, True),
        (1, 49_998, False),
        (1, 49_999, True),
        (49_999, 1, True),
    ],
)
def test_floor_limit_counts_what_the_card_spent_offline(amount: int, spent: int, exceeds: bool) -> None:
    asked: list[str] = []

    def spent_minor(pan: str) -> int:
        asked.append(pan)
        return spent

    s, _card = session(amount=Money(amount, CNY))
    s.spent_minor = spent_minor

    assert manage(s) == (Tvr.FLOOR_LIMIT_EXCEEDED if exceeds else Tvr(0))
    assert asked == [PAN]


def chances(amount: int, threshold: int, target: int, maximum: int, floor: int = 50_000) -> int:
    """How many of the 99 numbers select the transaction; they must be the lowest ones."""
    application = replace(
        APPLICATION,
        floor_limit_minor=floor,
        random_threshold_minor=threshold,
        random_target_percent=target,
        random_maximum_percent=maximum,
    )
    selected = []
    for drawn in range(1, 100):
        s, _card = session(parameters=replace(PARAMETERS, applications=(application,)), amount=Money(amount, CNY))
        s.entropy = Dice(drawn)
        selected.append(bool(manage(s) & Tvr.RANDOMLY_SELECTED))
    assert selected == sorted(selected, reverse=True)
    return selected.count(True)


@pytest.mark.rule(21)
@pytest.mark.parametrize(
    ("amount", "threshold", "target", "maximum", "percent"),
    [
        (1, 10_000, 0, 0, 0),
        (1, 10_000, 20, 80, 20),
        (9_999, 10_000, 20, 80, 20),
        (9_999, 10_000, 99, 99, 99),
        # From the threshold on: target + (maximum - target) * (A - T) / (F - T).
        (10_000, 10_000, 20, 80, 20),
        (30_000, 10_000, 20, 80, 50),
        (49_999, 10_000, 20, 80, 79),
        (25_000, 0, 0, 99, 49),
        # Not for the amounts that the floor limit has already sent online.
        (50_000, 10_000, 99, 99, 0),
        (60_000, 10_000, 99, 99, 0),
        # A threshold at the floor limit: never biased.
        (49_999, 50_000, 5, 99, 5),
    ],
)
def test_random_selection_grows_with_the_amount(
    amount: int, threshold: int, target: int, maximum: int, percent: int
) -> None:
    assert chances(amount, threshold, target, maximum) == percent


@pytest.mark.rule(21)
def test_random_selection_by_own_amount_not_by_what_was_spent_before() -> None:
    application = replace(APPLICATION, random_target_percent=99, random_maximum_percent=99)
    s, _card = session(parameters=replace(PARAMETERS, applications=(application,)))
    s.spent_minor = lambda _pan: 50_000

    assert manage(s) == Tvr.FLOOR_LIMIT_EXCEEDED | Tvr.RANDOMLY_SELECTED


@settings(deadline=None)
@given(drawn=st.integers(1, 2**64))
def test_random_number_of_any_chance_is_1_to_99(drawn: int) -> None:
    never = replace(APPLICATION, random_target_percent=0, random_maximum_percent=0)
    always = replace(APPLICATION, random_target_percent=99, random_maximum_percent=99)
    found = []
    for application in (never, always):
        s, _card = session(parameters=replace(PARAMETERS, applications=(application,)))
        s.entropy = Dice(drawn)
        found.append(manage(s))

    assert found == [Tvr(0), Tvr.RANDOMLY_SELECTED]


LIMITS = {0x9F14: "03", 0x9F23: "05"}


@pytest.mark.rule(21)
@pytest.mark.parametrize(
    ("counter", "last_online", "found"),
    [
        ("9F36020007 9000", "9F13020004 9000", Tvr(0)),
        ("9F36020008 9000", "9F13020004 9000", Tvr.LOWER_OFFLINE_LIMIT_EXCEEDED),
        ("9F36020009 9000", "9F13020004 9000", Tvr.LOWER_OFFLINE_LIMIT_EXCEEDED),
        ("9F3602000A 9000", "9F13020004 9000", BOTH_LIMITS),
        ("9F36020004 9000", "9F13020004 9000", BOTH_LIMITS),
        ("9F36020003 9000", "9F13020004 9000", BOTH_LIMITS),
        ("9F36020001 9000", "9F13020000 9000", Tvr.NEW_CARD),
        ("9F36020006 9000", "9F13020000 9000", Tvr.NEW_CARD | BOTH_LIMITS),
        ("9F36020000 9000", "9F13020000 9000", Tvr.NEW_CARD | BOTH_LIMITS),
        ("6A88", "9F13020004 9000", BOTH_LIMITS),
        ("6A88", "9F13020000 9000", Tvr.NEW_CARD | BOTH_LIMITS),
        ("9F36020007 9000", "6A88", BOTH_LIMITS),
        ("6985", "6985", BOTH_LIMITS),
    ],
)
def test_velocity_between_counters_of_card_compared_with_both_limits(
    counter: str, last_online: str, found: Tvr
) -> None:
    s, card = session(f"> 80CA9F3600\n< {counter}\n> 80CA9F1300\n< {last_online}")

    assert manage(s, LIMITS) == found
    card.check_finished()


@pytest.mark.rule(21)
def test_velocity_with_upper_limit_below_lower_needs_the_lower_first() -> None:
    s, _card = session("> 80CA9F3600\n< 9F36020007 9000\n> 80CA9F1300\n< 9F13020004 9000")

    assert manage(s, {0x9F14: "03", 0x9F23: "01"}) == Tvr(0)


@pytest.mark.rule(21)
@pytest.mark.parametrize("objects", [{0x9F14: "00"}, {0x9F23: "00"}, {}])
def test_velocity_without_both_limits_asks_nothing(objects: dict[int, str]) -> None:
    s, card = session()

    assert manage(s, objects) == Tvr(0)
    card.check_finished()


@pytest.mark.rule(21)
def test_offline_only_terminal_neither_draws_nor_counts() -> None:
    application = replace(APPLICATION, random_target_percent=99, random_maximum_percent=99)
    s, card = session(parameters=replace(PARAMETERS, terminal=OFFLINE_ONLY, applications=(application,)))

    assert manage(s, LIMITS) == Tvr(0)
    assert s.tsi == Tsi.TERMINAL_RISK_MANAGEMENT_PERFORMED
    card.check_finished()


@pytest.mark.parametrize(
    "objects",
    [
        {0x5A: ""},
        {0x5A: "62AB"},
        {0x5F34: "0A"},
        {0x5F34: "0001"},
        {0x9F14: "0003", 0x9F23: "05"},
        {0x9F14: "03", 0x9F23: ""},
    ],
)
def test_data_malformed_is_cards_fault(objects: dict[int, str]) -> None:
    s, _card = session()

    with pytest.raises(CardDataError, match="terminal risk management") as error:
        manage(s, objects)
    assert PAN not in str(error.value)


def test_account_number_missing_is_cards_fault() -> None:
    s, _card = session()

    with pytest.raises(CardDataError, match=r"mandatory data is missing \(tag 5A\)"):
        asyncio.run(manage_risk(s))
