"""Field 62 of a sign-on: every legal length, every wrong one, and that one wrong key rejects all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.keys.ciphers import Algorithm
from firmware.keys.errors import BadKey, CheckValueWrong, KeyMisused
from firmware.keys.usages import Key, Usage
from firmware.keys.working_keys import SCHEMES, unwrap_working_keys
from tests.firmware.keys.samples import MAC, MASTER, PIN, SIGN_ON_003, SIGN_ON_004, TRACK, master, wrapped

TRIPLE = bytes(range(1, 25))
SM4_MASTER = bytes(range(16))


def sm4(clear: bytes) -> bytes:
    return wrapped(clear, under=SM4_MASTER, algorithm=Algorithm.SM4)


def single(clear: bytes) -> bytes:
    return wrapped(clear, 8)


@pytest.mark.parametrize(
    ("scheme", "block", "keys"),
    [
        ("001", single(PIN[:8]) + single(MAC), {Usage.PIN: PIN[:8], Usage.MAC: MAC}),
        ("003", SIGN_ON_003, {Usage.PIN: PIN, Usage.MAC: MAC}),
        ("003", wrapped(PIN) + wrapped(TRACK), {Usage.PIN: PIN, Usage.MAC: TRACK}),
        ("003", wrapped(TRIPLE, 24) + wrapped(MAC, 24), {Usage.PIN: TRIPLE, Usage.MAC: MAC}),
        ("004", SIGN_ON_004, {Usage.PIN: PIN, Usage.MAC: MAC, Usage.TRACK: TRACK}),
        (
            "004",
            wrapped(TRIPLE, 24) + wrapped(MAC, 24) + wrapped(TRIPLE, 24),
            {Usage.PIN: TRIPLE, Usage.MAC: MAC, Usage.TRACK: TRIPLE},
        ),
    ],
    ids=["24", "40", "40-double-mac", "56", "60", "84"],
)
def test_working_keys_of_each_length_are_those_that_were_wrapped(
    scheme: str, block: bytes, keys: dict[Usage, bytes]
) -> None:
    unwrapped = unwrap_working_keys(master(), block, scheme)
    assert {usage: bytes(key.clear_for_storage()) for usage, key in unwrapped.items()} == keys
    assert all(key.usage is usage for usage, key in unwrapped.items())


def test_working_keys_of_8_bytes_come_under_a_master_key_of_8_bytes() -> None:
    under = PIN[:8]
    block = wrapped(MAC, 8, under=under, algorithm=Algorithm.DES) + wrapped(
        TRACK[:8], 8, under=under, algorithm=Algorithm.DES
    )
    keys = unwrap_working_keys(Key(Usage.MASTER, Algorithm.DES, under), block, "001")
    assert keys[Usage.MAC].clear_for_storage() == TRACK[:8]


@pytest.mark.parametrize("count", [2, 3])
def test_working_keys_of_sm4_are_unwrapped_and_keep_their_algorithm(count: int) -> None:
    block = b"".join([sm4(PIN), sm4(TRACK), sm4(MASTER)][:count])
    keys = unwrap_working_keys(Key(Usage.MASTER, Algorithm.SM4, SM4_MASTER), block, "006")
    assert [key.algorithm for key in keys.values()] == [Algorithm.SM4] * count
    assert keys[Usage.MAC].clear_for_storage() == TRACK


@pytest.mark.parametrize("wrong", range(3))
def test_one_wrong_check_value_rejects_all(wrong: int) -> None:
    block = bytearray(SIGN_ON_004)
    block[20 * wrong + 19] ^= 1
    with pytest.raises(CheckValueWrong):
        unwrap_working_keys(master(), bytes(block), "004")


def test_working_keys_under_another_master_key_are_rejected() -> None:
    with pytest.raises(CheckValueWrong):
        unwrap_working_keys(master(TRACK), SIGN_ON_003, "003")


@pytest.mark.parametrize(
    ("scheme", "block"),
    [("003", SIGN_ON_004), ("004", SIGN_ON_003), ("001", b""), ("003", SIGN_ON_003[:-1]), ("002", SIGN_ON_003)],
)
def test_working_keys_of_another_length_or_scheme_are_rejected(scheme: str, block: bytes) -> None:
    with pytest.raises(BadKey):
        unwrap_working_keys(master(), block, scheme)


def test_working_keys_of_another_family_than_the_master_key_are_rejected() -> None:
    with pytest.raises(BadKey):
        unwrap_working_keys(master(), sm4(PIN) + sm4(TRACK), "006")


@pytest.mark.parametrize("usage", [usage for usage in Usage if usage is not Usage.MASTER])
def test_working_keys_under_a_key_that_is_no_master_key_are_refused(usage: Usage) -> None:
    with pytest.raises(KeyMisused):
        unwrap_working_keys(Key(usage, Algorithm.TDES, MASTER), SIGN_ON_003, "003")


@given(block=st.binary(max_size=100), scheme=st.sampled_from([*SCHEMES, "", "9"]))
def test_any_bytes_are_refused_with_an_error_of_keys(block: bytes, scheme: str) -> None:
    with pytest.raises(BadKey):
        unwrap_working_keys(master(), block, scheme)


@given(block=st.sampled_from([24, 40, 56, 60, 84]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
@pytest.mark.parametrize("scheme", SCHEMES)
def test_bytes_of_a_legal_length_are_refused_by_their_check_values(block: bytes, scheme: str) -> None:
    with pytest.raises(BadKey):
        unwrap_working_keys(master(), block, scheme)
