"""Track encryption: the last whole block of a track's digits, enciphered in its place.

Owned here: UnionPay's rule for terminals with a track key (sign-on 004, with SM4 006). Source: no public standard; a
terminal and an acquirer's front end agree on it.
"""

from __future__ import annotations

from typing import Final

from firmware.keys.ciphers import encipher
from firmware.keys.errors import BadKey
from firmware.keys.usages import Key, Operation
from firmware.units import Track2

_HEXADECIMAL: Final = frozenset("0123456789ABCDEF")


def encipher_track(key: Key, track: Track2) -> Track2:
    """Encipher the last block of `track`, whose separator becomes D; the length stays, but for a very short track.

    The block leaves out the last digit of an odd track and the last two of an even one. What is shorter than a block
    is filled with F at its left, and so grows.
    Raises: KeyMisused; BadKey - the track has other characters than digits and one separator, or none before the end.
    """
    digits = track.reveal().replace("=", "D")
    if not set(digits) <= _HEXADECIMAL or len(digits) < 3:
        raise BadKey("This track cannot be enciphered: it is not made of digits.")
    clear = key.clear_for(Operation.ENCIPHER_TRACK)
    size = 2 * key.algorithm.block_bytes
    end = len(digits) - (1 if len(digits) % 2 else 2)
    start = max(0, end - size)
    block = digits[start:end].rjust(size, "F")
    enciphered = encipher(key.algorithm, clear, bytes.fromhex(block)).hex().upper()
    return Track2(digits[:start] + enciphered + digits[end:])
