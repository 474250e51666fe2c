"""The cards' cryptography against answers that others published.

Every value comes from the tests and examples of pyemv (github.com/knovichikhin/pyemv: tests/test_ac_hsm.py,
tests/test_kd_hsm.py, tests/test_sm_hsm.py, tests/test_cvn_hsm.py, pyemv/kd.py), whose authors took them from a hardware
security module. Check values of keys stand for the keys, since DES ignores their parity bits.
"""

from __future__ import annotations

import pytest

from drivers.bench.cards import cryptograms, des
from drivers.bench.cards.cryptograms import CardKeys, CryptogramVersion

ISSUER = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
# 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 82 9F36 of pyemv's tests of both versions
TRANSACTION = bytes.fromhex("0000000040000000000000000124800004800001241911050152BF45851800001C")


def check_value(key: bytes) -> str:
    return des.encipher(key, bytes(8)).hex().upper()[:4]


@pytest.mark.parametrize(
    ("pan", "psn", "expected"),
    [
        ("9901234567890123", 45, "1DA5"),
        ("12345678901234567", 45, "FF08"),
        ("1234567890123456", 1, "0239"),
        ("1234567890123456", 0, "BAB0"),
    ],
)
def test_card_key_option_a_as_published(pan: str, psn: int, expected: str) -> None:
    assert check_value(cryptograms.derive_card_key(ISSUER, pan, psn)) == expected


@pytest.mark.parametrize(
    ("pan", "psn", "diversifier", "expected"),
    [
        ("9901234567890123", 45, "1234567890123456", "0995"),
        ("12345678901234567", 45, "1234567890123456", "DF82"),
        ("1234567890123456", 1, "ABCDEF1234567890", "F088"),
        ("1234567890123456", 0, "001C", "22C8"),
    ],
)
def test_common_session_key_as_published(pan: str, psn: int, diversifier: str, expected: str) -> None:
    card_key = cryptograms.derive_card_key(ISSUER, pan, psn)

    assert check_value(cryptograms.session_key(card_key, bytes.fromhex(diversifier))) == expected


@pytest.mark.parametrize(
    ("version", "data", "expected"),
    [
        (CryptogramVersion.CVN18, "0123456789ABCDEF0123456789ABCDEF", "4B46013359B7A58B"),
        (CryptogramVersion.CVN10, "0123456789ABCDEF0123456789ABCDEF01", "2E141C6BC4A20DA8"),
        (CryptogramVersion.CVN10, "0123456789ABCDEF0123456789ABCDEF", "922F3E83125EB46B"),
    ],
)
def test_application_cryptogram_as_published(version: CryptogramVersion, data: str, expected: str) -> None:
    card_key = cryptograms.derive_card_key(ISSUER, "9901234567890123", 45)
    key = cryptograms.session_key(card_key, bytes.fromhex("1234567890123456"))

    assert cryptograms.application_cryptogram(version, key, bytes.fromhex(data)).hex().upper() == expected


@pytest.mark.parametrize(
    ("version", "issuer_data", "arqc"),
    [
        (CryptogramVersion.CVN10, "03A06010", "29CCA15AE665FA2E"),
        (CryptogramVersion.CVN18, "06011203A0B800", "7A788EA6B8A3E733"),
    ],
)
def test_arqc_of_whole_transaction_as_published(version: CryptogramVersion, issuer_data: str, arqc: str) -> None:
    card_key = cryptograms.derive_card_key(ISSUER, "1234567890123456", 0)
    key = cryptograms.cryptogram_key(version, card_key, 0x1C)

    made = cryptograms.application_cryptogram(version, key, TRANSACTION + bytes.fromhex(issuer_data))

    assert made.hex().upper() == arqc


def test_arpc_method_1_as_published() -> None:
    key = cryptograms.derive_card_key(ISSUER, "1234567890123456", 0)

    made = cryptograms.arpc_method_1(key, bytes.fromhex("29CCA15AE665FA2E"), b"00")

    assert made.hex().upper() == "28993816AFAE4AEB"


@pytest.mark.parametrize(("proprietary", "expected"), [("1234567890ABCDEF", "4962B76C"), ("", "7DFB1188")])
def test_arpc_method_2_as_published(proprietary: str, expected: str) -> None:
    card_key = cryptograms.derive_card_key(ISSUER, "9901234567890123", 45)
    key = cryptograms.session_key(card_key, bytes.fromhex("1234567890123456"))

    made = cryptograms.arpc_method_2(key, bytes.fromhex("4B46013359B7A58B"), bytes(4), bytes.fromhex(proprietary))

    assert made.hex().upper() == expected


def test_script_mac_over_header_atc_and_cryptogram_as_published() -> None:
    # A header alone, as published, has no ATC and cryptogram between: the parts below put it together.
    card_key = cryptograms.derive_card_key(ISSUER, "1234567890123456", 1)
    key = cryptograms.session_key(card_key, bytes.fromhex("ABCDEF1234567890"))

    assert des.mac(key, des.pad_marked(bytes.fromhex("8424000008"))).hex().upper() == "CF323F09A0F6AB9E"


def test_pin_for_script_enciphered_as_published() -> None:
    issuer_key = bytes.fromhex("11111111111111112222222222222222")
    card_key = cryptograms.derive_card_key(issuer_key, "1234567890123456", 1)
    keys = CardKeys(bytes(16), bytes(16), card_key)
    cryptogram = bytes.fromhex("ABCDEF1234567890")

    hidden = cryptograms.encipher_script_data(keys, cryptogram, cryptograms.pin_block("9999"))

    assert hidden.hex().upper() == "28367E05DE3381C29D30A6055A8DEB86"
    assert cryptograms.decipher_script_data(keys, cryptogram, hidden) == bytes.fromhex("249999FFFFFFFFFF")


@pytest.mark.parametrize(("pin", "block"), [("9999", "249999FFFFFFFFFF"), ("999999999999", "2C999999999999FF")])
def test_pin_block_format_2_as_published(pin: str, block: str) -> None:
    assert cryptograms.pin_block(pin).hex().upper() == block
