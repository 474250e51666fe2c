"""The vault: what is stored comes back, what was changed is refused, and what is destroyed is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from drivers.file_nvram import FileNvram
from drivers.file_sealer import FileSealer
from firmware.hal.errors import KeyUnavailable
from firmware.keys.ciphers import Algorithm
from firmware.keys.errors import BadKey, VaultDamaged
from firmware.keys.ring import KeyRing
from firmware.keys.stored_keys import StoredKeys, pack, unpack
from firmware.keys.usages import ALLOWED, Key, Operation, Usage
from firmware.keys.vault import SEALED_NAME, VAULT_NAME, KeyVault
from firmware.units import KeyBytes
from tests.firmware.keys.samples import (
    MAC,
    MASTER,
    PIN,
    SETTINGS,
    SIGN_ON_004,
    TRACK,
    CountedEntropy,
    Store,
    key,
    master,
    revealed,
)
from tests.power.storage import Disk, PowerLosingNvram, PowerLosingSealer

KEYS = {
    "master": (Usage.MASTER, Algorithm.TDES, 16),
    "pin": (Usage.PIN, Algorithm.AES, 32),
    "mac": (Usage.MAC, Algorithm.DES, 8),
    "track": (Usage.TRACK, Algorithm.SM4, 16),
}


def some_keys() -> StoredKeys:
    keys = {name: Key(usage, algorithm, bytes(range(length))) for name, (usage, algorithm, length) in KEYS.items()}
    return StoredKeys(keys, {"serial": b"\x01\x02", "empty": b""})


def test_vault_never_written_is_empty_and_writes_nothing() -> None:
    store = Store()
    assert not store.vault().load().keys
    assert not store.disk.values


def test_vault_opened_again_holds_what_was_stored() -> None:
    store = Store()
    store.vault().store(some_keys())
    loaded = store.vault().load()
    assert revealed(loaded.keys) == revealed(some_keys().keys)
    assert loaded.facts == some_keys().facts
    assert {name: (each.usage, each.algorithm) for name, each in loaded.keys.items()} == {
        name: (usage, algorithm) for name, (usage, algorithm, _) in KEYS.items()
    }


def test_key_narrowed_is_as_narrow_after_a_restart() -> None:
    store = Store()
    store.vault().store(StoredKeys({"mac": key(Usage.MAC, PIN, operations=frozenset({Operation.CHECK_MAC}))}))
    assert store.vault().load().keys["mac"].operations == {Operation.CHECK_MAC}


def test_every_kind_of_key_can_be_stored() -> None:
    for usage, operations in ALLOWED.items():
        for algorithm in Algorithm:
            clear = bytes(8 if algorithm is Algorithm.DES else 16)
            kept = unpack(pack(StoredKeys({"name": Key(usage, algorithm, clear)}))).keys["name"]
            assert (kept.usage, kept.algorithm, kept.operations) == (usage, algorithm, operations)


def test_two_vaults_of_the_same_keys_differ() -> None:
    disk = Disk()
    vault = KeyVault(PowerLosingNvram(disk), PowerLosingSealer(disk), CountedEntropy())
    vault.store(some_keys())
    first = disk.values[VAULT_NAME]
    vault.store(some_keys())
    assert disk.values[VAULT_NAME] != first


@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_vault_with_any_byte_changed_is_refused(place: int, flip: int) -> None:
    store = Store()
    store.vault().store(some_keys())
    changed = bytearray(store.disk.values[VAULT_NAME])
    changed[place % len(changed)] ^= flip
    store.disk.values[VAULT_NAME] = bytes(changed)
    with pytest.raises(VaultDamaged):
        store.vault().load()


@given(data=st.binary(min_size=1, max_size=200), begun=st.booleans())
def test_any_bytes_in_place_of_the_vault_are_refused(data: bytes, begun: bool) -> None:
    store = Store()
    store.vault().store(some_keys())
    header = store.disk.values[VAULT_NAME][:16]
    store.disk.values[VAULT_NAME] = header + data if begun else data
    with pytest.raises(VaultDamaged):
        store.vault().load()


def test_vault_of_a_later_version_is_refused_though_its_seal_is_good() -> None:
    store = Store()
    store.vault().store(some_keys())
    sealed = PowerLosingSealer(store.disk).unseal(SEALED_NAME)
    assert sealed is not None
    header, nonce = store.disk.values[VAULT_NAME][:16], bytes(12)
    store.disk.values[VAULT_NAME] = header + nonce + AESGCM(sealed.reveal()).encrypt(nonce, b"\2\0\0", header)
    with pytest.raises(VaultDamaged, match="another version"):
        store.vault().load()


@pytest.mark.parametrize("sealed", [bytes(32), bytes(16)])
def test_vault_under_another_sealed_key_is_refused_and_can_be_destroyed(sealed: bytes) -> None:
    store = Store()
    store.vault().store(some_keys())
    sealer = PowerLosingSealer(store.disk)
    sealer.destroy(SEALED_NAME)
    sealer.seal(SEALED_NAME, KeyBytes(sealed))
    with pytest.raises(VaultDamaged):
        store.vault().load()
    store.vault().destroy()
    assert not store.disk.values


def test_vault_whose_sealed_key_is_gone_is_empty_and_erased() -> None:
    store = Store()
    store.vault().store(some_keys())
    PowerLosingSealer(store.disk).destroy(SEALED_NAME)
    assert not store.vault().load().keys
    assert not store.disk.values


def test_vault_is_erased_even_where_the_sealer_cannot_destroy_its_key() -> None:
    class StuckSealer(PowerLosingSealer):
        def destroy(self, name: str) -> None:
            raise KeyUnavailable("The token is gone.")

    disk = Disk()
    vault = KeyVault(PowerLosingNvram(disk), StuckSealer(disk), CountedEntropy())
    vault.store(some_keys())
    with pytest.raises(KeyUnavailable):
        vault.destroy()
    assert VAULT_NAME not in disk.values


@given(data=st.binary(max_size=120))
def test_any_bytes_unpacked_give_keys_or_a_bad_key(data: bytes) -> None:
    try:
        stored = unpack(data)
    except BadKey:
        return
    assert unpack(pack(stored)).facts == stored.facts


@given(place=st.integers(0, 10_000), flip=st.integers(1, 255), cut=st.integers(0, 100))
def test_packed_keys_changed_or_cut_give_keys_or_a_bad_key(place: int, flip: int, cut: int) -> None:
    packed = pack(some_keys())
    packed[place % len(packed)] ^= flip
    try:
        stored = unpack(packed[: len(packed) - cut])
    except BadKey:
        return
    assert len(stored.keys) <= 255


@pytest.mark.parametrize("index", [0, 2, 9, 10, 11, 13])
def test_packed_keys_of_another_form_are_refused(index: int) -> None:
    packed = pack(some_keys())
    packed[index] = 0xFF if index else 2
    with pytest.raises(BadKey):
        unpack(packed)


def test_packed_keys_with_a_byte_behind_are_refused() -> None:
    with pytest.raises(BadKey):
        unpack(pack(some_keys()) + b"\0")


def forms(clear: bytes) -> list[bytes]:
    """How a key might stand in a file: as it is, as digits, reversed or with every bit turned."""
    digits = clear.hex().encode()
    masked = [clear[:4] + clear[-4:], digits[:6] + b"*", digits.upper()[:6] + b"*"]
    return [clear, digits, digits.upper(), clear[::-1], bytes(255 - byte for byte in clear), *masked]


def state_holds(state: Path, clear: bytes) -> bool:
    content = b"".join(path.name.encode() + path.read_bytes() for path in sorted(state.rglob("*")) if path.is_file())
    return any(form in content for form in forms(clear))


def file_ring(state: Path) -> KeyRing:
    return KeyRing(KeyVault(FileNvram(state), FileSealer(state), CountedEntropy()), CountedEntropy(), SETTINGS)


def test_state_directory_never_holds_a_clear_key_and_after_zeroise_nothing(tmp_path: Path) -> None:
    ring = file_ring(tmp_path)
    ring.load_master(master())
    ring.load_working(SIGN_ON_004, "004")
    sealed = FileSealer(tmp_path).unseal(SEALED_NAME)
    assert sealed is not None
    assert state_holds(tmp_path, sealed.reveal())
    assert not any(state_holds(tmp_path, clear) for clear in (MASTER, PIN, MAC, TRACK))
    ring.zeroise()
    assert not any(state_holds(tmp_path, clear) for clear in (MASTER, PIN, MAC, TRACK, sealed.reveal()))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_zeroise_overwrites_the_files_that_someone_still_holds_open(tmp_path: Path) -> None:
    ring = file_ring(tmp_path)
    ring.load_master(master())
    held = [path.open("rb") for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    ring.zeroise()
    for file in held:
        with file:
            assert not any(file.read())
    assert len(held) == 2
