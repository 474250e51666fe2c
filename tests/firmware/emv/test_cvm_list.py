"""The CVM list's own rules: its bytes, every code, every condition, what a terminal needs for each method."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.bits import Capabilities
from firmware.emv.cvm_list import (
    Condition,
    CvmContext,
    CvmList,
    CvmRule,
    Method,
    condition_holds,
    is_supported,
    parse_cvm_list,
)
from firmware.emv.errors import CardDataError

CODES = {
    0x00: Method.FAIL,
    0x01: Method.PLAINTEXT_PIN,
    0x02: Method.ONLINE_PIN,
    0x03: Method.PLAINTEXT_PIN_AND_SIGNATURE,
    0x04: Method.ENCIPHERED_PIN,
    0x05: Method.ENCIPHERED_PIN_AND_SIGNATURE,
    0x1E: Method.SIGNATURE,
    0x1F: Method.NO_CVM,
}
ALL = Capabilities(0x00F8C8)
EMPTY = CvmList(1_000, 2_000, ())
PURCHASE = CvmContext(ALL, 1_500, in_application_currency=True)
MACHINE = replace(PURCHASE, unattended_cash=True)
COUNTER = replace(PURCHASE, manual_cash=True)
WITH_CASHBACK = replace(PURCHASE, cashback=True)
OTHER_CURRENCY = replace(PURCHASE, in_application_currency=False)


def test_list_of_bytes_read_as_amounts_and_rules() -> None:
    value = bytes.fromhex("000003E8 000007D0 4203 1E03 1F00")

    assert parse_cvm_list(value) == CvmList(1_000, 2_000, (CvmRule(0x42, 3), CvmRule(0x1E, 3), CvmRule(0x1F, 0)))


def test_list_without_rules_read_as_such() -> None:
    assert parse_cvm_list(bytes(8)) == CvmList(0, 0, ())


@pytest.mark.parametrize("length", [0, 1, 2, 7, 9, 11, 251])
def test_list_of_wrong_length_refused(length: int) -> None:
    with pytest.raises(CardDataError, match=r"CVM list: the CVM list has the wrong length \(tag 8E\)"):
        parse_cvm_list(bytes(length))


@settings(deadline=None)
@given(st.binary(max_size=260))
def test_list_of_any_bytes_refused_or_read_whole(value: bytes) -> None:
    try:
        read = parse_cvm_list(value)
    except CardDataError:
        assert len(value) < 8 or len(value) % 2
        return

    written = b"".join(bytes([rule.code, rule.condition]) for rule in read.rules)
    assert read.amount_x.to_bytes(4, "big") + read.amount_y.to_bytes(4, "big") + written == value


@pytest.mark.rule(17)
@pytest.mark.parametrize("code", range(0x100))
def test_code_of_rule_is_method_or_unknown_whatever_b7_and_b8(code: int) -> None:
    assert CvmRule(code, 0).method == CODES.get(code & 0x3F)


@pytest.mark.rule(16, 17)
@pytest.mark.parametrize(
    ("code", "goes_on"),
    [(0x41, True), (0x01, False), (0x5F, True), (0x6A, True), (0x2A, False), (0x40, False), (0, False)],
)
def test_b7_of_code_lets_next_rule_be_tried_but_for_fail(code: int, goes_on: bool) -> None:
    assert CvmRule(code, 0).applies_succeeding is goes_on


@pytest.mark.rule(16, 17)
@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        (0x00, PURCHASE, True),
        (0x01, PURCHASE, False),
        (0x01, MACHINE, True),
        (0x01, COUNTER, False),
        (0x02, PURCHASE, True),
        (0x02, MACHINE, False),
        (0x02, COUNTER, False),
        (0x02, WITH_CASHBACK, False),
        (0x03, PURCHASE, True),
        (0x04, PURCHASE, False),
        (0x04, MACHINE, False),
        (0x04, COUNTER, True),
        (0x05, PURCHASE, False),
        (0x05, WITH_CASHBACK, True),
        # X is 1000, Y is 2000: strictly under, strictly over.
        *[(0x06, replace(PURCHASE, amount_minor=amount), amount < 1_000) for amount in (999, 1_000, 1_001)],
        *[(0x07, replace(PURCHASE, amount_minor=amount), amount > 1_000) for amount in (999, 1_000, 1_001)],
        *[(0x08, replace(PURCHASE, amount_minor=amount), amount < 2_000) for amount in (1_999, 2_000, 2_001)],
        *[(0x09, replace(PURCHASE, amount_minor=amount), amount > 2_000) for amount in (1_999, 2_000, 2_001)],
        *[
            (condition, replace(OTHER_CURRENCY, amount_minor=amount), False)
            for condition in (0x06, 0x07, 0x08, 0x09)
            for amount in (1, 1_500, 9_999)
        ],
        # Reserved, and those of payment systems that the terminal does not know.
        *[(condition, PURCHASE, False) for condition in (0x0A, 0x7F, 0x80, 0xFF)],
    ],
)
def test_condition_of_rule_holds_as_table_40_says(condition: int, context: CvmContext, holds: bool) -> None:
    assert condition_holds(CvmRule(0x1F, condition), EMPTY, context) is holds


@pytest.mark.rule(16)
@pytest.mark.parametrize(
    ("code", "capabilities", "supported"),
    [
        (0x00, Capabilities(0), True),
        (0x01, Capabilities.PLAINTEXT_PIN, True),
        (0x01, ALL & ~Capabilities.PLAINTEXT_PIN, False),
        (0x02, Capabilities.ONLINE_PIN, True),
        (0x02, ALL & ~Capabilities.ONLINE_PIN, False),
        (0x03, Capabilities.PLAINTEXT_PIN | Capabilities.SIGNATURE, True),
        (0x03, ALL & ~Capabilities.PLAINTEXT_PIN, False),
        (0x03, ALL & ~Capabilities.SIGNATURE, False),
        (0x04, Capabilities.ENCIPHERED_PIN, True),
        (0x04, ALL & ~Capabilities.ENCIPHERED_PIN, False),
        (0x05, Capabilities.ENCIPHERED_PIN | Capabilities.SIGNATURE, True),
        (0x05, ALL & ~Capabilities.ENCIPHERED_PIN, False),
        (0x05, ALL & ~Capabilities.SIGNATURE, False),
        (0x1E, Capabilities.SIGNATURE, True),
        (0x1E, ALL & ~Capabilities.SIGNATURE, False),
        (0x1F, Capabilities.NO_CVM, True),
        (0x1F, ALL & ~Capabilities.NO_CVM, False),
    ],
)
def test_method_needs_its_capabilities_both_for_a_combination(
    code: int, capabilities: Capabilities, supported: bool
) -> None:
    rule = CvmRule(code, Condition.METHOD_SUPPORTED)

    assert is_supported(Method(code), capabilities) is supported
    assert condition_holds(rule, EMPTY, replace(PURCHASE, capabilities=capabilities)) is supported


@pytest.mark.rule(16)
@pytest.mark.parametrize("code", [0x06, 0x1D, 0x20, 0x3F])
def test_condition_supported_with_unknown_code_never_holds(code: int) -> None:
    assert condition_holds(CvmRule(code, Condition.METHOD_SUPPORTED), EMPTY, PURCHASE) is False
