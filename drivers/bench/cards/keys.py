"""The RSA keys of the test authority, its issuers and their cards: read from data, used by plain arithmetic.

They are test keys: they stand in the open, in `data/keys.toml`, and protect nothing. `make` made them once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class RsaKey:
    """An RSA key pair; every block that it signs or deciphers is `size` bytes."""

    p: int
    q: int
    exponent: int

    @property
    def modulus(self) -> bytes:
        """The modulus, first byte not zero."""
        number = self.p * self.q
        return number.to_bytes((number.bit_length() + 7) // 8, "big")

    @property
    def size(self) -> int:
        """Bytes of the modulus."""
        return len(self.modulus)

    @property
    def exponent_bytes(self) -> bytes:
        """The public exponent as certificates carry it: 1 or 3 bytes."""
        return self.exponent.to_bytes((self.exponent.bit_length() + 7) // 8, "big")

    def sign(self, block: bytes) -> bytes:
        """Apply the private key to a block below the modulus (EMV 4.3 Book 2 Annex B2.1.2), by its two primes."""
        number = int.from_bytes(block, "big")
        from_p = pow(number, pow(self.exponent, -1, self.p - 1), self.p)
        from_q = pow(number, pow(self.exponent, -1, self.q - 1), self.q)
        combined = from_q + self.q * (pow(self.q, -1, self.p) * (from_p - from_q) % self.p)
        return combined.to_bytes(self.size, "big")


@dataclass(frozen=True, slots=True)
class SchemeKeys:
    """The chain of one scheme: the authority's key and index, an issuer's, its cards', and their PINs'."""

    rid: bytes
    index: int
    authority: RsaKey
    issuer: RsaKey
    card: RsaKey
    pin: RsaKey


def _key(table: Mapping[str, Any]) -> RsaKey:
    return RsaKey(int(table["p"], 16), int(table["q"], 16), table["exponent"])


@cache
def scheme_keys() -> Mapping[str, SchemeKeys]:
    """The keys of every scheme, by its name."""
    text = resources.files(__package__).joinpath("data", "keys.toml").read_text()
    return {
        name: SchemeKeys(
            bytes.fromhex(table["rid"]),
            table["index"],
            *(_key(table[role]) for role in ("authority", "issuer", "card", "pin")),
        )
        for name, table in tomllib.loads(text).items()
    }
