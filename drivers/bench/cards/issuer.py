"""The issuer's end of the test cards' keys: checks their cryptograms, answers them, and writes scripts.

For the test acquirer and for tests. Tags are those of field 55, by number. Source: EMV 4.3 Book 2 §8, §9.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest

from drivers.bench.cards.cryptograms import (
    CardKeys,
    CryptogramVersion,
    application_cryptogram,
    arpc_method_1,
    arpc_method_2,
    cryptogram_key,
    derive_card_keys,
    encipher_script_data,
    pin_block,
    script_mac,
)
from drivers.bench.cards.generate import SIGNED_TAGS
from drivers.bench.cards.issuer_keys import ISSUER_KEYS
from drivers.bench.cards.personality import load_schemes
from firmware.emv.tlv import encode

MAC_SIZE = 8
CSU_APPROVES = bytes.fromhex("00800000")
"""A card status update that says no more than that the issuer approves."""


def genuine(pan: str, psn: int, tags: Mapping[int, bytes]) -> bool:
    """Whether the cryptogram (9F26) was made by this card over this transaction."""
    wanted = {*SIGNED_TAGS, 0x82, 0x9F36, 0x9F10, 0x9F26}
    if not wanted <= tags.keys() or _version(tags) is None:
        return False
    version, issuer_data = CryptogramVersion(tags[0x9F10][2]), tags[0x9F10]
    covered = b"".join(tags[tag] for tag in (*SIGNED_TAGS, 0x82, 0x9F36))
    covered += issuer_data[3:7] if version is CryptogramVersion.CVN10 else issuer_data
    key = _key(_card_keys(pan, psn), version, tags)
    return compare_digest(application_cryptogram(version, key, covered), tags[0x9F26])


def answer(pan: str, psn: int, tags: Mapping[int, bytes], response_code: str) -> bytes:
    """The issuer authentication data (91) for an ARQC that is genuine: method 1 or 2, as the card's scheme has it."""
    version = _version(tags)
    assert version is not None, "only a genuine cryptogram is answered"
    key = _key(_card_keys(pan, psn), version, tags)
    code = response_code.encode("ascii")
    if version is CryptogramVersion.CVN10 or _arpc_method(pan) == 1:
        return arpc_method_1(key, tags[0x9F26], code) + code
    update = CSU_APPROVES if response_code == "00" else bytes(4)
    return arpc_method_2(key, tags[0x9F26], update) + update


def script_command(pan: str, psn: int, tags: Mapping[int, bytes], header: bytes, data: bytes = b"") -> bytes:
    """A script command with its MAC; `header` is CLA INS P1 P2, `tags` are those of the ARQC that it answers."""
    whole = header + bytes([len(data) + MAC_SIZE])
    atc = int.from_bytes(tags[0x9F36], "big")
    return whole + data + script_mac(_card_keys(pan, psn), whole, atc, tags[0x9F26], data)


def pin_change(pan: str, psn: int, tags: Mapping[int, bytes], pin: str) -> bytes:
    """The script command that stores a new offline PIN and gives all tries back."""
    hidden = encipher_script_data(_card_keys(pan, psn), tags[0x9F26], pin_block(pin))
    return script_command(pan, psn, tags, bytes.fromhex("84240002"), hidden)


def script(*commands: bytes, identifier: bytes = bytes(4), template: int = 0x72) -> bytes:
    """An issuer script: run before (template 71) or after (72) the second cryptogram. Source: Book 3 §10.10."""
    return encode(template, encode(0x9F18, identifier) + b"".join(encode(0x86, each) for each in commands))


def _version(tags: Mapping[int, bytes]) -> CryptogramVersion | None:
    issuer_data = tags.get(0x9F10, b"")
    known = len(issuer_data) == 7 and issuer_data[2] in list(CryptogramVersion)
    return CryptogramVersion(issuer_data[2]) if known else None


def _card_keys(pan: str, psn: int) -> CardKeys:
    return derive_card_keys(ISSUER_KEYS, pan, psn)


def _key(keys: CardKeys, version: CryptogramVersion, tags: Mapping[int, bytes]) -> bytes:
    return cryptogram_key(version, keys.cryptogram, int.from_bytes(tags[0x9F36], "big"))


def _arpc_method(pan: str) -> int:
    methods = (each.arpc_method for each in load_schemes().values() if pan.startswith(each.account_range))
    return next(methods, 1)
