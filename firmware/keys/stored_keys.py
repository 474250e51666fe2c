"""The content of the vault as bytes: keys by name with usage, algorithm and operations, and facts that go with them.

Owned here: version 1 of that form, and that nothing but it is understood. It is read after it was authenticated, and
still with limits: whoever wrote it may have been an older or a broken terminal.

    version (1) | count of keys (1) | per key: name (1 + n) usage (1) algorithm (1) operations (2) key (1 + n)
                | count of facts (1) | per fact: name (1 + n) value (1 + n)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from firmware.keys.ciphers import Algorithm
from firmware.keys.errors import BadKey
from firmware.keys.usages import Key, Operation, Usage

VERSION: Final = 1
_COUNT_MAX: Final = 255
_NAME_MAX: Final = 32

# Numbers that stand on disk: a new member takes the next one, and none is ever given twice.
_USAGES: Final = {
    Usage.MASTER: 1,
    Usage.PIN: 2,
    Usage.MAC: 3,
    Usage.TRACK: 4,
    Usage.INITIAL: 5,
    Usage.PROTECTION: 6,
}
_ALGORITHMS: Final = {Algorithm.DES: 1, Algorithm.TDES: 2, Algorithm.SM4: 3, Algorithm.AES: 4}
_OPERATIONS: Final = {
    Operation.UNWRAP_WORKING: 0x01,
    Operation.UNWRAP_BLOCK: 0x02,
    Operation.DERIVE: 0x04,
    Operation.ENCIPHER_PIN: 0x08,
    Operation.ENCIPHER_TRACK: 0x10,
    Operation.MAKE_MAC: 0x20,
    Operation.CHECK_MAC: 0x40,
}
_USAGE_OF: Final = {number: usage for usage, number in _USAGES.items()}
_ALGORITHM_OF: Final = {number: algorithm for algorithm, number in _ALGORITHMS.items()}


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """Keys by their names, and what must be known with them, such as a key serial number."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    facts: Mapping[str, bytes] = field(default_factory=dict)

    def destroy(self) -> None:
        """Overwrite every key."""
        for key in self.keys.values():
            key.destroy()


def pack(stored: StoredKeys) -> bytearray:
    """The bytes of `stored`, with clear keys: to be enciphered and overwritten at once."""
    assert len(stored.keys) <= _COUNT_MAX, len(stored.keys)
    packed = bytearray((VERSION, len(stored.keys)))
    for name, key in stored.keys.items():
        packed += _name(name)
        packed += bytes((_USAGES[key.usage], _ALGORITHMS[key.algorithm]))
        packed += sum(_OPERATIONS[operation] for operation in key.operations).to_bytes(2, "big")
        clear = key.clear_for_storage()
        packed.append(len(clear))
        packed += clear
    packed.append(len(stored.facts))
    for name, value in stored.facts.items():
        packed += _name(name)
        packed.append(len(value))
        packed += value
    return packed


def _name(name: str) -> bytes:
    assert 1 <= len(name) <= _NAME_MAX, name
    return bytes((len(name),)) + name.encode("ascii")


class _Reader:
    """Takes bytes from the front."""

    def __init__(self, data: bytes | bytearray) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes | bytearray:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise BadKey("The stored keys end too early.")
        self._at += count
        return taken

    def number(self) -> int:
        return self.take(1)[0]

    def name(self) -> str:
        name = bytes(self.take(self.number()))
        if not 1 <= len(name) <= _NAME_MAX or not name.isascii():
            raise BadKey("A stored key has no proper name.")
        return name.decode("ascii")

    def done(self) -> bool:
        return self._at == len(self._data)


def unpack(packed: bytes | bytearray) -> StoredKeys:
    """Read what `pack` wrote. Raises: BadKey - anything else."""
    reader = _Reader(packed)
    if reader.number() != VERSION:
        raise BadKey("The stored keys are of another version of this terminal.")
    keys: dict[str, Key] = {}
    for _ in range(reader.number()):
        name = reader.name()
        keys[name] = _read_key(reader)
    facts: dict[str, bytes] = {}
    for _ in range(reader.number()):
        name = reader.name()
        facts[name] = bytes(reader.take(reader.number()))
    if not reader.done():
        raise BadKey("The stored keys do not end where they should.")
    return StoredKeys(keys, facts)


def _read_key(reader: _Reader) -> Key:
    usage, algorithm = _USAGE_OF.get(reader.number()), _ALGORITHM_OF.get(reader.number())
    if usage is None or algorithm is None:
        raise BadKey("A stored key has a usage or an algorithm that is not known.")
    mask = int.from_bytes(reader.take(2), "big")
    if mask & ~sum(_OPERATIONS.values()):
        raise BadKey("A stored key has an operation that is not known.")
    operations = frozenset(operation for operation, bit in _OPERATIONS.items() if mask & bit)
    return Key(usage, algorithm, reader.take(reader.number()), operations)
