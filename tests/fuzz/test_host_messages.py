"""Any change of an answer is read or refused, in bounded time, and with no other error."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.host_messages import ANSWERS, changed, fuzz_one


@pytest.mark.parametrize("which", range(len(ANSWERS)))
def test_fuzz_one_with_nothing_changed_is_the_good_answer(which: int) -> None:
    answer = fuzz_one(bytes([which]))

    assert answer is not None
    assert answer.approved


@pytest.mark.parametrize("what", range(4))
def test_a_change_changes_the_frame(what: int) -> None:
    assert changed(b"\x11\x22\x33", bytes([what, 0, 1, 0x4F])) != b"\x11\x22\x33"
    assert changed(b"\x11\x22\x33", b"") == b"\x11\x22\x33"


@given(st.binary(max_size=65))
@settings(max_examples=500)
def test_fuzz_one_with_any_bytes_ends(data: bytes) -> None:
    assert fuzz_one(data) is None or fuzz_one(data) == fuzz_one(data)


@pytest.mark.parametrize("seed", range(100))
def test_fuzz_one_with_noise_ends(seed: int) -> None:
    noise = random.Random(seed)
    for _ in range(20):
        data = noise.randbytes(noise.randint(1, 40))
        assert fuzz_one(data) == fuzz_one(data)
