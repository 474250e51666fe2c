"""The key ring as the flows use it: signing on and off, restarts, wrong keys, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from firmware import keys
from firmware.keys.acquirer_keys import AcquirerKeys
from firmware.keys.dukpt_ring import DukptRing
from firmware.keys.errors import BadKey, CheckValueWrong, KeyMissing
from firmware.keys.lack import Lack
from firmware.keys.ring import KeyRing
from firmware.keys.usages import Usage
from firmware.units import Pan, Track2
from tests.firmware.keys.samples import (
    PIN,
    SETTINGS,
    SIGN_ON_003,
    SIGN_ON_004,
    CountedEntropy,
    Store,
    key,
    master,
    signed_on,
)

PARAMS = Path(__file__).parents[3] / "board" / "params"
DATA = bytes(range(250))


def is_signed_off(ring: KeyRing) -> bool:
    for ask in (lambda: ring.mac(DATA), lambda: ring.check_mac(DATA, bytes(8)), ring.pin_key):
        with pytest.raises(KeyMissing):
            ask()
    return not ring.signed_on and not ring.enciphers_tracks


def test_ring_without_keys_is_signed_off_and_has_no_master_key() -> None:
    ring = Store().ring()
    assert is_signed_off(ring)
    assert not ring.has_master
    assert ring.lacking is Lack.MASTER
    with pytest.raises(KeyMissing):
        ring.load_working(SIGN_ON_003, "003")


def test_ring_signed_on_makes_and_checks_macs() -> None:
    ring = signed_on(Store())
    assert ring.signed_on
    assert ring.mac(DATA) == b"083A39FF"
    assert ring.check_mac(DATA, b"083A39FF")
    assert not ring.check_mac(DATA, b"083A39FE")


def test_ring_signed_on_gives_a_key_for_pins_and_enciphers_tracks() -> None:
    ring = signed_on(Store())
    assert len(ring.pin_key().encipher(bytearray(b"1234"), Pan("6224242900000113")).reveal()) == 8
    assert ring.enciphers_tracks
    assert ring.encipher_track(Track2("6224242900000113D28062013949031013")).reveal().startswith("6224242900000113")


def test_ring_with_two_working_keys_enciphers_no_tracks() -> None:
    ring = signed_on(Store(), SIGN_ON_003, "003")
    assert ring.signed_on
    assert not ring.enciphers_tracks
    with pytest.raises(KeyMissing):
        ring.encipher_track(Track2("6224242900000113D28062013949031013"))


def test_ring_opened_again_has_its_keys() -> None:
    store = Store()
    signed_on(store)
    again = store.ring()
    assert again.signed_on
    assert again.has_master
    assert again.mac(DATA) == b"083A39FF"


@pytest.mark.parametrize(("fault", "error"), [(b"\xff", CheckValueWrong), (b"", BadKey)])
def test_sign_on_that_is_wrong_leaves_neither_new_keys_nor_old(fault: bytes, error: type[BadKey]) -> None:
    store = Store()
    ring = signed_on(store)
    with pytest.raises(error):
        ring.load_working(SIGN_ON_004[:-1] + fault, "004")
    assert is_signed_off(ring)
    assert is_signed_off(store.ring())
    assert store.ring().has_master
    ring.load_working(SIGN_ON_004, "004")
    assert ring.signed_on


def test_sign_off_deletes_the_working_keys_and_keeps_the_master_key() -> None:
    store = Store()
    ring = signed_on(store)
    ring.sign_off()
    assert is_signed_off(ring)
    assert is_signed_off(store.ring())
    assert ring.has_master


def test_new_master_key_deletes_the_working_keys() -> None:
    store = Store()
    ring = signed_on(store)
    ring.load_master(master(bytes(range(16))))
    assert is_signed_off(ring)
    with pytest.raises(CheckValueWrong):
        ring.load_working(SIGN_ON_003, "003")


def test_key_pin_pad_holds_is_dead_once_the_ring_signs_on_again() -> None:
    ring = signed_on(Store())
    held = ring.pin_key()
    ring.load_working(SIGN_ON_003, "003")
    with pytest.raises(KeyMissing):
        held.encipher(bytearray(b"1234"), Pan("6224242900000113"))


def test_zeroise_destroys_everything_and_may_be_repeated() -> None:
    store = Store()
    ring = signed_on(store)
    held = ring.pin_key()
    ring.zeroise()
    ring.zeroise()
    with pytest.raises(KeyMissing):
        held.encipher(bytearray(b"1234"), Pan("6224242900000113"))
    assert is_signed_off(ring)
    assert is_signed_off(store.ring())
    assert not store.ring().has_master
    assert not store.disk.values


def test_ring_zeroised_can_be_loaded_anew() -> None:
    store = Store()
    signed_on(store).zeroise()
    assert signed_on(store).mac(DATA) == b"083A39FF"


def test_master_key_destroyed_before_it_was_stored_is_refused() -> None:
    lost = master()
    lost.destroy()
    with pytest.raises(KeyMissing):
        Store().ring().load_master(lost)


def test_key_of_another_usage_is_no_master_key() -> None:
    with pytest.raises(AssertionError):
        Store().ring().load_master(key(Usage.PIN, PIN))


def test_both_rings_serve_a_message_in_the_same_way() -> None:
    rings: list[AcquirerKeys] = [signed_on(Store()), DukptRing(Store().vault(), CountedEntropy(), SETTINGS)]
    assert [ring.signed_on for ring in rings] == [True, False]
    rings[0].next_message()
    assert rings[0].serial == b""
    assert not rings[1].enciphers_tracks
    with pytest.raises(KeyMissing):
        rings[1].encipher_track(Track2("6224242900000113D28062013949031013"))


@pytest.mark.parametrize("scheme", ["004", "006"])
def test_ring_takes_the_bench_master_key_of_the_sign_on(scheme: str) -> None:
    ring = Store().ring()
    ring.load_bench(PARAMS, scheme)
    assert ring.lacking is None


@pytest.mark.parametrize("scheme", ["004", "006"])
def test_ring_knows_the_bench_master_key_from_another_and_from_none(scheme: str) -> None:
    store = Store()
    ring = store.ring()
    assert not ring.of_bench(PARAMS)
    ring.load_master(master())
    assert not ring.of_bench(PARAMS)
    ring.load_bench(PARAMS, scheme)
    assert store.ring().of_bench(PARAMS)
    ring.zeroise()
    assert not ring.of_bench(PARAMS)


def test_modules_of_keys_load_no_cipher_library_before_a_key_is_used() -> None:
    modules = [f"firmware.keys.{path.stem}" for path in Path(keys.__file__).parent.glob("[a-z]*.py")]
    program = f"import sys, {', '.join(modules)}\nprint('cryptography' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout == "False\n"
    assert len(modules) > 10
