"""What must be in no file, log or frame: card numbers and keys in clear (P6), any key after tamper (P9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from drivers.bench.acquirer.books import DERIVED
from drivers.bench.acquirer.derived import keys_of as keys_of_message
from drivers.bench.acquirer.in_memory import PARAMS, InMemoryAcquirer
from drivers.bench.acquirer.master_keys import load_masters
from drivers.bench.cards import load_cards
from firmware.keys.vault import SEALED_NAME, VAULT_NAME
from tests.power.storage import Disk

SEALED: Final = "sealed "
"""What a sealer keeps is its own business: it stands for a TPM or a token, whose memory is in no file."""
SHORTEST_KEY: Final = 16


def _forms(digits: str) -> set[bytes]:
    """Digits as they could stand in a file: as text, and packed, from either nibble on."""
    packed = {bytes.fromhex(each) for each in (digits, digits[1:]) if len(each) % 2 == 0}
    return {digits.encode(), *packed}


NUMBERS: Final = frozenset(
    card.pan(place) for card in load_cards().values() for place in range(max(1, len(card.applications)))
)
_CARDS: Final = {form for number in NUMBERS for form in _forms(number)}
_MASTERS: Final = load_masters(PARAMS)
MASTER_KEYS: Final = frozenset({_MASTERS.des, _MASTERS.sm4, _MASTERS.base})


def keys_of(acquirer: InMemoryAcquirer) -> set[bytes]:
    """The keys that the acquirer shares with its terminals now."""
    rows = acquirer.books.rows("SELECT pin_key, mac_key, track_key FROM terminal")
    working = {bytes(key) for row in rows for key in row.values() if key and key != DERIVED}
    return working | MASTER_KEYS | _derived(acquirer)


def _derived(acquirer: InMemoryAcquirer) -> set[bytes]:
    """The keys of every message that came."""
    keys: set[bytes] = set()
    for row in acquirer.books.rows("SELECT identity, counter FROM serial"):
        of = keys_of_message(_MASTERS.base, (int(row["identity"], 16) | row["counter"]).to_bytes(10, "big"))
        keys |= {of.request.pin, of.request.mac, of.answer.mac}
    return keys


def check_disk(disk: Disk, acquirer: InMemoryAcquirer, keys: Iterable[bytes] = ()) -> None:
    """Fail where a file or a small value of the disk holds a card number or a key in clear.

    A key that is sealed, such as those that open journal and vault, may stand nowhere else either.
    """
    sealed = {value for name, value in disk.values.items() if name.startswith(SEALED) and len(value) >= SHORTEST_KEY}
    secrets = _CARDS | keys_of(acquirer) | set(keys) | sealed
    for name, content in _contents(disk):
        assert not any(secret in content for secret in secrets), f"{name} holds a card number or a key in clear"


def check_zeroised(disk: Disk) -> None:
    """Fail where tamper has left a vault, or the key that opens it."""
    assert not disk.values.get(VAULT_NAME), "the vault is there still"
    assert f"{SEALED}{SEALED_NAME}" not in disk.values, "the key that opens the vault is there still"


def _contents(disk: Disk) -> Iterable[tuple[str, bytes]]:
    for name, content in disk.files.items():
        yield name, bytes(content.seen)
        yield name, content.durable
    for name, value in disk.values.items():
        if not name.startswith(SEALED):
            yield name, value
