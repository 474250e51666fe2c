"""The power goes at every effect: the keys are then as they were before or after, never in between, and never back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from firmware.keys.ciphers import Algorithm
from firmware.keys.dukpt_ring import DukptRing
from firmware.keys.macs import MacVariant
from firmware.keys.pin_blocks import PinFormat
from firmware.keys.ring import KeyRing, KeySettings
from firmware.keys.usages import Key, Usage
from tests.firmware.keys.samples import MASTER, SIGN_ON_003, SIGN_ON_004, CountedEntropy, Store, master, signed_on
from tests.power.storage import PowerLost

SERIAL = bytes.fromhex("FFFF9876543210E00000")


def ending_at_each_effect(prepare: Callable[[Store], None], work: Callable[[Store], None]) -> list[Store]:
    """What each cut left behind, and last what the work left that nothing cut."""
    left = []
    for cut_at in count():
        store = Store()
        prepare(store)
        effects = count()

        def at_effect(_name: str, cut_at: int = cut_at, effects: count[int] = effects, store: Store = store) -> None:
            if next(effects) == cut_at:
                store.disk.cut()
                raise PowerLost

        store.disk.on_effect = at_effect
        left.append(store)
        try:
            work(store)
        except PowerLost:
            store.disk.restart()
            continue
        store.disk.on_effect = lambda _name: None
        return left
    raise AssertionError


def mac_of(ring: KeyRing) -> bytes | None:
    return ring.mac(bytes(range(250))) if ring.signed_on else None


def test_sign_on_cut_at_any_effect_leaves_old_keys_or_new_or_none() -> None:
    def sign_on(store: Store) -> None:
        store.ring().load_working(SIGN_ON_003, "003")

    left = ending_at_each_effect(lambda store: done(signed_on(store)), sign_on)
    states = [(store.ring().signed_on, store.ring().enciphers_tracks) for store in left]
    assert len(states) >= 5
    assert states[0] == (True, True)
    assert states[-1] == (True, False)
    assert set(states) == {(True, True), (False, False), (True, False)}
    assert all(store.ring().has_master for store in left)
    assert {mac_of(store.ring()) for store in left} == {b"083A39FF", None}


def test_zeroise_cut_at_any_effect_leaves_all_keys_or_none_that_can_be_read() -> None:
    left = ending_at_each_effect(lambda store: done(signed_on(store)), lambda store: store.ring().zeroise())
    states = [store.ring().has_master for store in left]
    assert states[0]
    assert not states[-1]
    assert states == sorted(states, reverse=True)
    for store in left:
        store.ring().zeroise()
        assert not store.disk.values


def test_first_key_cut_at_any_effect_can_be_loaded_again() -> None:
    for store in ending_at_each_effect(lambda _store: None, lambda store: store.ring().load_master(master())):
        signed_on(store, SIGN_ON_004)
        assert mac_of(store.ring()) == b"083A39FF"


def dukpt(store: Store) -> DukptRing:
    return DukptRing(store.vault(), CountedEntropy(), KeySettings(MacVariant.X9_19, PinFormat.ISO0))


def test_serial_number_cut_at_any_effect_is_never_used_twice() -> None:
    used: list[bytes] = []

    def prepare(store: Store) -> None:
        used.clear()
        dukpt(store).load_initial(Key(Usage.INITIAL, Algorithm.TDES, MASTER), SERIAL)

    def work(store: Store) -> None:
        ring = dukpt(store)
        for _ in range(3):
            ring.next_message()
            used.append(ring.serial)

    for _store in ending_at_each_effect(prepare, lambda store: go_on(store, used, work)):
        assert len(used) == len(set(used))
    assert len(used) == 3


def go_on(store: Store, used: list[bytes], work: Callable[[Store], None]) -> None:
    """Work, and where the power goes, work once more after it is back."""
    try:
        work(store)
    except PowerLost:
        store.disk.restart()
        store.disk.on_effect = lambda _name: None
        ring = dukpt(store)
        ring.next_message()
        assert ring.serial not in used
        raise


def done(_result: object) -> None:
    """Work whose result nobody wants."""


@pytest.mark.parametrize("cut_at", range(4))
def test_terminal_that_was_cut_while_it_forgot_its_keys_finds_none(cut_at: int) -> None:
    store = Store()
    signed_on(store)
    effects = count()

    def at_effect(_name: str) -> None:
        if next(effects) == cut_at:
            store.disk.cut()
            raise PowerLost

    store.disk.on_effect = at_effect
    with pytest.raises(PowerLost):
        store.ring().zeroise()
    store.disk.restart()
    ring = store.ring()
    # Cut before the first effect, nothing had begun; after it, the key that opens the vault is gone for good.
    assert ring.has_master == (cut_at == 0)
    if cut_at:
        assert not store.disk.values
