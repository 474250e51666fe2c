"""PIN blocks against published examples and another implementation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.keys.ciphers import Algorithm, check_value, decipher, encipher
from firmware.keys.errors import KeyMissing, KeyMisused
from firmware.keys.pin_blocks import PinFormat, WorkingPinKey, card_number_field
from firmware.keys.usages import Key, Usage
from firmware.units import Pan
from tests.firmware.keys.oracles import psec_pin_block_0, psec_pin_of_block_3, psec_pin_of_block_4
from tests.firmware.keys.samples import CountedEntropy

DOUBLE = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
AES = bytes.fromhex("C1D0F8FB4958670DBA40AB1F3752EF0D")
PINS = st.text("0123456789", min_size=4, max_size=12)
PANS = st.text("0123456789", min_size=13, max_size=19)


def pin_key(pin_format: PinFormat) -> WorkingPinKey:
    algorithm = Algorithm.AES if pin_format is PinFormat.ISO4 else Algorithm.TDES
    return WorkingPinKey(
        Key(Usage.PIN, algorithm, AES if pin_format is PinFormat.ISO4 else DOUBLE), pin_format, CountedEntropy()
    )


def clear_block(pin_format: PinFormat, pin: str, pan: str) -> bytes:
    block = pin_key(pin_format).encipher(bytearray(pin, "ascii"), Pan(pan))
    return decipher(Algorithm.TDES, DOUBLE, block.reveal())


def test_block_of_format_0_is_the_example_of_the_dialect() -> None:
    assert clear_block(PinFormat.ISO0, "1234", "6224242900000113").hex().upper() == "041276BD6FFFFFEE"


@given(pin=PINS, pan=PANS)
def test_block_of_format_0_is_that_of_another_implementation(pin: str, pan: str) -> None:
    assert clear_block(PinFormat.ISO0, pin, pan) == psec_pin_block_0(pin, pan)


@given(pin=PINS, pan=PANS)
def test_block_of_format_3_is_read_by_another_implementation(pin: str, pan: str) -> None:
    block = clear_block(PinFormat.ISO3, pin, pan)
    assert psec_pin_of_block_3(block, pan) == pin
    field = bytes(a ^ b for a, b in zip(block, card_number_field(Pan(pan)), strict=True)).hex().upper()
    assert field.startswith(f"3{len(pin):X}{pin}")
    assert set(field[2 + len(pin) :]) <= set("ABCDEF")


@given(pin=PINS, pan=st.text("0123456789", min_size=12, max_size=19))
def test_block_of_format_4_is_read_by_another_implementation(pin: str, pan: str) -> None:
    block = pin_key(PinFormat.ISO4).encipher(bytearray(pin, "ascii"), Pan(pan)).reveal()
    assert psec_pin_of_block_4(AES, block, pan) == pin


@pytest.mark.parametrize("pin_format", list(PinFormat))
def test_digits_given_to_a_key_are_left_as_they_are(pin_format: PinFormat) -> None:
    digits = bytearray(b"1234")
    pin_key(pin_format).encipher(digits, Pan("6210948000000004"))
    assert digits == bytearray(b"1234")


@pytest.mark.parametrize("pin_format", [PinFormat.ISO3, PinFormat.ISO4])
def test_two_blocks_of_one_pin_differ_where_there_is_chance_in_them(pin_format: PinFormat) -> None:
    key = pin_key(pin_format)
    blocks = {key.encipher(bytearray(b"1234"), Pan("6210948000000004")).reveal() for _ in range(2)}
    assert len(blocks) == 2


@pytest.mark.parametrize(
    ("pin_format", "algorithm", "clear"),
    [
        (PinFormat.ISO0, Algorithm.AES, AES),
        (PinFormat.ISO3, Algorithm.SM4, AES),
        (PinFormat.ISO4, Algorithm.TDES, DOUBLE),
        (PinFormat.ISO4, Algorithm.SM4, AES),
    ],
)
def test_format_with_a_cipher_that_does_not_go_with_it_is_refused(
    pin_format: PinFormat, algorithm: Algorithm, clear: bytes
) -> None:
    with pytest.raises(KeyMisused):
        WorkingPinKey(Key(Usage.PIN, algorithm, clear), pin_format, CountedEntropy())


def test_single_des_key_enciphers_a_block() -> None:
    key = Key(Usage.PIN, Algorithm.DES, DOUBLE[:8])
    block = WorkingPinKey(key, PinFormat.ISO0, CountedEntropy()).encipher(bytearray(b"1234"), Pan("6224242900000113"))
    assert block.reveal() == encipher(Algorithm.DES, DOUBLE[:8], bytes.fromhex("041276BD6FFFFFEE"))


def test_key_destroyed_meanwhile_enciphers_nothing_and_nothing_prints() -> None:
    key = Key(Usage.PIN, Algorithm.TDES, DOUBLE)
    working = WorkingPinKey(key, PinFormat.ISO0, CountedEntropy())
    assert DOUBLE.hex().upper() not in f"{working!r} {key!r}".upper()
    key.destroy()
    with pytest.raises(KeyMissing):
        working.encipher(bytearray(b"1234"), Pan("6210948000000004"))


def test_block_of_sm4_is_the_example_of_a_pin_pad_for_unionpay() -> None:
    # blog.csdn.net/M_Kerry/article/details/104625499: master key, working key with its check value, PIN block.
    master = Key(Usage.MASTER, Algorithm.SM4, bytes.fromhex("1234567890ABCDEFABCDEF0987654321"))
    wrapped = bytes.fromhex("3D66234C49E4296FF9C78D8BACBD6A76")
    clear = decipher(Algorithm.SM4, master.clear_for_storage(), wrapped)
    assert check_value(Algorithm.SM4, clear, 8).hex().upper() == "861E83E31FAEBF10"
    key = WorkingPinKey(Key(Usage.PIN, Algorithm.SM4, clear), PinFormat.ISO0, CountedEntropy())
    block = key.encipher(bytearray(b"123654"), Pan("6230606601007726888")).reveal()
    assert decipher(Algorithm.SM4, clear, block).hex().upper() == "06123654FFFFFFFFFFFF99FEFF88D977"


class PublishedEntropy:
    """The random field of the standard's example."""

    def bytes(self, count: int) -> bytes:
        return bytes.fromhex("2F69ADDE2E9E7ACE")[:count]


@pytest.mark.parametrize(
    ("key", "block"),
    [
        ("AF8CB133A78F8DC2D1359F18527593FB", "A912150391AB65A67E52883D81CE2D15"),
        ("D30BDC73EC9714B000BEC66BDB7B6D09", "52A00503BD34BA1383F6A7EE9FE2547F"),
        ("4D9DF3FBEE3448FC3E676D04320A90F5", "8308BB857C17F390369F761F8EB358FA"),
    ],
)
def test_block_of_format_4_is_the_published_one(key: str, block: str) -> None:
    # ANSI X9.24-3:2017 supplement, p. 31, as openemv/dukpt has it (test/dukpt_aes128_test.c).
    working = WorkingPinKey(Key(Usage.PIN, Algorithm.AES, bytes.fromhex(key)), PinFormat.ISO4, PublishedEntropy())
    made = working.encipher(bytearray(b"1234"), Pan("4111111111111111")).reveal()
    assert made.hex().upper() == block
