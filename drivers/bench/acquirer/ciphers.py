"""What the acquirer does with keys: wraps those of a sign-on, checks MACs, reads PIN blocks and enciphered tracks.

Owned here: the acquirer's own version of UnionPay's rules, apart from the terminal's, so that no mistake is shared.
Source: the field's public descriptions of sign-on codes 001, 003, 004 and 006, ISO 9564-1, ISO/IEC 9797-1.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from drivers.bench.cards import des
from firmware.host.profile import MacVariant

MAC_BYTES: Final = 8
CHECK_BYTES: Final = 4
_SM4_BLOCK: Final = 16


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """The working keys of one terminal. Single DES has 8 bytes, double 16; with SM4 all have 16."""

    pin: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    track: bytes = field(repr=False)
    sm4: bool = False

    @property
    def block(self) -> int:
        """The length of a cipher block."""
        return _SM4_BLOCK if self.sm4 else des.BLOCK


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """What every bench terminal shares: a terminal master key for DES, one for SM4, and the base key of DUKPT."""

    des: bytes = field(repr=False)
    sm4: bytes = field(repr=False)
    base: bytes = field(repr=False)


def encipher(key: bytes, data: bytes, *, sm4: bool = False) -> bytes:
    """Encipher whole blocks, each by itself."""
    return _sm4(key, data, forward=True) if sm4 else des.encipher(key, data)


def decipher(key: bytes, data: bytes, *, sm4: bool = False) -> bytes:
    """Decipher whole blocks, each by itself."""
    return _sm4(key, data, forward=False) if sm4 else des.decipher(key, data)


def _sm4(key: bytes, data: bytes, *, forward: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, modes  # noqa: PLC0415 - slow to load, seldom needed
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4  # noqa: PLC0415 - as above

    cipher = Cipher(SM4(key), modes.ECB())  # noqa: S305 - single blocks, as the acquirers prescribe
    return (cipher.encryptor() if forward else cipher.decryptor()).update(data)


def check_value(key: bytes, *, sm4: bool = False) -> bytes:
    """The first bytes of zeros enciphered."""
    return encipher(key, bytes(_SM4_BLOCK if sm4 else des.BLOCK), sm4=sm4)[:CHECK_BYTES]


def wrapped(keys: WorkingKeys, masters: MasterKeys, code: str) -> bytes:
    """Field 62 of the answer to a sign-on `code`: each key under the master key, behind it its check value.

    A MAC key of 8 bytes in a slot of 16 has zeros behind it.
    """
    master = masters.sm4 if keys.sm4 else masters.des
    sent = (keys.pin, keys.mac, keys.track) if code in ("004", "006") else (keys.pin, keys.mac)
    slot = 8 if code == "001" else 16
    return b"".join(
        encipher(master, key, sm4=keys.sm4).ljust(slot, b"\0") + check_value(key, sm4=keys.sm4) for key in sent
    )


def mac_of(variant: MacVariant, keys: WorkingKeys, data: bytes) -> bytes:
    """The eight bytes that authenticate `data`."""
    if variant is MacVariant.CUP_ECB:
        return _cup_mac(keys, data)
    padded = des.pad_zeros(data)
    if variant is MacVariant.X9_19:
        return des.mac(keys.mac, padded)
    if variant is MacVariant.X9_9:
        return des.encipher_chain(keys.mac, padded)[-MAC_BYTES:]
    return _cmac(keys.mac, data)


def mac_matches(variant: MacVariant, keys: WorkingKeys, data: bytes, mac: bytes) -> bool:
    """Whether `mac` authenticates `data`."""
    return hmac.compare_digest(mac_of(variant, keys, data), mac)


def _cup_mac(keys: WorkingKeys, data: bytes) -> bytes:
    """All blocks joined; the sum as hexadecimal text, enciphered in two steps; eight digits of what comes out."""
    size = keys.block
    total = bytes(size)
    filled = data + bytes(-len(data) % size)
    for at in range(0, len(filled), size):
        total = des.xor(total, filled[at : at + size])
    text = total.hex().upper().encode("ascii")
    half = encipher(keys.mac, text[:size], sm4=keys.sm4)
    whole = encipher(keys.mac, des.xor(half, text[size:]), sm4=keys.sm4)
    return whole.hex().upper().encode("ascii")[:MAC_BYTES]


def _cmac(key: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.cmac import CMAC  # noqa: PLC0415 - as above

    code = CMAC(TripleDES(key * 3 if len(key) == des.BLOCK else key + key[: des.BLOCK]))
    code.update(data)
    return code.finalize()[:MAC_BYTES]


def pin_of(block: bytes, pan: str, keys: WorkingKeys) -> str | None:
    """The digits of a PIN block of format 0 or 3; None where it is none for this card under this key."""
    if len(block) != keys.block:
        return None
    joined = bytes.fromhex(pan[-13:-1].zfill(2 * keys.block))
    text = des.xor(decipher(keys.pin, block, sm4=keys.sm4), joined).hex().upper()
    length = int(text[1], 16)
    pin, filler = text[2 : 2 + length], text[2 + length :]
    allowed = {"0": "F", "3": "ABCDEF"}.get(text[0])
    if allowed is None or not 4 <= length <= 12 or not pin.isdecimal() or not set(filler) <= set(allowed):
        return None
    return pin


def clear_track(digits: str, keys: WorkingKeys) -> str:
    """The digits of a track whose last whole block, but for one digit or two behind it, was enciphered."""
    size = 2 * keys.block
    end = len(digits) - (1 if len(digits) % 2 else 2)
    start = end - size
    if start < 0:
        return digits
    return (
        digits[:start]
        + decipher(keys.track, bytes.fromhex(digits[start:end]), sm4=keys.sm4).hex().upper()
        + digits[end:]
    )
