"""Certificates and signatures of the card's side: issuer, card and PIN keys, static and dynamic data.

Owned here: the layouts that a terminal recovers. Source: EMV 4.3 Book 2 §5.1 (tables 1 to 3), §6.1, §6.5, §6.6, §7.1
and Annex A2.1. Every hash is SHA-1, as the books have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from typing import Final

from drivers.bench.cards.keys import RsaKey

EXPIRES: Final = b"\x12\x49"
"""Every test certificate is valid to the end of December 2049."""
_SERIAL: Final = b"\x00\x00\x01"
_SHA1: Final = b"\x01"
_RSA: Final = b"\x01"
ISSUER_OVERHEAD: Final = 36
CARD_OVERHEAD: Final = 42


@dataclass(frozen=True, slots=True)
class Certificate:
    """A key in a certificate: what is signed, and what found no room in it."""

    signed: bytes
    remainder: bytes
    exponent: bytes


def issuer_certificate(authority: RsaKey, issuer: RsaKey, pan: str) -> Certificate:
    """The issuer's key, signed by the authority; its identifier is the first eight digits of the PAN (table 6)."""
    head = b"\x02" + bytes.fromhex(pan[:8]) + EXPIRES + _SERIAL + _SHA1 + _RSA
    return _certify(authority, issuer, head, ISSUER_OVERHEAD, b"")


def card_certificate(issuer: RsaKey, card: RsaKey, pan: str, static_data: bytes = b"") -> Certificate:
    """A card's key for data authentication, or for its PIN without `static_data`, signed by its issuer (table 14)."""
    head = b"\x04" + bytes.fromhex(pan.ljust(20, "F")) + EXPIRES + _SERIAL + _SHA1 + _RSA
    return _certify(issuer, card, head, CARD_OVERHEAD, static_data)


def _certify(signer: RsaKey, key: RsaKey, head: bytes, overhead: int, static_data: bytes) -> Certificate:
    room = signer.size - overhead
    lengths = bytes([key.size, len(key.exponent_bytes)])
    inside = key.modulus[:room].ljust(room, b"\xbb")
    remainder = key.modulus[room:]
    body = head + lengths + inside
    signed = _sign(signer, body, body + remainder + key.exponent_bytes + static_data)
    return Certificate(signed, remainder, key.exponent_bytes)


def sign_static_data(issuer: RsaKey, static_data: bytes, code: bytes = b"\xda\xc1") -> bytes:
    """Tag 93: the issuer's signature over the static data; `code` is the data authentication code (table 3)."""
    body = b"\x03" + _SHA1 + code
    body = body.ljust(issuer.size - 22, b"\xbb")
    return _sign(issuer, body, body + static_data)


def sign_dynamic_data(card: RsaKey, dynamic_data: bytes, terminal_data: bytes) -> bytes:
    """Tag 9F4B: the card's signature over its own and the terminal's dynamic data (§6.5.1 table 15, §6.6.1)."""
    body = b"\x05" + _SHA1 + bytes([len(dynamic_data)]) + dynamic_data
    body = body.ljust(card.size - 22, b"\xbb")
    return _sign(card, body, body + terminal_data)


def _sign(signer: RsaKey, body: bytes, hashed: bytes) -> bytes:
    """Frame `body` by 6A, hash and BC, and sign it. Source: Annex A2.1.2."""
    block = b"\x6a" + body + sha1(hashed, usedforsecurity=False).digest() + b"\xbc"
    assert len(block) == signer.size, (len(block), signer.size)
    return signer.sign(block)
