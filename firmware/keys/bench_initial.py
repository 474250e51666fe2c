"""The initial keys of the bench's terminals, derived from a base key that the bench shares with its test acquirer.

Owned here: how one is made, and how one is recognised, so that a terminal in service can refuse to work with it. Each
time, the terminal gets a serial number of its own by chance: after its keys were destroyed its counter is lost, and a
second life under the same serial number would use keys twice. Source: ANSI X9.24-1:2009 annex A.6.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Final

from firmware.config import Table, read_toml
from firmware.hal import Entropy
from firmware.keys.bench_master import FILE_NAME, joined_components
from firmware.keys.ciphers import Algorithm, Clear, encipher, exclusive_or, wipe
from firmware.keys.usages import Key, Usage

SECTION: Final = "dukpt"
SET_BYTES: Final = 5
"""The key set identifier, before the number of the device and its counter."""
SERIAL_BYTES: Final = 10
_COUNTER_BITS: Final = 21
_DEVICE_BITS: Final = 19
_MASK: Final = bytes.fromhex("C0C0C0C000000000" * 2)


def load_bench_initial(params: Path, entropy: Entropy) -> tuple[Key, bytes]:
    """Return an initial key of Triple DES and its serial number, with the counter at zero.

    Raises: ConfigError, BadComponent.
    """
    path = params / FILE_NAME
    table = Table(path, SECTION, read_toml(path).get(SECTION))
    device = int.from_bytes(entropy.bytes(3), "big") % (1 << _DEVICE_BITS)
    place = (device << _COUNTER_BITS).to_bytes(5, "big")
    serial = table.octets("key_set", SET_BYTES, SET_BYTES) + place
    base = joined_components(path, SECTION, Algorithm.TDES)
    try:
        return _derived(base, serial), serial
    finally:
        base.destroy()


def is_bench_initial(key: Key, serial: bytes, params: Path) -> bool:
    """Whether `key` is what the bench's base key gives for `serial`; a folder without the file has no such keys.

    Raises: ConfigError, BadComponent.
    """
    ours = key.algorithm is Algorithm.TDES and len(serial) == SERIAL_BYTES
    if not ours or not (params / FILE_NAME).is_file():
        return False
    base = joined_components(params / FILE_NAME, SECTION, Algorithm.TDES)
    known = _derived(base, serial)
    try:
        return hmac.compare_digest(known.clear_for_storage(), key.clear_for_storage())
    finally:
        known.destroy()
        base.destroy()


def _derived(base: Key, serial: bytes) -> Key:
    """The initial key of a device: the first eight bytes of its serial number, enciphered in two ways."""
    clear: Clear = base.clear_for_storage()
    identity = int.from_bytes(serial, "big") >> _COUNTER_BITS << _COUNTER_BITS
    register = identity.to_bytes(len(serial), "big")[:8]
    masked = exclusive_or(clear, _MASK)
    halves = bytearray(encipher(Algorithm.TDES, clear, register) + encipher(Algorithm.TDES, masked, register))
    try:
        return Key(Usage.INITIAL, Algorithm.TDES, halves)
    finally:
        wipe(masked)
        wipe(halves)
