"""The keys of a card, each vouched for by the one above it: authority, issuer, card, and the card's PIN key.

Owned here: which authority key is trusted, and every check on a certificate. All recovered keys are kept in the
Session. Source: Book 2 §5.2, §5.3 (the same as §6.2, §6.3), §6.4 and §7.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from firmware.emv.parameters import CaKey
from firmware.emv.recovery import (
    EXPONENTS,
    HASH_BYTES,
    MODULUS_BYTES_MAX,
    MODULUS_BYTES_MIN,
    RSA,
    SHA_1,
    OdaFailed,
    check_hash,
    recover,
)
from firmware.emv.session import PublicKey, Session

__all__ = ["OdaFailed", "recover_icc_key", "recover_issuer_key", "recover_pin_key", "static_data_to_authenticate"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What tells one kind of certificate from another: its tags, format, and how long the subject's number is."""

    name: str
    certificate_tag: int
    exponent_tag: int
    remainder_tag: int
    data_format: int
    subject_bytes: int

    @property
    def overhead(self) -> int:
        """Bytes of a certificate that are not the key: 36 or 42."""
        # 6A, format, subject, expiry 2, serial 3, two algorithms, two lengths; then hash and BC.
        return 11 + self.subject_bytes + HASH_BYTES + 1


ISSUER: Final = _Kind("the issuer certificate", 0x90, 0x9F32, 0x92, 0x02, 4)
"""Book 2 §5.3, table 6."""
ICC: Final = _Kind("the ICC certificate", 0x9F46, 0x9F47, 0x9F48, 0x04, 10)
"""Book 2 §6.4, table 14."""
PIN: Final = _Kind("the ICC PIN certificate", 0x9F2D, 0x9F2E, 0x9F2F, 0x04, 10)
"""Book 2 §7.1, table 25."""


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a certificate says whose hash is right."""

    subject: bytes
    serial: bytes
    key: PublicKey


def recover_issuer_key(s: Session) -> PublicKey:
    """Return the issuer's public key, from its certificate; the first time it is recovered and kept.

    Reads 5A, 8F, 90, 92, 9F32 and the CA keys; writes `issuer_key` and 9F22. Raises: OdaFailed.
    Source: Book 2 §5.2, §5.3.
    """
    if s.issuer_key is not None:
        return s.issuer_key
    index = _required(s, 0x8F)
    pan = _pan(s)
    certificate, exponent = _required(s, ISSUER.certificate_tag), _required(s, ISSUER.exponent_tag)
    authority = _authority(s, index)
    parent = PublicKey(authority.modulus, authority.exponent)
    contents = _open(s, ISSUER, parent, certificate, exponent)
    # Step 8: the issuer's number is 3 to 8 digits, padded with F.
    number = contents.subject.hex().rstrip("f")
    if len(number) < 3 or not number.isdecimal() or not pan.startswith(number):
        raise OdaFailed("the issuer certificate is for other cards")
    # Step 10: the revocation list is by certificate, not by key.
    if (authority.rid, authority.index, contents.serial) in s.parameters.revoked:
        raise OdaFailed("the issuer certificate is revoked")
    s.store.set(0x9F22, index)
    s.issuer_key = contents.key
    return contents.key


def recover_icc_key(s: Session) -> PublicKey:
    """Return the card's public key, from its certificate; the first time it is recovered and kept.

    The certificate signs the card's static data too. Reads 9F46, 9F47, 9F48, 5A and `static_data`; writes `icc_key`.
    Raises: OdaFailed. Source: Book 2 §6.4.
    """
    if s.icc_key is None:
        s.icc_key = _card_key(s, ICC, static_data_to_authenticate)
    return s.icc_key


def recover_pin_key(s: Session) -> PublicKey:
    """Return the key that enciphers a PIN for this card: its PIN key where it has one, else its own key.

    Reads 9F2D, 9F2E, 9F2F, 5A; writes `pin_key`. Raises: OdaFailed - the certificate that is there is not good; a card
    with a bad PIN certificate is not given a PIN under another key. Source: Book 2 §7.1, steps 1 to 3.
    """
    if s.pin_key is None:
        has_own = s.store.card(PIN.certificate_tag) is not None and s.store.card(PIN.exponent_tag) is not None
        s.pin_key = _card_key(s, PIN, lambda _session: b"") if has_own else recover_icc_key(s)
    return s.pin_key


def static_data_to_authenticate(s: Session) -> bytes:
    """Return the static data as the issuer signed it: the records of the AFL, then what 9F4A names.

    Raises: OdaFailed - a record cannot be signed, or 9F4A is there and is not the AIP's tag alone.
    Source: Book 3 §10.3; Book 2 §5.1.1, §5.4 step 5, §6.4 step 5.
    """
    if s.static_data is None:
        raise OdaFailed("a record that should be signed is not a record template")
    tag_list = s.store.card(0x9F4A)
    if tag_list is None:
        return s.static_data
    if tag_list != b"\x82":
        raise OdaFailed("the static data authentication tag list names more than the AIP")
    # The value of the AIP alone, without its tag and length.
    return s.static_data + s.aip.value.to_bytes(2, "big")


def _required(s: Session, tag: int) -> bytes:
    """What the card gave under `tag`. Raises: OdaFailed - nothing: mandatory by Book 3 §7.2, tables 29 and 30."""
    value = s.store.card(tag)
    if value is None:
        raise OdaFailed(f"tag {tag:X} is missing", missing=True)
    return value


def _pan(s: Session) -> str:
    return _required(s, 0x5A).hex().rstrip("f")


def _authority(s: Session, index: bytes) -> CaKey:
    """The CA key that 8F names; the card is not to blame where the terminal has none (Book 2 §5.2).

    A key past its expiry date is as good as none: the scheme withdraws it then (Book 2 §10.2), and no certificate
    under it may be valid any longer (§10.2.1). It stays in the parameters, so that lists and reports can name it.
    """
    if len(index) != 1:
        raise OdaFailed("the index of the CA key is not one byte")
    key = s.parameters.ca_keys.get((s.chosen.aid[:5], index[0]))
    if key is None:
        raise OdaFailed("the terminal has not the CA key that the card names")
    if key.expires < s.request.at.date():
        raise OdaFailed("the CA key that the card names has expired")
    return key


def _card_key(s: Session, kind: _Kind, signed_after: Callable[[Session], bytes]) -> PublicKey:
    """A key that the issuer certified for this card. Raises: OdaFailed. Source: Book 2 §6.4, §7.1."""
    certificate, exponent, pan = _required(s, kind.certificate_tag), _required(s, kind.exponent_tag), _pan(s)
    contents = _open(s, kind, recover_issuer_key(s), certificate, exponent, signed_after(s))
    # §6.4 step 8: the card's number stands there padded with F to ten bytes.
    if contents.subject.hex().rstrip("f") != pan:
        raise OdaFailed(f"{kind.name} is for another card")
    return contents.key


def _open(
    s: Session, kind: _Kind, parent: PublicKey, certificate: bytes, exponent: bytes, signed_after: bytes = b""
) -> _Contents:
    """Recover a certificate and check all that does not depend on whose it is.

    Source: Book 2 §5.3 steps 1 to 7, 9, 11 and 12; §6.4 steps 1 to 7 and 9 to 11.
    """
    block = recover(parent, certificate, kind.data_format, kind.name)
    at = 2 + kind.subject_bytes
    subject, expiry, serial = block[2:at], block[at : at + 2], block[at + 2 : at + 5]
    hash_algorithm, key_algorithm, key_length, _exponent_length = block[at + 5 : at + 9]
    room = len(block) - kind.overhead
    remainder = _remainder(s, kind, key_length - room)
    if hash_algorithm != SHA_1:
        raise OdaFailed(f"{kind.name} has another hash algorithm than SHA-1")
    check_hash(block, remainder + exponent + signed_after, kind.name)
    _check_expiry(expiry, s.request.at.date(), kind.name)
    if key_algorithm != RSA:
        raise OdaFailed(f"the key in {kind.name} is not one for RSA")
    modulus = block[at + 9 : at + 9 + min(key_length, room)] + remainder
    return _Contents(subject, serial, _key(modulus, exponent, len(parent.modulus), kind.name))


def _remainder(s: Session, kind: _Kind, length: int) -> bytes:
    """The part of the key that found no room in the certificate, `length` bytes, negative where room was left.

    Where all of the key fits, the card may leave the object out, or give it empty (Book 2 §5.1, §6.1).
    """
    remainder = s.store.card(kind.remainder_tag) or b""
    if not remainder and length > 0:
        raise OdaFailed(f"tag {kind.remainder_tag:X} is missing", missing=True)
    if len(remainder) != max(0, length):
        raise OdaFailed(f"{kind.name} and the remainder of its key do not fit together")
    return remainder


def _check_expiry(field: bytes, today: date, what: str) -> None:
    """Refuse a certificate after the last day of its month, MMYY. Source: Book 2 §5.3 step 9, Book 4 §6.7.3."""
    digits = field.hex()
    if not digits.isdecimal() or not 1 <= int(digits[:2]) <= 12:
        raise OdaFailed(f"{what} has no month of expiry")
    # Book 4 §6.7.3: 00 to 49 are of this century, 50 to 99 of the last.
    year = int(digits[2:])
    year += 2000 if year < 50 else 1900
    if (year, int(digits[:2])) < (today.year, today.month):
        raise OdaFailed(f"{what} has expired")


def _key(modulus: bytes, exponent: bytes, longest: int, what: str) -> PublicKey:
    """The key itself; no longer than the one above it. Source: Book 2 §5.1, §6.1 (lengths), Annex A2.1 (exponents)."""
    if not MODULUS_BYTES_MIN <= len(modulus) <= min(longest, MODULUS_BYTES_MAX) or modulus[0] == 0:
        raise OdaFailed(f"the key in {what} is too short or too long")
    number = int.from_bytes(exponent, "big")
    if number not in EXPONENTS:
        raise OdaFailed(f"the exponent of the key in {what} is not 3 or 65537")
    return PublicKey(modulus, number)
