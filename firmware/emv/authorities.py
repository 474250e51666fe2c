"""Certification authorities whose secret keys everybody can read: a terminal in service trusts none of them.

A key is known by its modulus, whatever index or name it comes under. The list is the bench's own authority
(`drivers/bench/cards`); a test compares it with `ca_keys.toml`. Keys that schemes publish for tests belong here too,
from their publications.
"""

from __future__ import annotations

import hashlib
from typing import Final

_MODULUS_HASHES: Final = frozenset(
    {
        "c81012812449ec74485893593a925f85b30db0441bcfb864e1f82066529bbac5",
        "5f29869c73204bc76ef72eca68268bdcb0e5a4527daafe952f0442971d17cb2a",
        "8ab89c51fa8316f7398fa264dc293ba352c15d7f503f54172153fae8169f5fa1",
    }
)
"""SHA-256."""


def is_test_authority(modulus: bytes) -> bool:
    """Whether a CA key with this modulus is one of a test authority."""
    return hashlib.sha256(modulus).hexdigest() in _MODULUS_HASHES
