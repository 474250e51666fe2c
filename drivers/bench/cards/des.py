"""Triple DES as EMV uses it: blocks, chains, and the MAC of ISO/IEC 9797-1.

Source: EMV 4.3 Book 2 Annex A1.1 (encipherment), A1.2.1 (MAC, algorithm 3). The cipher itself is the library's;
it is loaded at the first use, so that a list of cards costs nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK: Final = 8


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> Cipher[ECB]:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES  # noqa: PLC0415 - see the first lines
    from cryptography.hazmat.primitives.ciphers import Cipher, modes  # noqa: PLC0415 - see the first lines

    # A key for single DES is the same eight bytes three times; a double-length key repeats its first half.
    whole = key * 3 if len(key) == BLOCK else key + key[:BLOCK]
    return Cipher(TripleDES(whole), modes.ECB())  # noqa: S305 - single blocks, as the books prescribe


def encipher(key: bytes, data: bytes) -> bytes:
    """Encipher whole blocks, each by itself (ECB); `key` has 8 or 16 bytes."""
    return _cipher(key).encryptor().update(data)


def decipher(key: bytes, data: bytes) -> bytes:
    """Decipher whole blocks, each by itself (ECB)."""
    return _cipher(key).decryptor().update(data)


def encipher_chain(key: bytes, data: bytes) -> bytes:
    """Encipher whole blocks as a chain (CBC) that starts at zero."""
    result, last = b"", bytes(BLOCK)
    for at in range(0, len(data), BLOCK):
        last = encipher(key, xor(data[at : at + BLOCK], last))
        result += last
    return result


def decipher_chain(key: bytes, data: bytes) -> bytes:
    """Decipher what `encipher_chain` made."""
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
    return b"".join(xor(decipher(key, each), last) for each, last in zip(blocks, [bytes(BLOCK), *blocks], strict=False))


def mac(key: bytes, padded: bytes) -> bytes:
    """The eight bytes of ISO/IEC 9797-1 algorithm 3 over whole blocks: DES for each, Triple DES for the last."""
    left, right = key[:BLOCK], key[BLOCK:]
    last = encipher_chain(left, padded)[-BLOCK:]
    return encipher(left, decipher(right, last))


def pad_zeros(data: bytes) -> bytes:
    """Fill the last block with zeros (ISO/IEC 9797-1 padding method 1)."""
    return data + bytes(-len(data) % BLOCK)


def pad_marked(data: bytes) -> bytes:
    """Fill the last block with 80 and zeros, a new one if need be (ISO/IEC 9797-1 padding method 2)."""
    return pad_zeros(data + b"\x80")


def xor(one: bytes, other: bytes) -> bytes:
    """Both, bit by bit; they are equally long."""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
