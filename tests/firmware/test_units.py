"""Money is exact, and secrets stay secret wherever they are printed."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.units import Currency, KeyBytes, Money, Pan, PinBlock, Secret, Stan, Track2

CNY = Currency("CNY", 156, 2)
JPY = Currency("JPY", 392, 0)
BHD = Currency("BHD", 48, 3)


@pytest.mark.parametrize(
    ("money", "shown"),
    [
        (Money(0, CNY), "0.00"),
        (Money(5, CNY), "0.05"),
        (Money(123_456_789, CNY), "1,234,567.89"),
        (Money(1_500, JPY), "1,500"),
        (Money(1_500, BHD), "1.500"),
    ],
)
def test_decimal_any_currency_has_its_exponent(money: Money, shown: str) -> None:
    assert money.decimal() == shown
    assert str(money) == f"{money.currency.code} {shown}"


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_decimal_reads_back_and_sums_are_exact(one: int, other: int) -> None:
    total = Money(one, CNY) + Money(other, CNY)
    assert int(total.decimal().replace(",", "").replace(".", "")) == one + other
    assert total - Money(other, CNY) == Money(one, CNY)


def test_money_mixed_currencies_or_below_zero_is_refused() -> None:
    for wrong in (
        lambda: Money(1, CNY) + Money(1, JPY),
        lambda: Money(1, CNY) - Money(2, CNY),
        lambda: Money(1, CNY) < Money(1, JPY),
        lambda: Money(-1, CNY),
        lambda: Money(True, CNY),
        lambda: Currency("cny", 156, 2),
        lambda: Currency("CNY", 0, 2),
        lambda: Currency("CNY", 156, 5),
    ):
        with pytest.raises(ValueError, match=r"must|cannot"):
            wrong()


def test_stan_after_the_last_begins_again() -> None:
    assert Stan(999_999).next() == Stan(1)
    assert str(Stan(7).next()) == "000008"
    with pytest.raises(ValueError, match="trace number"):
        Stan(0)


SECRETS = [
    (Pan("6222021234567890123"), "6222021234567890123"),
    (Track2("6222021234567890=30121010000012300000"), "6222021234567890"),
    (PinBlock(b"\x31\x32\x33\x34\x35\x36\x37\x38"), "12345678"),
    (KeyBytes(b"sixteen byte key"), "sixteen byte key"),
]


@pytest.mark.parametrize(("secret", "clear"), SECRETS, ids=lambda value: type(value).__name__)
def test_secret_printed_in_any_way_is_masked(secret: Secret, clear: str) -> None:
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>60}", f"{[secret]}", "{}".format(secret)]  # noqa: UP032 - each way of printing is tried
    shown.append(json.dumps({"secret": secret}, default=str))
    assert all(clear not in text for text in shown)
    assert all("*" in text for text in shown)


@pytest.mark.parametrize(("secret", "clear"), SECRETS, ids=lambda value: type(value).__name__)
def test_secret_cannot_be_pickled_or_copied(secret: Secret, clear: str) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)
    assert clear not in str(secret)


def test_pan_masked_keeps_first_six_and_last_four() -> None:
    assert Pan("6222021234567890123").masked() == "622202*********0123"


@pytest.mark.parametrize("wrong", ["", "12345678901", "1" * 20, "62220212345678x", "６２２２０２１２３４５６"])
def test_pan_malformed_is_refused_without_its_digits(wrong: str) -> None:
    with pytest.raises(ValueError, match="12 to 19 digits") as caught:
        Pan(wrong)
    assert not wrong or wrong not in str(caught.value)


def test_secret_of_wrong_length_is_refused() -> None:
    for make in (lambda: Track2("1" * 38), lambda: PinBlock(b"1234"), lambda: KeyBytes(b""), lambda: Track2("")):
        with pytest.raises(ValueError, match=r"track|PIN block|empty"):
            make()
