"""The terminal's own parameters in field 62: names of two digits, each with a value of its own length."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.host.errors import BadAnswer
from firmware.host.terminal_parameters import (
    SWITCHED,
    TerminalParameters,
    read_parameters,
    status_text,
    values_by_name,
)
from firmware.host.values import Transaction

NAME = "新果园".encode("gbk").ljust(40)
WHOLE = b"1111" + b"1260" + b"133" + b"14" + b"021-55555555  " + b"180" + b"1900" + b"201" + b"211" + b"22" + NAME
WHOLE += b"232" + b"25E4" + b"26FF000000" + b"272"

BOTH, CARD, PIN = frozenset({"card", "pin"}), frozenset({"card"}), frozenset({"pin"})
AGAIN = {"void": BOTH, "completion_void": CARD, "preauth_void": PIN, "completion": frozenset[str]()}


def test_a_whole_download_is_read() -> None:
    assert read_parameters(WHOLE, "gbk") == TerminalParameters(60, 2, True, True, "新果园", SWITCHED, AGAIN)


def test_what_does_not_come_is_none() -> None:
    assert read_parameters(b"", "gbk") == TerminalParameters()
    assert read_parameters(b"180", "gbk") == TerminalParameters()


def test_a_bit_stands_for_each_transaction() -> None:
    sale_and_refund = read_parameters(b"2605000000", "gbk").transactions
    assert sale_and_refund == frozenset({Transaction.SALE, Transaction.REFUND})
    assert read_parameters(b"2600FFFFFF", "gbk").transactions == frozenset()


def test_values_are_told_by_name_obeyed_or_not() -> None:
    assert values_by_name(b"1260180") == {"12": b"60", "18": b"0"}


@pytest.mark.parametrize(
    ("payload", "fact"),
    [
        (b"99", "parameter 99 is not known"),
        (b"1", "parameter 1 is not known"),
        (b"x1", "parameter 0x7831 is not known"),
        (b"12601260", "parameter 12 is not known here, or stands there twice"),
        (b"126", "parameter 12 is cut off"),
        (b"12x0", "parameter 12 is not a number"),
        (b"202", "parameter 20 is neither"),
        (b"26FFxx0000", "parameter 26 is not hexadecimal"),
        (b"26FF\xff00000", "parameter 26 is not hexadecimal"),
        (b"25x0", "parameter 25 is not hexadecimal"),
        (b"22" + b"\xff" * 40, "parameter 22 is not a text"),
    ],
)
def test_what_cannot_be_read_is_named(payload: bytes, fact: str) -> None:
    with pytest.raises(BadAnswer, match=fact):
        read_parameters(payload, "gbk")


def test_a_status_says_what_a_download_would_say() -> None:
    told = TerminalParameters(60, 2, keyed_cards=False, sign_off=True, transactions=SWITCHED - {Transaction.BALANCE})
    assert status_text(told) == b"1260" + b"200" + b"211" + b"232" + b"267F000000"
    assert read_parameters(status_text(told), "gbk") == told
    assert b"26" not in status_text(TerminalParameters(60, 3))[:2]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    with contextlib.suppress(BadAnswer):
        parameters = read_parameters(payload, "gbk")
        assert parameters.wait_s is None or 0 <= parameters.wait_s <= 99
