"""Totals, flags and records of the batch upload."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.host.errors import BadAnswer
from firmware.host.settlement import (
    AMOUNT_MAX,
    COUNT_MAX,
    Side,
    StripeRecord,
    Totals,
    Verdict,
    chip_approved,
    chip_declined,
    parse_totals,
    settled,
    stripe_list,
    totals_text,
    upload_end,
    upload_kinds,
)
from firmware.host.values import UploadKind
from firmware.units import Money, Pan, Stan
from tests.firmware.host.questions import CNY, PAN, TOTALS

_AMOUNTS = st.integers(0, AMOUNT_MAX)
_COUNTS = st.integers(0, COUNT_MAX)
_SIDES = st.builds(Side, _AMOUNTS, _COUNTS, _AMOUNTS, _COUNTS)


def test_totals_are_62_digits() -> None:
    assert totals_text(TOTALS) == (b"0000012345000120000000456000030" + b"0" * 31)


@given(st.builds(Totals, _SIDES, _SIDES))
def test_totals_that_are_written_are_read(totals: Totals) -> None:
    assert parse_totals(totals_text(totals).decode()) == totals


@pytest.mark.parametrize("text", ["", "0" * 61, "0" * 63, "0" * 61 + "A", "0" * 61 + "\u0663"])
def test_totals_that_are_not_62_digits_are_refused(text: str) -> None:
    with pytest.raises(BadAnswer):
        parse_totals(text)


@pytest.mark.parametrize(
    "side", [(AMOUNT_MAX + 1, 0, 0, 0), (0, 1_000, 0, 0), (0, 0, AMOUNT_MAX + 1, 0), (0, 0, 0, 1_000)]
)
def test_totals_beyond_their_digits_are_refused(side: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="settle before"):
        Side(*side)


@pytest.mark.parametrize(
    ("flags", "balanced"), [("11", True), ("12", False), ("21", False), ("22", False), ("31", False)]
)
def test_a_batch_balances_where_both_sides_do(flags: str, *, balanced: bool) -> None:
    result = settled(totals_text(TOTALS, flags))
    assert result.balanced == balanced
    assert result.domestic is Verdict(flags[0])
    assert result.totals == TOTALS


@pytest.mark.parametrize("flags", ["00", "10", "41", "19"])
def test_a_flag_that_is_unknown_is_refused(flags: str) -> None:
    with pytest.raises(BadAnswer, match="flags"):
        settled(totals_text(TOTALS, flags))


def test_a_balanced_batch_uploads_the_chips_only() -> None:
    assert upload_kinds(balanced=False) == tuple(UploadKind)
    assert upload_kinds(balanced=True) == (UploadKind.CHIP_APPROVED, UploadKind.CHIP_DECLINED, UploadKind.END)


def test_stripe_records_have_forty_digits_behind_their_number() -> None:
    records = [
        StripeRecord(Stan(7), Pan(PAN), Money(12_345, CNY)),
        StripeRecord(Stan(999_999), Pan("4" * 19), Money(1, CNY), foreign=True),
    ]
    text = stripe_list(records)
    assert text == b"020000000700006224242900000113000000012345019999990" + b"4" * 19 + b"000000000001"
    assert len(text) == 82
    assert PAN not in repr(records)


@pytest.mark.parametrize("count", [0, 9])
def test_a_list_of_no_or_of_more_than_eight_records_is_a_fault_of_the_program(count: int) -> None:
    with pytest.raises(AssertionError):
        stripe_list([StripeRecord(Stan(1), Pan(PAN), Money(1, CNY))] * count)


def test_the_texts_of_chip_records_and_of_the_end() -> None:
    amount = Money(12_345, CNY)
    assert chip_approved(amount) == b"610000000000012345156"
    assert chip_approved(amount, foreign=True) == b"610100000000012345156"
    assert chip_declined(amount) == b"71000500000001234515622"
    assert upload_end(17) == b"0017"
    with pytest.raises(AssertionError):
        upload_end(10_000)
