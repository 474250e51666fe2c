"""Message authentication codes: four ways to 8 bytes, which the acquirer's profile names.

Owned here: how the code of a message is made and compared. What bytes it covers is the dialect's.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from firmware.keys.ciphers import Algorithm, Clear, cmac, encipher, encipher_chained, exclusive_or
from firmware.keys.errors import KeyMisused
from firmware.keys.usages import Key, Operation

MAC_BYTES: Final = 8


class MacVariant(StrEnum):
    """How a code is computed; the names are those of the acquirer profiles."""

    CUP_ECB = "cup_ecb"
    """UnionPay's terminals, which call it ECB."""
    X9_19 = "x9.19"
    """The retail MAC of two DES keys."""
    X9_9 = "x9.9"
    """DES or Triple DES throughout, chained."""
    CMAC = "cmac"


def make_mac(variant: MacVariant, key: Key, data: bytes) -> bytes:
    """The code of `data`, 8 bytes. Raises: KeyMisused - not a MAC key, or not of an algorithm of this variant."""
    return _MAKERS[variant](key.algorithm, key.clear_for(Operation.MAKE_MAC), data)


def mac_matches(variant: MacVariant, key: Key, data: bytes, mac: bytes) -> bool:
    """Whether `mac` is the code of `data`, in a time that does not tell where they differ. Raises: KeyMisused."""
    return hmac.compare_digest(_MAKERS[variant](key.algorithm, key.clear_for(Operation.CHECK_MAC), data), mac)


def _cup_ecb(algorithm: Algorithm, clear: Clear, data: bytes) -> bytes:
    """UnionPay's terminal MAC: the blocks joined, their hexadecimal digits enciphered in two steps.

    With SM4 the blocks have 16 bytes and their digits two blocks again. The code is text: the first eight digits of
    the result. Source: no public standard; two terminals and an acquirer's front end agree on it.
    """
    size = algorithm.block_bytes
    joined = 0
    padded = _padded(data, size)
    for start in range(0, len(padded), size):
        joined ^= int.from_bytes(padded[start : start + size], "big")
    digits = joined.to_bytes(size, "big").hex().upper().encode()
    first = encipher(algorithm, clear, digits[:size])
    second = encipher(algorithm, clear, exclusive_or(first, digits[size:]))
    return second.hex().upper().encode()[:MAC_BYTES]


def _x9_19(algorithm: Algorithm, clear: Clear, data: bytes) -> bytes:
    """The retail MAC: single DES with the left half, the last block with both halves.

    Source: ANSI X9.19, which is ISO/IEC 9797-1 MAC algorithm 3 with padding method 1 and no truncation.
    """
    if algorithm is not Algorithm.TDES or len(clear) != 16:
        raise KeyMisused("The retail MAC needs a Triple DES key of 16 bytes.")
    padded = _padded(data, 8)
    chain = bytes(8)
    if len(padded) > 8:
        chain = encipher_chained(Algorithm.DES, clear[:8], padded[:-8], bytes(8))[-8:]
    # Enciphering with the left half, deciphering with the right and enciphering again is Triple DES itself.
    return encipher(Algorithm.TDES, clear, exclusive_or(chain, padded[-8:]))


def _x9_9(algorithm: Algorithm, clear: Clear, data: bytes) -> bytes:
    """The last block of the chain. Source: ANSI X9.9, ISO/IEC 9797-1 MAC algorithm 1 with padding method 1."""
    size = algorithm.block_bytes
    return encipher_chained(algorithm, clear, _padded(data, size), bytes(size))[-size:][:MAC_BYTES]


def _cmac(algorithm: Algorithm, clear: Clear, data: bytes) -> bytes:
    """The leftmost bytes of the CMAC. Source: NIST SP 800-38B §6.2, ISO/IEC 9797-1 MAC algorithm 5."""
    return cmac(algorithm, clear, data)[:MAC_BYTES]


def _padded(data: bytes, size: int) -> bytes:
    """Fill with zeros to whole blocks, at least one. Source: ISO/IEC 9797-1 padding method 1."""
    return data.ljust(max(1, -(-len(data) // size)) * size, b"\0")


_MAKERS: Final[Mapping[MacVariant, Callable[[Algorithm, Clear, bytes], bytes]]] = {
    MacVariant.CUP_ECB: _cup_ecb,
    MacVariant.X9_19: _x9_19,
    MacVariant.X9_9: _x9_9,
    MacVariant.CMAC: _cmac,
}
