"""A certification authority for tests: fixed keys, and certificates and signatures with any one thing wrong.

Written by the tables of Book 2 and by nothing of the firmware, so that a shared mistake cannot hide. The keys are
short, for speed; none protects anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha1

from firmware.emv.parameters import CaKey, EmvParameters
from firmware.emv.session import PublicKey, Session
from tests.firmware.emv.scripted import PARAMETERS


@dataclass(frozen=True)
class Key:
    """An RSA key pair."""

    p: int
    q: int
    exponent: int = 3

    @property
    def modulus(self) -> bytes:
        number = self.p * self.q
        return number.to_bytes((number.bit_length() + 7) // 8, "big")

    @property
    def size(self) -> int:
        return len(self.modulus)

    @property
    def exponent_bytes(self) -> bytes:
        return b"\x03" if self.exponent == 3 else self.exponent.to_bytes(3, "big")

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.modulus, self.exponent)

    def sign(self, block: bytes) -> bytes:
        private = pow(self.exponent, -1, (self.p - 1) * (self.q - 1))
        return pow(int.from_bytes(block, "big"), private, self.p * self.q).to_bytes(self.size, "big")


def _key(p: str, q: str) -> Key:
    return Key(int(p, 16), int(q, 16))


AUTHORITY = _key(
    (
        "FEFEABEF74E577F8BBA9C8D3AF3A946CD00F07BBFC3EBA86951D5399AA5A61ACCE029AD8832EC9FD53DD1BC97943ABF5C114"
        "DC9DCB545C8F1DC26080267B6219"
    ),
    (
        "CA8AFAD2E36BADE169E96598552EB4E484EAC01B782BA00EFD9A3B1E891C5C60915254A73190B6976822312A3574650DC64F"
        "BA2A8F16675CE8C9E5155D72E729"
    ),
)
"""128 bytes: room for 92 of an issuer's key."""
ISSUER = _key(
    (
        "E9349071E5ADD31C2E2FB3F294A9163EFBA14E2C78A0B1A43DE53AD5AF9163CA2A4C1433D9A569754A1A5458AAD7A78DB586"
        "CAD3BBF3FB9B"
    ),
    (
        "DEDCF980EFD69ED404731AC4C9E508845C72FDDC09311819086FD54C051B6213205BE4557F507F9D0221FE49888A5C8547A5"
        "82D19C607177"
    ),
)
"""112 bytes: 20 of them in the remainder; room for 70 of a card's key."""
CARD = _key(
    "EAA65E59CD7981F7C3830B114C022F1740B1CDFC45B78157A8D3F329AC7B98C739F07AF97EDB11DE1B6E59B8F6C91A1F",
    "F8AB6B5159BBAB090BE22A1C3E5CCBF72E9EF090370E8401324FF6F7CAD25E448D346852D8F3990041A42ED87502DA61",
)
"""96 bytes: 26 of them in the remainder."""
SHORT_ISSUER = _key(
    "E44681015CA49925CEF6E22DED5E37BD771C65EDD56DE09857C52A8E013B489DECA1DA47877EA525",
    "D328B1DA7E75A0D15E66E145AE4F2CF5B61AEF104249E8EE3B6E49881A0D64104E2AD051AE97FCA7",
)
"""80 bytes: fits under the authority, padded; room for 38."""
PIN = _key(
    "DD937D8BA20BDC719BA559ABDC5E221F1E9F2E9E4B5798DB8D5F95A3766FC105",
    "D53495A2743C3A41AF1FE6F4DB8211E8922F6DC1D1BB556D304466CAC8CA5BA5",
)
"""64 bytes: fits under the issuer, padded."""

RID = bytes.fromhex("A000000333")
INDEX = 0xF1
PAN = "6250941234567890"
SERIAL = b"\x00\x12\x34"
UNPREDICTABLE = bytes.fromhex("8B55633B")
STATIC = bytes.fromhex("5F24034912315A086250941234567890")
DYNAMIC_NUMBER = bytes.fromhex("0102030405060708")
CRYPTOGRAM = bytes.fromhex("A1A2A3A4A5A6A7A8")


def envelope(
    signer: Key, body: bytes, after: bytes, *, header: int = 0x6A, trailer: int = 0xBC, bad: bool = False
) -> bytes:
    """Sign `body`, which begins with its format; `after` is hashed with it and not carried. `bad` spoils the hash."""
    digest = sha1(body + after + (b"bad" if bad else b"")).digest()
    return signer.sign(bytes([header]) + body + digest + bytes([trailer]))


@dataclass(frozen=True)
class Certificate:
    """A certificate before it is signed; every field of Book 2 tables 6 and 14 can be wrong."""

    signer: Key
    key: Key
    subject: bytes
    data_format: int
    after: bytes = b""
    expiry: bytes = b"\x12\x49"
    serial: bytes = SERIAL
    hash_algorithm: int = 1
    key_algorithm: int = 1
    key_length: int | None = None
    modulus: bytes | None = None
    exponent: bytes | None = None
    header: int = 0x6A
    trailer: int = 0xBC
    bad_hash: bool = False

    @property
    def _room(self) -> int:
        return self.signer.size - 32 - len(self.subject)

    @property
    def _modulus(self) -> bytes:
        return self.key.modulus if self.modulus is None else self.modulus

    @property
    def remainder(self) -> bytes:
        return self._modulus[self._room :]

    @property
    def exponent_bytes(self) -> bytes:
        return self.key.exponent_bytes if self.exponent is None else self.exponent

    def signed(self) -> bytes:
        length = len(self._modulus) if self.key_length is None else self.key_length
        body = bytes([self.data_format]) + self.subject + self.expiry + self.serial
        body += bytes([self.hash_algorithm, self.key_algorithm, length, len(self.exponent_bytes) & 0xFF])
        body += self._modulus[: self._room].ljust(self._room, b"\xbb")
        after = self.remainder + self.exponent_bytes + self.after
        return envelope(self.signer, body, after, header=self.header, trailer=self.trailer, bad=self.bad_hash)


ISSUER_CERTIFICATE = Certificate(AUTHORITY, ISSUER, bytes.fromhex("625094FF"), 0x02)
CARD_CERTIFICATE = Certificate(ISSUER, CARD, bytes.fromhex(PAN + "FFFF"), 0x04, after=STATIC)
PIN_CERTIFICATE = Certificate(ISSUER, PIN, bytes.fromhex(PAN + "FFFF"), 0x04)


def ca_key(key: Key = AUTHORITY, *, expires: date = date(2049, 12, 31), rid: bytes = RID, index: int = INDEX) -> CaKey:
    checksum = sha1(rid + bytes([index]) + key.modulus + key.exponent_bytes).digest()
    return CaKey(rid, index, key.modulus, key.exponent, checksum, expires, testing=True)


TRUSTING = replace(PARAMETERS, ca_keys={(RID, INDEX): ca_key()})
"""Parameters of a terminal that trusts the authority."""


def trusting(key: CaKey) -> EmvParameters:
    return replace(PARAMETERS, ca_keys={(key.rid, key.index): key})


def static_signature(
    signer: Key = ISSUER, after: bytes = STATIC, *, hash_algorithm: int = 1, bad: bool = False
) -> bytes:
    """Tag 93, by table 7."""
    body = bytes([0x03, hash_algorithm, 0xDA, 0xC1])
    return envelope(signer, body.ljust(signer.size - 22, b"\xbb"), after, bad=bad)


def dynamic_signature(
    data: bytes, terminal_data: bytes, signer: Key = CARD, *, length: int | None = None, hash_algorithm: int = 1
) -> bytes:
    """Tag 9F4B, by table 17."""
    body = bytes([0x05, hash_algorithm, len(data) if length is None else length]) + data
    return envelope(signer, body.ljust(signer.size - 22, b"\xbb"), terminal_data)


def objects(
    issuer: Certificate = ISSUER_CERTIFICATE, card: Certificate = CARD_CERTIFICATE, pin: Certificate | None = None
) -> dict[int, bytes]:
    """What the records of a card with these certificates hold for its authentication."""
    given = {
        0x5A: bytes.fromhex(PAN),
        0x8F: bytes([INDEX]),
        0x90: issuer.signed(),
        0x92: issuer.remainder,
        0x9F32: issuer.exponent_bytes,
        0x9F46: card.signed(),
        0x9F47: card.exponent_bytes,
        0x9F48: card.remainder,
        0x93: static_signature(),
    }
    if pin is not None:
        given |= {0x9F2D: pin.signed(), 0x9F2E: pin.exponent_bytes, 0x9F2F: pin.remainder}
    return given


def give(s: Session, given: dict[int, bytes]) -> None:
    """Put into the session what `read_records` leaves there."""
    for tag, value in given.items():
        s.store.replace_from_card(tag, value)
    s.static_data = STATIC
