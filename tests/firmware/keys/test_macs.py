"""Message authentication codes against published examples, another implementation and their own rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.keys.ciphers import Algorithm, encipher
from firmware.keys.errors import KeyMisused
from firmware.keys.macs import MacVariant, mac_matches, make_mac
from firmware.keys.usages import Key, Operation, Usage
from tests.firmware.keys.oracles import psec_retail_mac

SINGLE = bytes.fromhex("0123456789ABCDEF")
DOUBLE = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def mac_key(clear: bytes, algorithm: Algorithm) -> Key:
    return Key(Usage.MAC, algorithm, clear)


def test_cup_mac_with_a_single_key_is_the_check_value_of_the_dialect() -> None:
    mac = make_mac(MacVariant.CUP_ECB, mac_key(SINGLE, Algorithm.DES), bytes(range(250)))
    assert mac == b"083A39FF"


def test_cup_mac_with_sm4_has_blocks_of_sixteen_bytes() -> None:
    # By hand: one block of data, its digits enciphered in two steps.
    data = bytes(range(16))
    digits = data.hex().upper().encode()
    first = encipher(Algorithm.SM4, DOUBLE, digits[:16])
    second = encipher(Algorithm.SM4, DOUBLE, bytes(a ^ b for a, b in zip(first, digits[16:], strict=True)))
    mac = make_mac(MacVariant.CUP_ECB, mac_key(DOUBLE, Algorithm.SM4), data)
    assert mac == second.hex().upper()[:8].encode()


def test_x9_9_mac_of_fips_113_is_its_example() -> None:
    # FIPS PUB 113 (1985), appendix 2: key 0123456789ABCDEF, "7654321 Now is the time for " -> F1D30F6849312CA4.
    mac = make_mac(MacVariant.X9_9, mac_key(SINGLE, Algorithm.DES), b"7654321 Now is the time for ")
    assert mac.hex().upper() == "F1D30F6849312CA4"


def test_x9_19_mac_of_iso_9797_1_is_its_example() -> None:
    # ISO/IEC 9797-1:1999 B.3, algorithm 3 with padding 1: A1C72E74EA3FA9B6.
    mac = make_mac(MacVariant.X9_19, mac_key(DOUBLE, Algorithm.TDES), b"Now is the time for all ")
    assert mac.hex().upper() == "A1C72E74EA3FA9B6"


@given(data=st.binary(max_size=300))
def test_x9_19_mac_is_that_of_another_implementation(data: bytes) -> None:
    mac = make_mac(MacVariant.X9_19, mac_key(DOUBLE, Algorithm.TDES), data)
    assert mac == psec_retail_mac(DOUBLE, data)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "BB1D6929E9593728"),
        ("6BC1BEE22E409F96E93D7E117393172A", "070A16B46B4D4144"),
        ("6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411", "DFA66747DE9AE630"),
    ],
)
def test_cmac_with_aes_is_that_of_rfc_4493_cut_to_eight_bytes(message: str, code: str) -> None:
    key = mac_key(bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C"), Algorithm.AES)
    assert make_mac(MacVariant.CMAC, key, bytes.fromhex(message)).hex().upper() == code


def test_cmac_with_tdes_is_that_of_sp_800_38b() -> None:
    # NIST SP 800-38B appendix D.4, three-key TDES, message of 8 bytes.
    key = mac_key(bytes.fromhex("8AA83BF8CBDA10620BC1BF19FBB6CD58BC313D4A371CA8B5"), Algorithm.TDES)
    assert make_mac(MacVariant.CMAC, key, bytes.fromhex("6BC1BEE22E409F96")).hex().upper() == "8E8F293136283797"


@given(data=st.binary(max_size=100), variant=st.sampled_from([MacVariant.CUP_ECB, MacVariant.X9_19, MacVariant.X9_9]))
def test_zeros_behind_the_data_change_no_mac_but_one_bit_does(data: bytes, variant: MacVariant) -> None:
    key = mac_key(DOUBLE, Algorithm.TDES)
    mac = make_mac(variant, key, data)
    assert len(mac) == 8
    assert make_mac(variant, key, data.ljust(-(-max(1, len(data)) // 8) * 8, b"\0")) == mac
    changed = bytes([(data or b"\0")[0] ^ 1]) + data[1:]
    assert mac_matches(variant, key, data, mac)
    assert not mac_matches(variant, key, changed, mac)


@pytest.mark.parametrize("mac", [b"", b"083A39F", b"083A39FF0", b"083A39FE"])
def test_mac_of_another_length_or_value_does_not_match(mac: bytes) -> None:
    assert not mac_matches(MacVariant.CUP_ECB, mac_key(SINGLE, Algorithm.DES), bytes(range(250)), mac)


@pytest.mark.parametrize(("algorithm", "length"), [(Algorithm.DES, 8), (Algorithm.TDES, 24), (Algorithm.AES, 16)])
def test_retail_mac_with_a_key_that_has_no_two_halves_is_refused(algorithm: Algorithm, length: int) -> None:
    with pytest.raises(KeyMisused):
        make_mac(MacVariant.X9_19, mac_key(bytes(range(length)), algorithm), b"data")


def test_key_that_may_only_check_makes_no_mac() -> None:
    key = Key(Usage.MAC, Algorithm.TDES, DOUBLE, frozenset({Operation.CHECK_MAC}))
    assert not mac_matches(MacVariant.X9_9, key, b"data", bytes(8))
    with pytest.raises(KeyMisused):
        make_mac(MacVariant.X9_9, key, b"data")
