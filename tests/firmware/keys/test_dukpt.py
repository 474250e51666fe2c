"""DUKPT against the published sequences of both standards, as the tests of openemv/dukpt hold them.

test/dukpt_tdes_test.c: ANSI X9.24-1:2009 A.4. test/dukpt_aes128_test.c and dukpt_aes256_state_test.c: the supplement of
ANSI X9.24-3:2017. The codes of the first Triple DES message are those of A.4.1, as moov-io/dukpt has them.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.keys.ciphers import Algorithm
from firmware.keys.dukpt import Derivation, FutureKeys, MessageKeys
from firmware.keys.dukpt_aes import AesDerivation
from firmware.keys.dukpt_tdes import TdesDerivation
from firmware.keys.errors import BadKey, KeyMissing, KeyMisused
from firmware.keys.macs import MacVariant, make_mac
from firmware.keys.pin_blocks import PinFormat, WorkingPinKey
from firmware.keys.usages import Key, Operation, Usage
from firmware.units import Pan
from tests.firmware.keys.samples import CountedEntropy

INITIAL = bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A")
SERIAL = bytes.fromhex("FFFF9876543210E00000")
AES_INITIAL = bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")
AES_256_INITIAL = bytes.fromhex("CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F")
IDENTITY = bytes.fromhex("1234567890123456")

FIRST_PINS = [
    "1B9C1845EB993A7A",
    "10A01C8D02C69107",
    "18DC07B94797B466",
    "0BC79509D5645DF7",
    "5BC0AF22AD87B327",
    "A16DF70AE36158D8",
    "27711C16CB257F8E",
    "50E55547A5027551",
    "536CF7F678ACFC8D",
    "EDABBA23221833FE",
    "2328981C57B4BDBA",
    "038D03CC926CF286",
    "6C8AA97088B62C68",
    "F17C9E1D72CD4950",
    "B170F6E7F7F2F64A",
    "D5D9638559EF53D6",
    "D544F8CDD292C863",
    "7A21BD10F36DC41D",
    "78649BD17D0DFA60",
    "7E7E16EA0C31AD56",
    "72105C22EBC791E6",
]
ROLLOVER = {
    0xFF800: "33365F5CC6F23C35",
    0xFF801: "3A86BF003F835C9D",
    0xFF802: "3DB977D05C36DF3F",
    0xFF804: "BA83243305712099",
    0xFF808: "B0DA04AC90A36D85",
    0xFF810: "2CF02BD9C309EEDA",
    0xFF820: "9D1E2F77AEEE81C6",
    0xFF840: "40870B0F8BA2011C",
    0xFF880: "22E340D6ABB40981",
    0xFF900: "1A4C10AFBA03A430",
    0xFFA00: "849763B43E5F9CFF",
    0xFFC00: "DEFC6F09F8927B71",
    0x100000: "73EC88AD0AC5830E",
}
AES_PIN_KEYS = [
    "AF8CB133A78F8DC2D1359F18527593FB",
    "D30BDC73EC9714B000BEC66BDB7B6D09",
    "7D69F01F3B45449F62C7816ECE723268",
    "91A0588318EC2673214271F70137896E",
    "35A43BC9EFEB09C756204B57E3FB7D4D",
    "02DCC6CD1201A3A2CA7099559C862123",
    "6ECF912F3B18CA11A7A27BB60705FD09",
    "4D9DF3FBEE3448FC3E676D04320A90F5",
]
AES_MAC_KEYS = [
    "A2DC23DE6FDE0824A2BC321E08E4B8B7",
    "484C3B06E8562704528CD5B46FB12FB6",
    "A5DF7D9D800CA769766F0C77CA4E6E6C",
    "E6E4679647D8A9057C1FC15537CB4C4E",
    "0588185FE1FF8C7E22FAD78C1C61F065",
    "7B60F72A5639C0EE7EB2100FA80BB793",
    "BAA08CA263C69525BC6B1BA8F4275D69",
    "6FD572E5D59E618875F193484F9178FB",
]
AES_KEYS = {
    0x1: "4F21B565BAD9835E112B6465635EAE44",
    0x2: "2F34D68DE10F68D38091A73B9E7C437C",
    0x3: "031504E530365CF81264238540518318",
    0x8: "718EE6CF0B27E53D5F7AF99C4D8146A2",
    0x1FFFE: "E21E8C8D347F8561A2BE752DAA85A111",
    0x20000: "F7AE9025468A25D37B7249CFFED224C8",
    0x20001: "692C8EA4013645135B36497131DF9D2C",
    0xFFFE2000: "48E585B694EB0B18D5C35443E163C0BA",
    0xFFFE4000: "396C2C7CA1EA701C03B86B7D41F0C562",
    0xFFFE8000: "0387625F189B58AE03EF0E8CCA41105E",
    0xFFFF0000: "F6BA59389BD14A9855BE9727E7C52E3C",
}


def initial(clear: bytes = INITIAL, algorithm: Algorithm = Algorithm.TDES) -> Key:
    return Key(Usage.INITIAL, algorithm, clear)


def tdes() -> FutureKeys:
    return FutureKeys.begin(TdesDerivation(), initial(), SERIAL)


def aes(clear: bytes = AES_INITIAL) -> FutureKeys:
    return FutureKeys.begin(AesDerivation(), initial(clear, Algorithm.AES), IDENTITY)


def future_key_of(derivation: Derivation, first: Key, identity: bytes, counter: int) -> Key:
    """The key of a counter as a host finds it: one step for each set bit, from the highest."""
    key, so_far = first, 0
    for bit in reversed(range(derivation.counter_bits)):
        if counter >> bit & 1:
            so_far |= 1 << bit
            key = derivation.future_key(key, identity, so_far)
    return key


def keys_at(derivation: Derivation, first: Key, identity: bytes, counter: int) -> MessageKeys:
    return derivation.message_keys(future_key_of(derivation, first, identity, counter), identity, counter)


def pin_block(keys: MessageKeys) -> str:
    key = WorkingPinKey(keys.pin, PinFormat.ISO0, CountedEntropy())
    return key.encipher(bytearray(b"1234"), Pan("4012345678909")).reveal().hex().upper()


def clear_of(key: Key) -> str:
    return key.clear_for_storage().hex().upper()


def at(state: FutureKeys, counter: int) -> FutureKeys:
    """The same terminal, having come to `counter`: its registers as a host would derive them."""
    first = initial(INITIAL if state.derivation.counter_bits == 21 else AES_INITIAL)
    if state.derivation.counter_bits == 32:
        first = initial(AES_INITIAL, Algorithm.AES)
    registers = {}
    for bit in range(state.derivation.counter_bits):
        above = counter >> bit + 1 << bit + 1
        reach = above | 1 << bit
        if reach >= counter:
            registers[bit] = future_key_of(state.derivation, first, state.identity, reach)
    return FutureKeys(state.derivation, state.identity, counter, registers)


def test_first_messages_of_triple_des_have_the_published_serials_and_pin_blocks() -> None:
    state = tdes()
    messages = [state.next_message() for _ in FIRST_PINS]
    assert [int.from_bytes(keys.serial[-3:], "big") & 0x1FFFFF for keys in messages] == list(range(1, 22))
    assert [pin_block(keys) for keys in messages] == FIRST_PINS


def test_messages_of_triple_des_about_the_rollover_pass_over_counters_with_many_ones() -> None:
    state = at(tdes(), 0xFF800)
    found = {}
    for _ in ROLLOVER:
        counter = state.counter
        found[counter] = pin_block(state.next_message())
    assert found == ROLLOVER


def test_codes_of_the_first_message_of_triple_des_are_the_published_ones() -> None:
    keys = tdes().next_message()
    answer = Key(Usage.MAC, Algorithm.TDES, keys.answer_mac.clear_for(Operation.CHECK_MAC))
    assert make_mac(MacVariant.X9_19, keys.mac, b"4012345678909D987").hex().upper() == "9CCC78173FC4FB64"
    assert make_mac(MacVariant.X9_19, answer, b"4012345678909D987").hex().upper() == "20364223C1FF00FA"


def test_first_messages_of_aes_have_the_published_keys() -> None:
    state = aes()
    messages = [state.next_message() for _ in AES_PIN_KEYS]
    assert [keys.serial.hex()[-8:] for keys in messages] == [f"{count:08x}" for count in range(1, 9)]
    assert [clear_of(keys.pin) for keys in messages] == AES_PIN_KEYS
    assert [clear_of(keys.mac) for keys in messages] == AES_MAC_KEYS


@pytest.mark.parametrize("counter", AES_KEYS)
def test_future_keys_of_aes_are_the_published_ones(counter: int) -> None:
    key = future_key_of(AesDerivation(), initial(AES_INITIAL, Algorithm.AES), IDENTITY, counter)
    assert clear_of(key) == AES_KEYS[counter]


@pytest.mark.parametrize(("first", "then"), [(0x1FFFE, 0x20000), (0x20000, 0x20001), (0xFFFE2000, 0xFFFE4000)])
def test_counter_of_aes_passes_over_more_than_sixteen_ones(first: int, then: int) -> None:
    state = at(aes(), first)
    state.next_message()
    assert state.counter == then


@pytest.mark.parametrize("clear", [AES_INITIAL, AES_INITIAL + AES_INITIAL[:8], AES_256_INITIAL])
def test_keys_of_aes_are_as_long_as_the_initial_key_and_all_different(clear: bytes) -> None:
    state = aes(clear)
    keys = [key for _ in range(20) for m in [state.next_message()] for key in (m.pin, m.mac, m.answer_mac)]
    assert len({clear_of(key) for key in keys}) == 60
    assert {len(clear_of(key)) for key in keys} == {2 * len(clear)}


@settings(max_examples=30)
@given(start=st.integers(1, 0x1FFFFF).filter(lambda counter: counter.bit_count() <= 10), steps=st.integers(1, 12))
def test_terminal_and_host_agree_on_every_message(start: int, steps: int) -> None:
    state = at(tdes(), start)
    for _ in range(steps):
        if state.exhausted:
            return
        counter = state.counter
        assert counter.bit_count() <= 10
        keys, host = state.next_message(), keys_at(state.derivation, initial(), state.identity, counter)
        assert clear_of(keys.pin) == clear_of(host.pin)
        assert keys.serial == host.serial


@pytest.mark.parametrize(("state", "last"), [(tdes(), 0x1FF800), (aes(), 0xFFFF0000)], ids=["tdes", "aes"])
def test_keys_end_with_the_last_counter(state: FutureKeys, last: int) -> None:
    ending = at(state, last)
    while not ending.exhausted:
        ending.next_message()
    with pytest.raises(KeyMissing):
        ending.next_message()


def test_key_of_a_message_is_destroyed_with_it_and_none_of_the_past_is_kept() -> None:
    state = tdes()
    past = [clear_of(keys.pin) for keys in (state.next_message() for _ in range(3))]
    kept = {clear_of(key) for key in state.registers.values()}
    for counter in (1, 2, 3):
        used = clear_of(future_key_of(state.derivation, initial(), state.identity, counter))
        assert used not in kept
    assert not kept & set(past)


@pytest.mark.parametrize(
    ("derivation", "key", "serial"),
    [
        (TdesDerivation(), initial(), SERIAL[1:]),
        (TdesDerivation(), initial(AES_INITIAL, Algorithm.AES), SERIAL),
        (TdesDerivation(), initial(bytes(range(24))), SERIAL),
        (AesDerivation(), initial(), IDENTITY),
        (AesDerivation(), initial(AES_INITIAL, Algorithm.AES), SERIAL),
    ],
)
def test_initial_key_that_does_not_fit_is_refused(derivation: Derivation, key: Key, serial: bytes) -> None:
    with pytest.raises(BadKey):
        FutureKeys.begin(derivation, key, serial)


@pytest.mark.parametrize("usage", [usage for usage in Usage if usage is not Usage.INITIAL])
@pytest.mark.parametrize("derivation", [TdesDerivation(), AesDerivation()], ids=["tdes", "aes"])
def test_key_of_another_usage_derives_nothing(derivation: Derivation, usage: Usage) -> None:
    serial = SERIAL if derivation.counter_bits == 21 else IDENTITY
    with pytest.raises(KeyMisused):
        FutureKeys.begin(derivation, Key(usage, Algorithm.TDES, INITIAL), serial)
