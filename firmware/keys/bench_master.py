"""The master keys that the bench shares with its test acquirer: everybody can read them, so they protect nothing.

Owned here: how they are read, and how one is recognised, so that a terminal in service can refuse to work with it.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Final

from firmware.config import Table, read_toml
from firmware.errors import ConfigError
from firmware.keys.ciphers import Algorithm
from firmware.keys.components import CHECK_BYTES, ComponentEntry
from firmware.keys.usages import Key, Usage

FILE_NAME: Final = "bench_master_keys.toml"
KEY_BYTES: Final = 16
_PEOPLE: Final = ("the first", "the second")


def load_bench_master(params: Path, algorithm: Algorithm = Algorithm.TDES) -> Key:
    """Return the bench's master key for `algorithm`, TDES or SM4, from the folder of parameters.

    Its components are joined as two people would enter them. Raises: ConfigError, BadComponent.
    """
    return joined_components(params / FILE_NAME, algorithm, algorithm)


def joined_components(path: Path, section: str, algorithm: Algorithm) -> Key:
    """Return the key whose components one section of the file holds. Raises: ConfigError, BadComponent."""
    table = Table(path, section, read_toml(path).get(section))
    components = table.take("components", list)
    if len(components) != len(_PEOPLE):
        raise table.wrong("components", f"must be {len(_PEOPLE)}")
    parts = Table(path, f"{section}.components", dict(zip(_PEOPLE, components, strict=True)))
    entry = ComponentEntry(Usage.MASTER, algorithm, KEY_BYTES)
    for person in _PEOPLE:
        entry.add(person, bytearray(parts.octets(person, KEY_BYTES, KEY_BYTES)))
    key, check = entry.key()
    if check != table.octets("check", CHECK_BYTES, CHECK_BYTES).hex().upper():
        key.destroy()
        raise ConfigError(f"{path}: [{section}] check: the components make another key")
    return key


def is_bench_master(key: Key, params: Path) -> bool:
    """Whether `key` is one of the bench's: a terminal in service must not work with it.

    A folder without the file has no such keys. Raises: ConfigError, BadComponent.
    """
    if key.algorithm not in (Algorithm.TDES, Algorithm.SM4) or not (params / FILE_NAME).is_file():
        return False
    known = load_bench_master(params, key.algorithm)
    try:
        return hmac.compare_digest(known.clear_for_storage(), key.clear_for_storage())
    finally:
        known.destroy()
