"""Track 2 as a value: what is read, what is refused, and that no error tells a digit."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bench.cards.personality import load_cards
from firmware.stripe import PinRule, Refusal, StripeUnreadable, parse_track2
from firmware.units import Track2

PAN = "4761739001010010"
TODAY = date(2026, 3, 14)


def track(expiry: str = "2912", service: str = "120", pan: str = PAN) -> Track2:
    return Track2(f"{pan}={expiry}{service}00000")


def test_track2_of_a_payment_card_is_read() -> None:
    stripe = parse_track2(Track2(f"{PAN}D291212000000"))
    assert stripe.pan.reveal() == PAN
    assert (stripe.expiry, stripe.service_code) == ("2912", "120")
    assert stripe.track2.reveal().startswith(PAN)


def test_track2_without_expiry_or_service_code_is_read() -> None:
    stripe = parse_track2(Track2(f"{PAN}===123"))
    assert (stripe.expiry, stripe.service_code) == (None, None)
    assert not stripe.has_chip
    assert stripe.pin_rule is PinRule.IF_POSSIBLE
    assert stripe.refusal(TODAY, reads_chips=True, fallback=False) is None


@pytest.mark.parametrize("name", sorted(load_cards()))
def test_stripe_of_every_test_card_is_read(name: str) -> None:
    card = load_cards()[name]
    stripe = parse_track2(Track2(card.track2))
    assert stripe.pan.reveal() == card.pan()
    assert stripe.service_code == card.service_code


@pytest.mark.parametrize(
    "text",
    [
        "4761739001010011=2912120",  # check digit
        "4761739001010010=2913120",  # month
        "4761739001010010=2900120",
        "4761739001010010",
        "4761739001010010=",
        "47617390010=2912120",  # too short a number
        "47617390010100104761=2912120",
        "4761739001010010=2912120A",
        "4761739001010010=2912120\n",
        ";4761739001010010=2912120?",
    ],
)
def test_track2_that_is_no_payment_card_is_refused_without_telling_a_digit(text: str) -> None:
    with pytest.raises(StripeUnreadable) as caught:
        parse_track2(Track2(text))
    assert not re.search(r"\d{3}", str(caught.value))


@pytest.mark.parametrize(
    ("expiry", "expired"),
    [("2602", True), ("2603", False), ("2604", False), ("4912", False), ("5001", True), ("9912", True)],
)
def test_card_is_good_to_the_end_of_its_month(expiry: str, expired: bool) -> None:
    refusal = parse_track2(track(expiry)).refusal(TODAY, reads_chips=True, fallback=False)
    assert refusal is (Refusal.EXPIRED if expired else None)


@pytest.mark.parametrize(
    ("service", "reads_chips", "fallback", "refusal"),
    [
        ("201", True, False, Refusal.USE_CHIP),
        ("601", True, False, Refusal.USE_CHIP),
        ("201", True, True, None),
        ("201", False, False, None),
        ("101", True, False, None),
        ("103", True, False, Refusal.CASH_ONLY),
        ("204", True, True, Refusal.CASH_ONLY),
    ],
)
def test_service_code_decides_whether_the_stripe_may_pay(
    service: str, reads_chips: bool, fallback: bool, refusal: Refusal | None
) -> None:
    stripe = parse_track2(track(service=service))
    assert stripe.refusal(TODAY, reads_chips=reads_chips, fallback=fallback) is refusal


@pytest.mark.parametrize(
    ("digit", "rule"),
    [
        *((digit, PinRule.REQUIRED) for digit in "035"),
        *((digit, PinRule.IF_POSSIBLE) for digit in "67"),
        *((digit, PinRule.NOT_ASKED) for digit in "12489"),
    ],
)
def test_third_digit_of_the_service_code_says_what_becomes_of_the_pin(digit: str, rule: PinRule) -> None:
    assert parse_track2(track(service=f"12{digit}")).pin_rule is rule


TEXTS = st.text("0123456789=D;? F", min_size=1, max_size=37) | st.text(
    st.characters(max_codepoint=127), min_size=1, max_size=37
)
LIKE_TRACKS = st.from_regex(r"[0-9]{12,19}[=D][0-9]{4}[0-9]{3}[0-9]{0,10}", fullmatch=True).filter(
    lambda text: len(text) <= 37
)


@given(TEXTS | LIKE_TRACKS)
def test_any_track_is_read_or_refused_in_our_own_words(text: str) -> None:
    try:
        stripe = parse_track2(Track2(text))
    except StripeUnreadable:
        return
    assert text.startswith(stripe.pan.reveal())
    assert stripe.pan.reveal() not in repr(stripe)
