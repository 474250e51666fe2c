"""Any bytes from card and issuer, at any command, end in an outcome and within the limit of commands."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.outcome import Verdict
from tests.fuzz.emv_kernel import CARDS, GOOD, fuzz_one


def test_fuzz_one_with_nothing_changed_is_the_good_transaction() -> None:
    assert fuzz_one(b"").verdict is Verdict.APPROVED


@pytest.mark.rule(28)
@pytest.mark.parametrize("fault", [0, 1, 2])
@pytest.mark.parametrize("at", range(len(GOOD)))
def test_fuzz_one_with_a_fault_at_any_command_ends(at: int, fault: int) -> None:
    outcome = fuzz_one(bytes(2 + at) + bytes([7, fault]))

    lost = Verdict.CARD_REMOVED if fault == 0 else Verdict.CARD_ERROR
    assert outcome.verdict is (lost if at < 10 else Verdict.APPROVED)


@given(st.binary(max_size=400))
@settings(max_examples=400, deadline=None)
def test_fuzz_one_with_any_bytes_ends_in_an_outcome(data: bytes) -> None:
    assert fuzz_one(data).verdict in Verdict


@given(st.integers(0, len(CARDS)), st.integers(0, len(GOOD)), st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_fuzz_one_with_bad_bytes_deep_in_a_good_transaction_ends_in_an_outcome(card: int, at: int, data: bytes) -> None:
    assert fuzz_one(bytes([0, card]) + bytes(at) + data).verdict in Verdict


@pytest.mark.parametrize("seed", range(20))
def test_fuzz_one_with_noise_ends_in_an_outcome(seed: int) -> None:
    noise = random.Random(seed).randbytes(2_000)

    assert fuzz_one(noise).verdict in Verdict
