"""What a signature with message recovery gives back: certificates, signed static data and signed dynamic data.

Owned here: the RSA recovery of Book 2 Annex A2.1 with its envelope (header 6A, format, trailer BC), SHA-1, and the
signed dynamic data that DDA and CDA share. The terminal holds no private key, so none of this is secret.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from firmware.emv.session import PublicKey
from firmware.hal.errors import CardError

MODULUS_BYTES_MIN: Final = 64
"""The shortest modulus that is read: every format has room in it, with a cryptogram in the dynamic data too."""
MODULUS_BYTES_MAX: Final = 248
"""Book 2 Annex D1: the longest modulus, 1984 bits."""
EXPONENTS: Final = (3, 65_537)
"""Book 2 Annex A2.1: the public exponents."""
HASH_BYTES: Final = 20
SHA_1: Final = 0x01
RSA: Final = 0x01
_HEADER: Final = 0x6A
_TRAILER: Final = 0xBC


class OdaFailed(CardError):
    """A key is not recovered, or data is not authentic.

    `missing` tells that data which the card must give for it is not there: that has a bit of its own in the TVR, "ICC
    data missing" (Book 3 §7.5).
    """

    def __init__(self, fact: str, *, missing: bool = False) -> None:
        super().__init__(f"offline data authentication: {fact}")
        self.fact = fact
        self.missing = missing


def sha1(data: bytes) -> bytes:
    """The one hash that the books know, indicator 01. Source: Book 2 Annex B3.1."""
    return hashlib.sha1(data).digest()  # noqa: S324 - the cards in the field are signed with it


def recover(key: PublicKey, signed: bytes, data_format: int, what: str) -> bytes:
    """Undo the signature `signed` and return the whole block, as long as the key; its hash is still to be compared.

    `data_format` is the second byte that belongs there, `what` names the object in the error.
    Raises: OdaFailed - another length than the key's, or a wrong trailer, header or format.
    Source: Book 2 Annex A2.1; steps 1 to 4 of §5.3, §5.4, §6.3, §6.4, §6.5.2 and §6.6.2.
    """
    size = len(key.modulus)
    # Step 1.
    if len(signed) != size:
        raise OdaFailed(f"{what} is not as long as the key that signed it")
    number = pow(int.from_bytes(signed, "big"), key.exponent, int.from_bytes(key.modulus, "big"))
    block = number.to_bytes(size, "big")
    # Steps 2 to 4. A wrong key or a changed bit shows here, but for one case in some millions.
    if block[-1] != _TRAILER:
        raise OdaFailed(f"{what} has not the trailer BC")
    if block[0] != _HEADER:
        raise OdaFailed(f"{what} has not the header 6A")
    if block[1] != data_format:
        raise OdaFailed(f"{what} has not the format {data_format:02X}")
    return block


def check_hash(block: bytes, signed_after: bytes, what: str) -> None:
    """Compare the hash in a recovered block with that of its middle followed by `signed_after`. Raises: OdaFailed."""
    if sha1(block[1 : -HASH_BYTES - 1] + signed_after) != block[-HASH_BYTES - 1 : -1]:
        raise OdaFailed(f"the hash in {what} is not that of the data")


@dataclass(frozen=True, slots=True)
class DynamicData:
    """What the card signed for this one transaction: 9F4C, and what follows it (nothing for DDA)."""

    icc_dynamic_number: bytes
    rest: bytes


def recover_dynamic_data(key: PublicKey, signed: bytes, terminal_data: bytes) -> DynamicData:
    """Recover signed dynamic application data, 9F4B; `terminal_data` is what the terminal gave the card to sign.

    Raises: OdaFailed. Source: Book 2 §6.5.2 (table 17), and §6.6.2 (table 22) up to step 10.
    """
    what = "the signed dynamic data"
    block = recover(key, signed, 0x05, what)
    if block[2] != SHA_1:
        raise OdaFailed(f"{what} has another hash algorithm than SHA-1")
    check_hash(block, terminal_data, what)
    # Format, hash indicator and length stand before the data, the hash and the trailer after it: 25 bytes with 6A.
    length = block[3]
    if length > len(block) - 25:
        raise OdaFailed(f"{what} says that it is longer than its block")
    data = block[4 : 4 + length]
    # The data begins with the ICC dynamic number and its own length byte, which counts as data (tables 15 and 19).
    if not data or not 2 <= data[0] <= 8 or len(data) <= data[0]:
        raise OdaFailed(f"{what} holds no dynamic number of 2 to 8 bytes")
    return DynamicData(data[1 : 1 + data[0]], data[1 + data[0] :])
