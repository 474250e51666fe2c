"""A key in components: two people or three, each of whom types a part, and none of whom ever knows the whole.

Owned here: the parts are joined bit by bit, each person has one part, and a check value is shown for each part and for
the whole. Source: ANSI X9.24-1 §7.5.1 and ISO 11568 (dual control, split knowledge).
"""

from __future__ import annotations

from typing import Final

from firmware.keys.ciphers import KEY_BYTES, Algorithm, check_value, exclusive_or, wipe
from firmware.keys.errors import BadComponent
from firmware.keys.usages import Key, Usage

CHECK_BYTES: Final = 3
PEOPLE: Final = (2, 3)


class ComponentEntry:
    """One key that is being entered. `cancel` or `key` overwrites what was typed; one of them must be called."""

    def __init__(self, usage: Usage, algorithm: Algorithm, key_bytes: int, people: int = 2) -> None:
        assert key_bytes in KEY_BYTES[algorithm], key_bytes
        assert people in PEOPLE, people
        self._usage = usage
        self._algorithm = algorithm
        self._people = people
        self._whole = bytearray(key_bytes)
        self._had: set[str] = set()

    def __repr__(self) -> str:
        return f"<{self._usage} key in components, {len(self._had)} of {self._people} ****>"

    @property
    def complete(self) -> bool:
        """Whether every person has typed a component."""
        return len(self._had) == self._people

    def add(self, person: str, component: bytearray) -> str:
        """Join the component of a person, overwrite it, and return its check value, six hexadecimal digits.

        Raises: BadComponent - the person had a turn, or the component is too long, too short or nothing but zeros.
        """
        assert not self.complete, "everyone had a turn"
        try:
            if person in self._had:
                raise BadComponent("This person has entered a component already: another one must enter the next.")
            if len(component) != len(self._whole) or not any(component):
                raise BadComponent(f"A component has {2 * len(self._whole)} hexadecimal digits, and not only zeros.")
            joined = exclusive_or(self._whole, component)
            self._whole[:] = joined
            wipe(joined)
            self._had.add(person)
            return self._check(component)
        finally:
            wipe(component)

    def key(self) -> tuple[Key, str]:
        """The whole key and its check value; what was typed is overwritten.

        Raises: BadComponent - a Triple DES key with equal parts, as two people make who type the same.
        """
        assert self.complete, "somebody has not had a turn"
        try:
            if _degenerate(self._algorithm, self._whole):
                raise BadComponent("These components make a weak key. Enter others.")
            return Key(self._usage, self._algorithm, self._whole), self._check(self._whole)
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Overwrite what was typed."""
        wipe(self._whole)

    def _check(self, clear: bytearray) -> str:
        return check_value(self._algorithm, clear, CHECK_BYTES).hex().upper()


def _degenerate(algorithm: Algorithm, clear: bytearray) -> bool:
    """Whether it is nothing but zeros, or a Triple DES key that is a single one in disguise (NIST SP 800-67 §3.3)."""
    if algorithm is Algorithm.TDES:
        parts = [bytes(byte & 0xFE for byte in clear[start : start + 8]) for start in range(0, len(clear), 8)]
        return parts[0] == parts[1] or (parts[1] == parts[-1] != parts[0] and len(parts) == 3)
    return not any(clear)
