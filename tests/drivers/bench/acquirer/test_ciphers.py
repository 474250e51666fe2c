"""The acquirer's own sums against published answers, and against the terminal's, which share no code with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bench.acquirer import ciphers
from drivers.bench.acquirer.ciphers import WorkingKeys
from firmware.host.profile import MacVariant
from firmware.keys import macs
from firmware.keys.ciphers import Algorithm
from firmware.keys.pin_blocks import PinFormat, WorkingPinKey
from firmware.keys.tracks import encipher_track
from firmware.keys.usages import Key, Usage
from firmware.units import Pan, Track2
from tests.virtual_time import SeededEntropy

SINGLE = bytes.fromhex("0123456789ABCDEF")
DOUBLE = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PAN = "6224242900000113"
ALGORITHMS = {"des": Algorithm.DES, "tdes": Algorithm.TDES, "sm4": Algorithm.SM4}


def keys(name: str) -> WorkingKeys:
    key = SINGLE if name == "des" else DOUBLE
    return WorkingKeys(key, key, key, sm4=name == "sm4")


def test_sm4_gives_the_published_answer() -> None:
    found = ciphers.encipher(DOUBLE, DOUBLE, sm4=True)

    assert found.hex().upper() == "681EDF34D206965E86B3E94F536E4246"
    assert ciphers.decipher(DOUBLE, found, sm4=True) == DOUBLE


def test_mac_of_unionpay_gives_the_known_answer() -> None:
    assert ciphers.mac_of(MacVariant.CUP_ECB, keys("des"), bytes(range(250))) == b"083A39FF"


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        (MacVariant.CUP_ECB, "des"), (MacVariant.CUP_ECB, "tdes"), (MacVariant.CUP_ECB, "sm4"),
        (MacVariant.X9_19, "tdes"), (MacVariant.X9_9, "des"), (MacVariant.X9_9, "tdes"), (MacVariant.CMAC, "tdes"),
    ],
)  # fmt: skip
@given(data=st.binary(min_size=1, max_size=100))
def test_macs_agree_with_the_terminals(variant: MacVariant, name: str, data: bytes) -> None:
    key = Key(Usage.MAC, ALGORITHMS[name], keys(name).mac)

    theirs = macs.make_mac(macs.MacVariant(variant), key, data)

    assert ciphers.mac_of(variant, keys(name), data) == theirs
    assert ciphers.mac_matches(variant, keys(name), data, theirs)
    assert not ciphers.mac_matches(variant, keys(name), data + b"\1", theirs)


@pytest.mark.parametrize(
    ("name", "pin_format"),
    [("des", PinFormat.ISO0), ("tdes", PinFormat.ISO0), ("tdes", PinFormat.ISO3), ("sm4", PinFormat.ISO0)],
)
@given(pin=st.from_regex(r"[0-9]{4,12}", fullmatch=True))
def test_pin_block_of_the_terminal_is_read_for_its_card_alone(name: str, pin_format: PinFormat, pin: str) -> None:
    key = WorkingPinKey(Key(Usage.PIN, ALGORITHMS[name], keys(name).pin), pin_format, SeededEntropy())

    block = key.encipher(bytearray(pin.encode()), Pan(PAN)).reveal()

    assert ciphers.pin_of(block, PAN, keys(name)) == pin
    assert ciphers.pin_of(block, "6250947010000011", keys(name)) != pin


@pytest.mark.parametrize("block", [b"", bytes(8), bytes(16), b"\xff" * 8])
def test_what_is_no_pin_block_has_no_pin(block: bytes) -> None:
    assert ciphers.pin_of(block, PAN, keys("tdes")) is None


@pytest.mark.parametrize("name", ["tdes", "sm4"])
@pytest.mark.parametrize("track", [f"{PAN}D28062013949031013", f"{PAN}D2806201394903101"])
def test_enciphered_track_is_read(name: str, track: str) -> None:
    key = Key(Usage.TRACK, ALGORITHMS[name], keys(name).track)

    enciphered = encipher_track(key, Track2(track)).reveal()

    assert enciphered != track
    assert ciphers.clear_track(enciphered, keys(name)) == track


def test_track_too_short_to_be_enciphered_stays() -> None:
    assert ciphers.clear_track("1234D", keys("tdes")) == "1234D"
