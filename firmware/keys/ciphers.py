"""The block ciphers of the field, over `cryptography`: which key lengths are legal, and the three ways to run them.

Owned here: Triple DES always gets 24 bytes, a single DES key three times and a double one with its first half again.
Other lengths are on their way out of the library. Sources: ISO/IEC 18033-3 (TDES, AES), GB/T 32907 (SM4), and for the
modes ISO/IEC 10116 and ISO/IEC 9797-1 algorithm 5 (CMAC).

The library is loaded with the first use of a key: a terminal that comes up has none. Its own copies of a key are out
of reach; what can be overwritten is the `bytearray` that a key rests in (`firmware.keys.usages`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm
    from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

Clear = bytes | bytearray


class Algorithm(StrEnum):
    """A block cipher."""

    DES = "des"
    """One DES key of 8 bytes, as old acquirers still send for MACs."""
    TDES = "tdes"
    SM4 = "sm4"
    AES = "aes"

    @property
    def block_bytes(self) -> int:
        """The length of a block."""
        return 8 if self in (Algorithm.DES, Algorithm.TDES) else 16


KEY_BYTES: Final = {
    Algorithm.DES: (8,),
    Algorithm.TDES: (16, 24),
    Algorithm.SM4: (16,),
    Algorithm.AES: (16, 24, 32),
}
"""The lengths of a key."""


def encipher(algorithm: Algorithm, key: Clear, data: Clear) -> bytes:
    """Encipher whole blocks one by one (ECB)."""
    return _run(algorithm, key, data, forward=True)


def decipher(algorithm: Algorithm, key: Clear, data: Clear) -> bytes:
    """Decipher whole blocks one by one (ECB)."""
    return _run(algorithm, key, data, forward=False)


def encipher_chained(algorithm: Algorithm, key: Clear, data: Clear, iv: bytes) -> bytes:
    """Encipher whole blocks, each joined with the one before (CBC)."""
    return _run(algorithm, key, data, forward=True, iv=iv)


def decipher_chained(algorithm: Algorithm, key: Clear, data: Clear, iv: bytes) -> bytes:
    """Decipher whole blocks that were each joined with the one before (CBC)."""
    return _run(algorithm, key, data, forward=False, iv=iv)


def cmac(algorithm: Algorithm, key: Clear, data: Clear) -> bytes:
    """The CMAC, as long as a block (ISO/IEC 9797-1 algorithm 5, NIST SP 800-38B)."""
    from cryptography.hazmat.primitives.cmac import CMAC  # noqa: PLC0415 - see the first lines

    code = CMAC(_cipher(algorithm, key))
    code.update(bytes(data))
    return code.finalize()


def check_value(algorithm: Algorithm, key: Clear, length: int) -> bytes:
    """The first `length` bytes of what the key makes of a block of zeros, by which it is known without being shown.

    It enciphers them, or with AES makes their CMAC. The acquirers of UnionPay take four bytes, people three.
    Source: ANSI X9.24-1:2017 annex A, X9.143 §6.3.6.8.
    """
    zeros = bytes(algorithm.block_bytes)
    made = cmac(algorithm, key, zeros) if algorithm is Algorithm.AES else encipher(algorithm, key, zeros)
    return made[:length]


def exclusive_or(one: Clear, other: Clear) -> bytearray:
    """Join two strings of equal length bit by bit."""
    return bytearray(a ^ b for a, b in zip(one, other, strict=True))


def wipe(clear: bytearray) -> None:
    """Overwrite with zeros, in place."""
    clear[:] = bytes(len(clear))


def _run(algorithm: Algorithm, key: Clear, data: Clear, *, forward: bool, iv: bytes | None = None) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, modes  # noqa: PLC0415 - see the first lines

    assert len(data) % algorithm.block_bytes == 0, len(data)
    # ECB is what the standards of the field ask for single blocks and keys; nothing longer is enciphered with it.
    mode = modes.ECB() if iv is None else modes.CBC(iv)  # noqa: S305 - as the comment says
    cipher: Cipher[ECB | CBC] = Cipher(_cipher(algorithm, key), mode)
    context = cipher.encryptor() if forward else cipher.decryptor()
    return context.update(data) + context.finalize()


def _cipher(algorithm: Algorithm, key: Clear) -> BlockCipherAlgorithm:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES  # noqa: PLC0415 - see the first lines
    from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4  # noqa: PLC0415 - see the first lines

    assert len(key) in KEY_BYTES[algorithm], (algorithm, len(key))
    clear = bytes(key)
    if algorithm is Algorithm.AES:
        return AES(clear)
    if algorithm is Algorithm.SM4:
        return SM4(clear)
    return TripleDES({8: clear * 3, 16: clear + clear[:8], 24: clear}[len(clear)])
