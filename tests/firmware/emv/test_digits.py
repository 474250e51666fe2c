"""Digits of cards are read strictly, and what is no digit is the card's fault."""

from __future__ import annotations

import pytest

from firmware.emv.digits import compressed, numeric
from firmware.emv.errors import CardDataError


@pytest.mark.parametrize(
    ("value", "count", "digits"), [("260331", 6, "260331"), ("0156", 3, "156"), ("00", 2, "00"), ("0999", 3, "999")]
)
def test_numeric_of_right_length_read(value: str, count: int, digits: str) -> None:
    assert numeric(bytes.fromhex(value), count, place="record", tag=0x5F24) == digits


@pytest.mark.parametrize(
    ("value", "count"), [("", 2), ("2603", 6), ("26033100", 6), ("1156", 3), ("26033A", 6), ("F156", 3), ("00FF", 3)]
)
def test_numeric_malformed_refused(value: str, count: int) -> None:
    with pytest.raises(CardDataError, match=r"record: not a number of \d digits \(tag 5F24\)"):
        numeric(bytes.fromhex(value), count, place="record", tag=0x5F24)


@pytest.mark.parametrize(("value", "digits"), [("6212345678901234", "6212345678901234"), ("621234567FFF", "621234567")])
def test_compressed_with_padding_read(value: str, digits: str) -> None:
    assert compressed(bytes.fromhex(value), place="record", tag=0x5A) == digits


@pytest.mark.parametrize("value", ["", "FFFF", "62F234", "6212A4"])
def test_compressed_malformed_refused(value: str) -> None:
    with pytest.raises(CardDataError, match="record: not digits padded with F"):
        compressed(bytes.fromhex(value), place="record", tag=0x5A)
