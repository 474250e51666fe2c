"""What card and issuer compute with the keys they share: cryptograms, the issuer's answer, script MACs.

Owned here: the derivation of a card's keys from its issuer's (option A), session keys, application cryptograms of
versions 10 and 18, ARPC methods 1 and 2, secure messaging of format 2. Source: EMV 4.3 Book 2 §8, §9 and Annex A1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from drivers.bench.cards import des


class CryptogramVersion(IntEnum):
    """The cryptogram version number in the issuer application data."""

    CVN10 = 0x0A
    """The card's own key, padding with zeros; the card's verification results alone are signed, not the whole 9F10."""
    CVN18 = 0x12
    """The common session key, padding with a mark; the whole 9F10 is signed."""


@dataclass(frozen=True, slots=True)
class CardKeys:
    """The three keys, 16 bytes each, that a card shares with its issuer: cryptograms, script MACs, script secrets."""

    cryptogram: bytes
    integrity: bytes
    confidentiality: bytes


def derive_card_key(issuer_key: bytes, pan: str, psn: int) -> bytes:
    """A card's key from the issuer's, by PAN and PAN sequence number. Source: Annex A1.4.1, option A."""
    digits = f"{pan}{psn:02}"[-16:].rjust(16, "0")
    block = bytes.fromhex(digits)
    return des.encipher(issuer_key, block + bytes(each ^ 0xFF for each in block))


def derive_card_keys(issuer_keys: CardKeys, pan: str, psn: int) -> CardKeys:
    """All three keys of a card from those of its issuer."""
    return CardKeys(
        derive_card_key(issuer_keys.cryptogram, pan, psn),
        derive_card_key(issuer_keys.integrity, pan, psn),
        derive_card_key(issuer_keys.confidentiality, pan, psn),
    )


def session_key(card_key: bytes, diversifier: bytes) -> bytes:
    """The common session key: `diversifier` is the ATC, for scripts the application cryptogram. Source: A1.3.1."""
    block = diversifier.ljust(8, b"\x00")
    left = block[:2] + b"\xf0" + block[3:]
    right = block[:2] + b"\x0f" + block[3:]
    return des.encipher(card_key, left) + des.encipher(card_key, right)


def cryptogram_key(version: CryptogramVersion, card_key: bytes, atc: int) -> bytes:
    """The key for a transaction's cryptograms, ARPC included: CVN 10 uses the card's key as it is."""
    return card_key if version is CryptogramVersion.CVN10 else session_key(card_key, atc.to_bytes(2, "big"))


def application_cryptogram(version: CryptogramVersion, key: bytes, data: bytes) -> bytes:
    """ARQC, TC or AAC over `data`: the MAC of the transaction under its session key. Source: Book 2 §8.1."""
    return des.mac(key, des.pad_zeros(data) if version is CryptogramVersion.CVN10 else des.pad_marked(data))


def arpc_method_1(key: bytes, arqc: bytes, response_code: bytes) -> bytes:
    """The issuer's answer of 8 bytes, over the 2-byte authorisation response code. Source: Book 2 §8.2.1."""
    return des.encipher(key, des.xor(arqc, response_code.ljust(8, b"\x00")))


def arpc_method_2(key: bytes, arqc: bytes, status_update: bytes, proprietary: bytes = b"") -> bytes:
    """The issuer's answer of 4 bytes, over 4 bytes of card status update and 0 to 8 of its own. Source: §8.2.2."""
    return des.mac(key, des.pad_marked(arqc + status_update + proprietary))[:4]


def script_mac(keys: CardKeys, header: bytes, atc: int, cryptogram: bytes, data: bytes) -> bytes:
    """The MAC of a script command, 8 bytes; `header` is CLA INS P1 P2 Lc, `data` without the MAC. Source: §9.2.3."""
    key = session_key(keys.integrity, cryptogram)
    return des.mac(key, des.pad_marked(header + atc.to_bytes(2, "big") + cryptogram + data))


def encipher_script_data(keys: CardKeys, cryptogram: bytes, data: bytes) -> bytes:
    """Hide a script command's data: a chain of Triple DES after padding with a mark. Source: §9.3."""
    return des.encipher_chain(session_key(keys.confidentiality, cryptogram), des.pad_marked(data))


def decipher_script_data(keys: CardKeys, cryptogram: bytes, data: bytes) -> bytes | None:
    """What `encipher_script_data` hid, or None where it does not come out with its padding."""
    if not data or len(data) % des.BLOCK:
        return None
    plain = des.decipher_chain(session_key(keys.confidentiality, cryptogram), data).rstrip(b"\x00")
    return plain[:-1] if plain.endswith(b"\x80") else None


def pin_block(pin: str) -> bytes:
    """A PIN of 4 to 12 digits as the 8-byte block of ISO 9564-1 format 2. Source: Book 3 §6.5.12, table 24."""
    return bytes.fromhex(f"2{len(pin):X}{pin.ljust(14, 'F')}")
