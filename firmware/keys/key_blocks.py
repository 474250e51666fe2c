"""Key blocks: a key that comes wrapped together with what it is for, so that neither can be changed without the other.

Owned here: the import of ASC X9 TR-31 / ANSI X9.143 key blocks of the versions A, B, C and D. A base derivation key is
refused: it derives the keys of all terminals, and none may hold it. Sources: ASC X9 TR-31:2018, ANSI X9.143:2021.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.keys.ciphers import Algorithm, Clear, check_value, cmac, decipher_chained, encipher_chained, wipe
from firmware.keys.errors import BadKey, BadKeyBlock
from firmware.keys.usages import Key, Operation, Usage

LONGEST: Final = 9_992
"""Characters of the longest block that four digits of length can tell and that whole cipher blocks fill."""
CHECK_BYTES: Final = 3

_HEADER: Final = re.compile(r"([ABCD])([0-9]{4})([A-Z0-9]{2})([A-Z])([A-Z])[ -~]{2}([ENS])([0-9]{2})00")
_HEADER_LENGTH: Final = 16
_OPTIONAL_MAX: Final = 99

_ALGORITHMS: Final = {"D": Algorithm.DES, "T": Algorithm.TDES, "A": Algorithm.AES}
_USAGES: Final = {
    "K0": Usage.MASTER,
    "K1": Usage.PROTECTION,
    "P0": Usage.PIN,
    "M0": Usage.MAC,
    "M1": Usage.MAC,
    "M3": Usage.MAC,
    "M6": Usage.MAC,
    "D0": Usage.TRACK,
    "B1": Usage.INITIAL,
}
"""Usages of X9.143 table 6 that a terminal has a use for."""
_ANY: Final = frozenset(Operation)
_MODES: Final[Mapping[tuple[Usage, str], frozenset[Operation]]] = {
    **{(usage, "N"): _ANY for usage in Usage},
    **{(usage, mode): _ANY for usage in (Usage.MASTER, Usage.PROTECTION) for mode in "BD"},
    **{(usage, mode): _ANY for usage in (Usage.PIN, Usage.TRACK) for mode in "BE"},
    (Usage.INITIAL, "X"): _ANY,
    (Usage.MAC, "C"): _ANY,
    (Usage.MAC, "G"): frozenset({Operation.MAKE_MAC}),
    (Usage.MAC, "V"): frozenset({Operation.CHECK_MAC}),
}
"""Modes of use of X9.143 table 8: what each leaves of a usage."""
_DERIVED: Final = {
    (Algorithm.TDES, 16): b"\x00\x00\x00\x80",
    (Algorithm.TDES, 24): b"\x00\x01\x00\xc0",
    (Algorithm.AES, 16): b"\x00\x02\x00\x80",
    (Algorithm.AES, 24): b"\x00\x03\x00\xc0",
    (Algorithm.AES, 32): b"\x00\x04\x01\x00",
}
"""Algorithm and length of derived keys, as the derivation data of X9.143 §7.3.1 names them."""


@dataclass(frozen=True, slots=True)
class ImportedKey:
    """What a key block held: the key, its check value to be shown, and the serial number of a DUKPT initial key."""

    key: Key
    check: str
    serial: bytes | None


@dataclass(frozen=True, slots=True)
class _Block:
    """A key block taken apart, nothing of it believed yet."""

    version: str
    usage: str
    algorithm: str
    mode: str
    header: bytes
    optional: Mapping[str, str]
    enciphered: bytes
    mac: bytes


def import_key_block(protection: Key, text: str) -> ImportedKey:
    """Unwrap the key of a block.

    Raises: BadKeyBlock - malformed, changed, under another key, or of no use to a terminal; KeyMisused - `protection`
    is no key block protection key.
    """
    clear = protection.clear_for(Operation.UNWRAP_BLOCK)
    block = _parsed(text)
    if protection.algorithm is not (Algorithm.AES if block.version == "D" else Algorithm.TDES):
        raise BadKeyBlock(f"A key block {block.version} does not come under a {protection.algorithm} key.")
    if block.version in "AC":
        plain = _unwrap_by_variants(clear, block)
    else:
        plain = _unwrap_by_derivation(protection.algorithm, clear, block)
    try:
        return _key_of(block, plain)
    finally:
        wipe(plain)


def _parsed(text: str) -> _Block:
    found = _HEADER.match(text) if text.isascii() and len(text) <= LONGEST else None
    if found is None:
        raise BadKeyBlock("This is no key block of the versions A to D.")
    version, length, usage, algorithm, mode, _, optional_count = found.groups()
    if int(length) != len(text):
        raise BadKeyBlock("The key block is cut or longer than it says.")
    size = 16 if version == "D" else 8
    optional, start = _optional_blocks(text, int(optional_count))
    mac_digits = {"A": 8, "B": 16, "C": 8, "D": 32}[version]
    body, mac = text[start:-mac_digits], text[-mac_digits:]
    if start % size or not body or len(body) % (2 * size) or not re.fullmatch(r"[0-9A-F]+", body + mac):
        raise BadKeyBlock("The key block is not made of whole blocks.")
    return _Block(
        version, usage, algorithm, mode, text[:start].encode(), optional, bytes.fromhex(body), bytes.fromhex(mac)
    )


def _optional_blocks(text: str, count: int) -> tuple[Mapping[str, str], int]:
    """Return the optional blocks by their names, and where they end (X9.143 §6.3.6)."""
    found: dict[str, str] = {}
    start = _HEADER_LENGTH
    for _ in range(min(count, _OPTIONAL_MAX)):
        head = re.compile(r"([A-Z0-9]{2})([0-9A-F]{2})").match(text, start)
        if head is None or int(head[2], 16) < 4 or head[1] in found:
            raise BadKeyBlock("An optional block of the key block is malformed.")
        end = start + int(head[2], 16)
        if end > len(text):
            raise BadKeyBlock("An optional block of the key block does not end.")
        found[head[1]] = text[start + 4 : end]
        start = end
    return found, start


def _unwrap_by_variants(protection: Clear, block: _Block) -> bytearray:
    """Versions A and C: the code covers the ciphertext, under keys that differ by a mask (TR-31:2018 §5.3.2)."""
    enciphering = bytearray(byte ^ 0x45 for byte in protection)
    authenticating = bytearray(byte ^ 0x4D for byte in protection)
    try:
        covered = block.header + block.enciphered
        code = encipher_chained(Algorithm.TDES, authenticating, covered, bytes(8))[-8:][: len(block.mac)]
        _check(code, block.mac)
        return bytearray(decipher_chained(Algorithm.TDES, enciphering, block.enciphered, block.header[:8]))
    finally:
        wipe(enciphering)
        wipe(authenticating)


def _unwrap_by_derivation(algorithm: Algorithm, protection: Clear, block: _Block) -> bytearray:
    """Versions B and D: the code covers the plain key and is the first block of the chain (X9.143 §7.3)."""
    enciphering = _derived(algorithm, protection, b"\x00\x00")
    authenticating = _derived(algorithm, protection, b"\x00\x01")
    try:
        plain = bytearray(decipher_chained(algorithm, enciphering, block.enciphered, block.mac))
        try:
            _check(cmac(algorithm, authenticating, block.header + plain), block.mac)
        except BadKeyBlock:
            wipe(plain)
            raise
        return plain
    finally:
        wipe(enciphering)
        wipe(authenticating)


def _derived(algorithm: Algorithm, protection: Clear, usage: bytes) -> bytearray:
    """Derive a key as long as the protection key: its CMACs over counter, usage, separator, algorithm and length."""
    named = _DERIVED[algorithm, len(protection)]
    derived = bytearray()
    counter = 0
    while len(derived) < len(protection):
        counter += 1
        derived += cmac(algorithm, protection, bytes((counter,)) + usage + b"\0" + named)
    return derived[: len(protection)]


def _check(code: bytes, mac: bytes) -> None:
    if not hmac.compare_digest(code, mac):
        raise BadKeyBlock("The key block was changed, or it was wrapped under another key.")


def _key_of(block: _Block, plain: bytearray) -> ImportedKey:
    usage, algorithm = _USAGES.get(block.usage), _ALGORITHMS.get(block.algorithm)
    if usage is None or algorithm is None:
        raise BadKeyBlock(f"A key of usage {block.usage} and algorithm {block.algorithm} has no use in a terminal.")
    operations = _MODES.get((usage, block.mode))
    if operations is None:
        raise BadKeyBlock(f"A key of usage {block.usage} has no use here in the mode {block.mode}.")
    bits = int.from_bytes(plain[:2], "big")
    if bits % 8 or bits // 8 > len(plain) - 2:
        raise BadKeyBlock("The key block holds a key of an impossible length.")
    clear = plain[2 : 2 + bits // 8]
    try:
        key = Key(usage, algorithm, clear, operations)
        return ImportedKey(key, check_value(algorithm, clear, CHECK_BYTES).hex().upper(), _serial(block.optional))
    except BadKey as fault:
        raise BadKeyBlock(str(fault)) from None
    finally:
        wipe(clear)


def _serial(optional: Mapping[str, str]) -> bytes | None:
    """The serial number of a DUKPT initial key: of Triple DES in KS, of AES in IK (X9.143 §6.3.6.6, §6.3.6.7)."""
    text = optional.get("KS") or optional.get("IK")
    if text is None:
        return None
    if not re.fullmatch(r"(?:[0-9A-F]{2}){8,10}", text):
        raise BadKeyBlock("The key block names no proper serial number.")
    return bytes.fromhex(text)
