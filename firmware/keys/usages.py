"""What a key is for: usage and algorithm are part of a key, and every operation asks the key whether it may.

Owned here: the matrix of operations and usages. A PIN key never makes a MAC, a master key only unwraps, and nothing
deciphers with a PIN key, for there is no such operation. Source: ISO 11568 (a key has one purpose), X9.143 §6.3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from firmware.keys.ciphers import KEY_BYTES, Algorithm, Clear, wipe
from firmware.keys.errors import BadKey, KeyMissing, KeyMisused


class Usage(StrEnum):
    """The one purpose of a key."""

    MASTER = "master"
    """The terminal master key (TMK), under which working keys come."""
    PIN = "pin"
    MAC = "mac"
    TRACK = "track"
    INITIAL = "initial"
    """The initial key of DUKPT, and the keys between it and those of a transaction."""
    PROTECTION = "protection"
    """A key block protection key, under which other keys are imported."""


class Operation(StrEnum):
    """What can be done with a key."""

    UNWRAP_WORKING = "unwrap working keys"
    UNWRAP_BLOCK = "unwrap a key block"
    DERIVE = "derive keys"
    ENCIPHER_PIN = "encipher a PIN"
    ENCIPHER_TRACK = "encipher a track"
    MAKE_MAC = "make a MAC"
    CHECK_MAC = "check a MAC"


ALLOWED: Final[Mapping[Usage, frozenset[Operation]]] = {
    Usage.MASTER: frozenset({Operation.UNWRAP_WORKING}),
    Usage.PIN: frozenset({Operation.ENCIPHER_PIN}),
    Usage.MAC: frozenset({Operation.MAKE_MAC, Operation.CHECK_MAC}),
    Usage.TRACK: frozenset({Operation.ENCIPHER_TRACK}),
    Usage.INITIAL: frozenset({Operation.DERIVE}),
    Usage.PROTECTION: frozenset({Operation.UNWRAP_BLOCK}),
}
"""What each usage allows; nothing else is allowed."""


class Key:
    """A clear key with its usage and algorithm.

    It rests in a `bytearray` that `destroy` overwrites. Python may have copied it before, and the cipher library copies
    it for each use; those copies stay in memory until that is used again. It never compares, prints or pickles.
    """

    __slots__ = ("_clear", "algorithm", "operations", "usage")

    def __init__(
        self, usage: Usage, algorithm: Algorithm, clear: Clear, operations: frozenset[Operation] | None = None
    ) -> None:
        """Copy `clear`; `operations` narrows what the usage allows, as a key block does. Raises: BadKey."""
        if len(clear) not in KEY_BYTES[algorithm]:
            raise BadKey(f"A key of {len(clear)} bytes is none of {algorithm}.")
        self.usage = usage
        self.algorithm = algorithm
        self.operations = ALLOWED[usage] if operations is None else operations & ALLOWED[usage]
        self._clear = bytearray(clear)

    def clear_for(self, operation: Operation) -> bytearray:
        """The key itself, for that operation and no other; it is not to be kept.

        Raises: KeyMisused - this key is not for that; KeyMissing - it was destroyed.
        """
        if operation not in self.operations:
            raise KeyMisused(f"This {self.usage} key may not {operation}.")
        return self.clear_for_storage()

    def clear_for_storage(self) -> bytearray:
        """The key itself, for the vault and for nothing else. Raises: KeyMissing - it was destroyed."""
        if not self._clear:
            raise KeyMissing(f"This {self.usage} key was destroyed.")
        return self._clear

    def destroy(self) -> None:
        """Overwrite the key; may be called more than once."""
        wipe(self._clear)
        self._clear = bytearray()

    def __repr__(self) -> str:
        return f"<{self.usage} key {self.algorithm} ****>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a key cannot be pickled or copied")
