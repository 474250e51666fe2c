"""The ring of keys that are derived: on disk before they are used, each for one message, signed on and off."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.hal.errors import StorageFull
from firmware.keys.ciphers import Algorithm
from firmware.keys.dukpt_ring import FORMER_MAX, DukptRing
from firmware.keys.errors import BadKey, KeyMissing, VaultDamaged
from firmware.keys.lack import Lack
from firmware.keys.macs import MacVariant, make_mac
from firmware.keys.pin_blocks import PinFormat
from firmware.keys.ring import KeySettings
from firmware.keys.stored_keys import StoredKeys
from firmware.keys.usages import Key, Usage
from firmware.keys.vault import KeyVault
from firmware.units import Pan
from tests.firmware.keys.samples import CountedEntropy, Store
from tests.firmware.keys.test_dukpt import AES_INITIAL, AES_MAC_KEYS, FIRST_PINS, IDENTITY, SERIAL, at, initial, tdes
from tests.power.storage import PowerLosingNvram, PowerLosingSealer

PARAMS = Path(__file__).parents[3] / "board" / "params"
PLAIN = KeySettings(MacVariant.X9_19, PinFormat.ISO0)


class FullNvram(PowerLosingNvram):
    """Small storage that can be full."""

    full = False

    def write(self, name: str, data: bytes) -> None:
        if self.full:
            raise StorageFull("There is no room.")
        super().write(name, data)


def ring_on(store: Store, settings: KeySettings = PLAIN) -> DukptRing:
    return DukptRing(store.vault(), CountedEntropy(), settings)


def loaded(store: Store) -> DukptRing:
    ring = ring_on(store)
    ring.load_initial(initial(), SERIAL)
    return ring


def test_ring_without_an_initial_key_has_no_keys() -> None:
    ring = ring_on(Store())
    assert not ring.signed_on
    assert ring.lacking is Lack.INITIAL
    with pytest.raises(KeyMissing):
        ring.load_working(b"", "001")
    ring.sign_off()
    for ask in (ring.next_message, ring.pin_key, lambda: ring.mac(b""), lambda: ring.check_mac(b"", b"")):
        with pytest.raises(KeyMissing):
            ask()


def test_ring_has_keys_only_while_a_message_is_under_way() -> None:
    ring = loaded(Store())
    assert ring.lacking is None
    with pytest.raises(KeyMissing):
        ring.mac(b"data")
    block = ring.pin_key().encipher(bytearray(b"1234"), Pan("4012345678909"))
    assert block.reveal().hex().upper() == FIRST_PINS[0]
    assert ring.serial.hex().upper() == "FFFF9876543210E00001"
    assert ring.mac(b"4012345678909D987").hex().upper() == "9CCC78173FC4FB64"
    assert ring.check_mac(b"4012345678909D987", bytes.fromhex("20364223C1FF00FA"))
    assert not ring.check_mac(b"4012345678909D987", bytes.fromhex("9CCC78173FC4FB64"))


def test_ring_makes_one_message_with_a_key_and_no_other() -> None:
    ring = loaded(Store())
    pin_key = ring.pin_key()
    ring.mac(b"data")
    with pytest.raises(KeyMissing):
        ring.mac(b"data")
    with pytest.raises(KeyMissing):
        pin_key.encipher(bytearray(b"1234"), Pan("4012345678909"))
    ring.next_message()
    assert ring.serial.hex().upper() == "FFFF9876543210E00002"


def test_ring_is_signed_on_from_a_sign_on_to_a_sign_off_also_after_a_restart() -> None:
    store = Store()
    ring = loaded(store)
    states = [ring.signed_on]
    ring.load_working(b"", "001")
    states.append(ring.signed_on)
    ring.next_message()
    again = ring_on(store)
    states.append(again.signed_on)
    again.sign_off()
    states += [again.signed_on, ring_on(store).signed_on]
    assert states == [False, True, True, False, False]
    again.next_message()
    assert again.serial.hex().upper() == "FFFF9876543210E00002"


def test_ring_whose_sign_on_cannot_be_stored_is_signed_off() -> None:
    store = Store()
    nvram = FullNvram(store.disk)
    ring = DukptRing(KeyVault(nvram, PowerLosingSealer(store.disk), CountedEntropy()), CountedEntropy(), PLAIN)
    ring.load_initial(initial(), SERIAL)
    nvram.full = True
    with pytest.raises(StorageFull):
        ring.load_working(b"", "001")
    assert not ring.signed_on
    assert ring.lacking is None


def test_initial_key_that_is_in_use_is_not_loaded_again() -> None:
    store = Store()
    ring = loaded(store)
    ring.next_message()
    with pytest.raises(BadKey, match="twice"):
        ring_on(store).load_initial(initial(), SERIAL)
    ring.next_message()
    assert ring.serial.hex().upper() == "FFFF9876543210E00002"


def test_initial_key_is_loaded_over_a_vault_that_is_damaged() -> None:
    store = Store()
    store.vault().store(StoredKeys({"other": initial()}, {"dukpt serial": b"\1"}))
    ring = loaded(store)
    assert ring.lacking is None


def test_ring_takes_the_bench_own_key_with_a_new_serial_number_each_time() -> None:
    store = Store()
    ring = ring_on(store)
    serials = []
    for _ in range(2):
        ring.load_bench(PARAMS, "001")
        ring.next_message()
        serials.append(ring.serial)
    assert len({serial[:8] for serial in serials}) == 2
    assert {serial[:5].hex().upper() for serial in serials} == {"FFFF54424C"}


def test_ring_knows_for_ever_that_its_initial_key_was_the_bench_own() -> None:
    store = Store()
    ring = ring_on(store)
    assert not ring.of_bench(PARAMS)
    ring.load_bench(PARAMS, "001")
    assert ring.of_bench(PARAMS)
    ring.load_working(b"", "001")
    ring.next_message()
    ring.sign_off()
    assert ring_on(store).of_bench(PARAMS)
    ring.load_initial(initial(), SERIAL)
    assert not ring.of_bench(PARAMS)
    assert not ring_on(store).of_bench(PARAMS)


def test_ring_never_uses_a_serial_number_twice_whatever_restarts() -> None:
    store = Store()
    ring = loaded(store)
    serials = []
    for count in range(12):
        if count % 3 == 0:
            ring = ring_on(store)
        ring.next_message()
        serials.append(ring.serial)
    assert len(set(serials)) == 12
    assert serials == sorted(serials)


def test_ring_of_aes_goes_on_after_a_restart() -> None:
    store = Store()
    settings = KeySettings(MacVariant.CMAC, PinFormat.ISO4)
    ring = ring_on(store, settings)
    ring.load_initial(initial(AES_INITIAL, Algorithm.AES), IDENTITY)
    ring.next_message()
    again = ring_on(store, settings)
    again.next_message()
    assert again.serial.hex() == "123456789012345600000002"
    key = Key(Usage.MAC, Algorithm.AES, bytes.fromhex(AES_MAC_KEYS[1]))
    assert again.mac(b"data") == make_mac(MacVariant.CMAC, key, b"data")
    assert len(again.pin_key().encipher(bytearray(b"1234"), Pan("4111111111111111")).reveal()) == 16


def test_ring_whose_counter_cannot_be_stored_gives_no_keys_and_then_goes_on() -> None:
    store = Store()
    nvram = FullNvram(store.disk)
    ring = DukptRing(KeyVault(nvram, PowerLosingSealer(store.disk), CountedEntropy()), CountedEntropy(), PLAIN)
    ring.load_initial(initial(), SERIAL)
    ring.next_message()
    nvram.full = True
    with pytest.raises(StorageFull):
        ring.next_message()
    with pytest.raises(KeyMissing):
        ring.mac(b"data")
    nvram.full = False
    ring.next_message()
    assert ring.serial.hex().upper() == "FFFF9876543210E00002"


def test_ring_used_up_is_signed_off_also_after_a_restart() -> None:
    store = Store()
    state = at(tdes(), 0x1FF800)
    registers = {f"dukpt {bit}": key for bit, key in state.registers.items()}
    serial = state.derivation.serial(state.identity, state.counter)
    store.vault().store(StoredKeys(registers, {"dukpt serial": serial}))
    ring = ring_on(store)
    ring.next_message()
    while ring.lacking is None:
        ring.next_message()
    assert ring_on(store).lacking is Lack.USED_UP
    ring_on(store).load_working(b"", "001")
    assert not ring_on(store).signed_on
    with pytest.raises(KeyMissing):
        ring_on(store).next_message()


def test_new_initial_key_replaces_the_keys_under_way() -> None:
    ring = loaded(Store())
    ring.next_message()
    ring.load_initial(initial(bytes(range(16))), bytes(10))
    with pytest.raises(KeyMissing):
        ring.mac(b"data")
    ring.next_message()
    assert ring.serial == bytes(9) + b"\1"


def test_ring_zeroised_leaves_nothing() -> None:
    store = Store()
    ring = loaded(store)
    ring.next_message()
    ring.zeroise()
    ring.zeroise()
    assert not store.disk.values
    assert not ring.signed_on
    with pytest.raises(KeyMissing):
        ring.mac(b"data")


@pytest.mark.parametrize("serial", [b"\1", SERIAL[:-1] + b"\1", IDENTITY])
def test_vault_whose_future_keys_do_not_fit_is_damaged(serial: bytes) -> None:
    store = Store()
    store.vault().store(StoredKeys({"other": initial()}, {"dukpt serial": serial}))
    if serial == IDENTITY:
        serial_of_aes = IDENTITY + b"\0\0\0\1"
        store.vault().store(StoredKeys({}, {"dukpt serial": serial_of_aes}))
    with pytest.raises(VaultDamaged):
        _ = ring_on(store).signed_on


def test_initial_key_of_before_is_not_loaded_again_until_all_are_destroyed() -> None:
    store = Store()
    ring = loaded(store)
    ring.next_message()
    others = [bytes((number,)) * 10 for number in range(1, 4)]
    for serial in others:
        ring_on(store).load_initial(initial(), serial)
    for serial in (SERIAL, *others):
        with pytest.raises(BadKey, match="twice"):
            ring_on(store).load_initial(initial(), serial)
    ring_on(store).zeroise()
    ring_on(store).load_initial(initial(), SERIAL)


def test_initial_keys_that_are_remembered_fit_the_vault() -> None:
    store = Store()
    for number in range(1, 3 * FORMER_MAX):
        ring_on(store).load_initial(initial(), number.to_bytes(1, "big") * 10)
    assert ring_on(store).lacking is None
    with pytest.raises(BadKey, match="twice"):
        ring_on(store).load_initial(initial(), (2 * FORMER_MAX).to_bytes(1, "big") * 10)
