"""The working keys that a sign-on brings: how they stand in field 62, and how they are proved.

Owned here: a set of working keys is believed as a whole or not at all. Each comes enciphered under the terminal master
key and is followed by four bytes of its check value. Source: UnionPay's terminal dialect, sign-on codes (60.3) 001,
003, 004 and 006; a field of 24, 40, 56, 60 or 84 bytes.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.keys.ciphers import Algorithm, check_value, decipher, wipe
from firmware.keys.errors import BadKey, CheckValueWrong
from firmware.keys.usages import Key, Operation, Usage

CHECK_BYTES: Final = 4
_ORDER: Final = (Usage.PIN, Usage.MAC, Usage.TRACK)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How many keys there are and how long each is."""

    keys: int
    key_bytes: int


@dataclass(frozen=True, slots=True)
class _Scheme:
    """What one sign-on code brings: the algorithm, and the layouts by the length of the field."""

    algorithm: Algorithm
    layouts: Mapping[int, _Layout]


_SCHEMES: Final[Mapping[str, _Scheme]] = {
    "001": _Scheme(Algorithm.DES, {24: _Layout(2, 8)}),
    "003": _Scheme(Algorithm.TDES, {40: _Layout(2, 16), 56: _Layout(2, 24)}),
    "004": _Scheme(Algorithm.TDES, {60: _Layout(3, 16), 84: _Layout(3, 24)}),
    "006": _Scheme(Algorithm.SM4, {40: _Layout(2, 16), 60: _Layout(3, 16)}),
}
SCHEMES: Final = tuple(_SCHEMES)
"""The sign-on codes."""


def unwrap_working_keys(master: Key, block: bytes, scheme: str) -> Mapping[Usage, Key]:
    """Return the working keys of `block`, each proved by its check value.

    `scheme` is the sign-on code (60.3). A MAC key of 8 bytes may stand in a longer slot, with zeros behind it.
    Raises: CheckValueWrong - any one is wrong; BadKey - no such layout; KeyMisused - `master` is no master key, or of
    another algorithm.
    """
    known = _SCHEMES.get(scheme)
    if known is None:
        raise BadKey("The sign-on names no known kind of working keys.")
    layout = known.layouts.get(len(block))
    if layout is None:
        raise BadKey(f"Working keys of {len(block)} bytes are not known for the sign-on {scheme}.")
    if _family(master.algorithm) is not _family(known.algorithm):
        raise BadKey(f"Working keys of the sign-on {scheme} do not come under a {master.algorithm} master key.")
    clear = master.clear_for(Operation.UNWRAP_WORKING)
    keys: dict[Usage, Key] = {}
    slot = layout.key_bytes + CHECK_BYTES
    try:
        for place, usage in enumerate(_ORDER[: layout.keys]):
            row = block[place * slot : (place + 1) * slot]
            keys[usage] = _unwrap(
                master.algorithm, clear, usage, known.algorithm, row[:-CHECK_BYTES], row[-CHECK_BYTES:]
            )
    except BadKey:
        for key in keys.values():
            key.destroy()
        raise
    return keys


def _unwrap(
    wrapping: Algorithm, master: bytearray, usage: Usage, algorithm: Algorithm, wrapped: bytes, check: bytes
) -> Key:
    if usage is Usage.MAC and algorithm is Algorithm.TDES and not any(wrapped[8:]):
        wrapped, algorithm = wrapped[:8], Algorithm.DES
    clear = bytearray(decipher(wrapping, master, wrapped))
    try:
        if not hmac.compare_digest(check_value(algorithm, clear, CHECK_BYTES), check):
            raise CheckValueWrong(f"The {usage} key of the sign-on does not match its check value.")
        return Key(usage, algorithm, clear)
    finally:
        wipe(clear)


def _family(algorithm: Algorithm) -> Algorithm:
    """Single and triple DES serve one another: the one is the other with equal parts."""
    return Algorithm.TDES if algorithm is Algorithm.DES else algorithm
