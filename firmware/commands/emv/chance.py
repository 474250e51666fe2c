"""Chance that can be had again: what the kernel draws is kept for the trace, and given once more at its replay.

Owned here: the padding of an enciphered PIN is neither kept nor repeated. Whoever knew it could try every PIN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firmware.errors import TillberryError
from firmware.hal import Entropy

UNPREDICTABLE_NUMBER_BYTES: Final = 4
_KEPT_BYTES_MAX: Final = 8
"""The kernel draws 4 bytes for an unpredictable number, 8 for random selection, 47 and more to pad a PIN."""


class ChanceSpent(TillberryError):
    """The kernel draws more than it drew when the trace was written."""


class KeptEntropy:
    """Honours the hal's Entropy and keeps what it gave; each unpredictable number is `unpredictable_number`, if any."""

    def __init__(self, entropy: Entropy, unpredictable_number: bytes | None) -> None:
        self._entropy = entropy
        self._unpredictable_number = unpredictable_number
        self.drawn: list[bytes] = []
        """What was given, in order, without the padding of PINs."""

    def bytes(self, count: int) -> bytes:
        """Return `count` bytes."""
        fixed = self._unpredictable_number if count == UNPREDICTABLE_NUMBER_BYTES else None
        given = self._entropy.bytes(count) if fixed is None else fixed
        if count <= _KEPT_BYTES_MAX:
            self.drawn.append(given)
        return given


class DrawnEntropy:
    """Honours the hal's Entropy with what was drawn before; pads with zeros, for a card that does not decipher."""

    def __init__(self, drawn: Sequence[bytes]) -> None:
        self.drawn = list(drawn)
        self._left = list(drawn)

    def bytes(self, count: int) -> bytes:
        """Return the next draw. Raises: ChanceSpent - it is of another length, or there is none."""
        if count > _KEPT_BYTES_MAX:
            return bytes(count)
        if not self._left or len(self._left[0]) != count:
            raise ChanceSpent(f"the kernel draws {count} bytes that it did not draw when the trace was written")
        return self._left.pop(0)
