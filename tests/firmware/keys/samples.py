"""Keys, vaults and chance of the tests of `firmware.keys`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firmware.keys.ciphers import Algorithm, check_value, encipher
from firmware.keys.macs import MacVariant
from firmware.keys.pin_blocks import PinFormat
from firmware.keys.ring import KeyRing, KeySettings
from firmware.keys.usages import Key, Operation, Usage
from firmware.keys.vault import KeyVault
from tests.power.storage import Disk, PowerLosingNvram, PowerLosingSealer

MASTER = bytes.fromhex("11111111222222223333333344444444")
PIN = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
MAC = bytes.fromhex("0123456789ABCDEF")
TRACK = bytes.fromhex("89ABCDEF012345670123456789ABCDEF")
SETTINGS = KeySettings(MacVariant.CUP_ECB, PinFormat.ISO0)


class CountedEntropy:
    """Chance that a test can foresee: 01 02 03 and so on."""

    def __init__(self) -> None:
        self._next = 0

    def bytes(self, count: int) -> bytes:
        drawn = bytes((self._next + place) % 256 for place in range(1, count + 1))
        self._next += count
        return drawn


def key(
    usage: Usage, clear: bytes, algorithm: Algorithm = Algorithm.TDES, operations: frozenset[Operation] | None = None
) -> Key:
    return Key(usage, algorithm, clear, operations)


def master(clear: bytes = MASTER, algorithm: Algorithm = Algorithm.TDES) -> Key:
    return Key(Usage.MASTER, algorithm, clear)


def wrapped(
    clear: bytes, slot: int = 16, *, under: bytes = MASTER, algorithm: Algorithm = Algorithm.TDES, check: bytes = b""
) -> bytes:
    """A key as field 62 carries it, filled with zeros to its slot, with its check value (or another)."""
    own = Algorithm.SM4 if algorithm is Algorithm.SM4 else Algorithm.DES if len(clear) == 8 else Algorithm.TDES
    return encipher(algorithm, under, clear).ljust(slot, b"\0") + (check or check_value(own, clear, 4))


SIGN_ON_003 = wrapped(PIN) + wrapped(MAC)
SIGN_ON_004 = SIGN_ON_003 + wrapped(TRACK)


@dataclass
class Store:
    """The durable side of a terminal, which can be opened again as a restart does."""

    disk: Disk = field(default_factory=Disk)

    def vault(self) -> KeyVault:
        return KeyVault(PowerLosingNvram(self.disk), PowerLosingSealer(self.disk), CountedEntropy())

    def ring(self, settings: KeySettings = SETTINGS) -> KeyRing:
        return KeyRing(self.vault(), CountedEntropy(), settings)


def signed_on(store: Store, block: bytes = SIGN_ON_004, scheme: str = "004") -> KeyRing:
    ring = store.ring()
    ring.load_master(master())
    ring.load_working(block, scheme)
    return ring


def revealed(keys: Mapping[str, Key]) -> dict[str, bytes]:
    return {name: bytes(each.clear_for_storage()) for name, each in keys.items()}
