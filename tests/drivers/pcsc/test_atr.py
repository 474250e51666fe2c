"""The answer to reset is read by ISO/IEC 7816-3, and anything else is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.pcsc.atr import Atr, BadAtr, parse_atr


def test_atr_with_nothing_more_offers_t0() -> None:
    assert parse_atr(bytes.fromhex("3B00")) == Atr(inverse=False, protocols=(0,), historical=b"")


def test_atr_of_t0_keeps_historical_bytes_and_needs_no_check_byte() -> None:
    assert parse_atr(bytes.fromhex("3F6200000102")) == Atr(inverse=True, protocols=(0,), historical=b"\x01\x02")


def test_atr_of_both_protocols_lists_them_in_the_cards_order() -> None:
    # T0 = 81: TD1 = 80 (T=0), TD2 = 01 (T=1), one historical byte 20, TCK.
    assert parse_atr(bytes.fromhex("3B8180012020")).protocols == (0, 1)


def test_atr_with_t15_does_not_offer_it_as_a_protocol() -> None:
    # TD1 = 80 (T=0), TD2 = 1F (T=15, TA3 follows), TA3 = 03, TCK.
    assert parse_atr(bytes.fromhex("3B80801F031C")).protocols == (0,)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("3B", "bytes, not 2"),
        ("3B" + "00" * 33, "bytes, not 2"),
        ("3A00", "convention"),
        ("3BF0", "interface bytes"),
        ("3B0200", "as long as"),
        ("3B0000", "as long as"),
        ("3B8001", "as long as"),
        ("3B800180", "check byte"),
    ],
)
def test_atr_that_breaks_a_rule_is_refused_by_that_rule(data: str, rule: str) -> None:
    with pytest.raises(BadAtr, match=rule):
        parse_atr(bytes.fromhex(data))


@given(st.binary(max_size=40))
def test_atr_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadAtr):
        assert len(parse_atr(b"\x3b" + data).historical) == data[0] & 0x0F
