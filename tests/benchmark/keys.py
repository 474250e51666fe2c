"""Measurements of the keys: what a message costs in codes, PIN blocks and derived keys, and what a sign-on costs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from drivers.file_nvram import FileNvram
from drivers.file_sealer import FileSealer
from drivers.system import SystemEntropy
from firmware.keys.ciphers import Algorithm
from firmware.keys.dukpt import FutureKeys
from firmware.keys.dukpt_aes import AesDerivation
from firmware.keys.dukpt_ring import DukptRing
from firmware.keys.dukpt_tdes import TdesDerivation
from firmware.keys.macs import MacVariant, make_mac
from firmware.keys.pin_blocks import PinFormat, WorkingPinKey
from firmware.keys.ring import KeySettings
from firmware.keys.usages import Key, Usage
from firmware.keys.vault import KeyVault
from firmware.units import Pan
from tests.benchmark.measures import Measure, median, timed_ms

RUNS: Final = 200
MESSAGE: Final = bytes(range(256))
"""As long as a chip sale."""
DOUBLE: Final = bytes(range(1, 17))
SERIAL: Final = bytes.fromhex("FFFF9876543210E00000")


def measure_keys() -> Iterator[Measure]:
    """Measure one operation after the other; the peer of the codes is the library's bare chain over the message."""
    yield from _macs()
    yield from _pin_blocks()
    yield from _derivation()
    yield _durable_message()
    yield _loading()


def _us(name: str, work: Callable[[], object], peer: str = "", peer_us: float | None = None) -> Measure:
    return Measure(name, median(timed_ms(work, RUNS)) * 1e3, "us", RUNS, peer=peer, peer_value=peer_us)


def _macs() -> Iterator[Measure]:
    def bare() -> bytes:
        return Cipher(TripleDES(DOUBLE + DOUBLE[:8]), modes.CBC(bytes(8))).encryptor().update(MESSAGE)

    bare_us = median(timed_ms(bare, RUNS)) * 1e3
    single, double = Key(Usage.MAC, Algorithm.DES, DOUBLE[:8]), Key(Usage.MAC, Algorithm.TDES, DOUBLE)
    aes = Key(Usage.MAC, Algorithm.AES, DOUBLE)
    for variant, key in (
        (MacVariant.CUP_ECB, single),
        (MacVariant.X9_19, double),
        (MacVariant.X9_9, double),
        (MacVariant.CMAC, aes),
    ):
        yield _us(f"MAC {variant}, 256 bytes", partial(make_mac, variant, key, MESSAGE), "bare TDES-CBC", bare_us)


def _pin_blocks() -> Iterator[Measure]:
    pan, digits = Pan("6210948000000004"), bytearray(b"123456")
    for pin_format in PinFormat:
        algorithm = Algorithm.AES if pin_format is PinFormat.ISO4 else Algorithm.TDES
        key = WorkingPinKey(Key(Usage.PIN, algorithm, DOUBLE), pin_format, SystemEntropy())
        yield _us(f"PIN block {pin_format}", partial(key.encipher, digits, pan))


def _derivation() -> Iterator[Measure]:
    tdes = FutureKeys.begin(TdesDerivation(), Key(Usage.INITIAL, Algorithm.TDES, DOUBLE), SERIAL)
    aes = FutureKeys.begin(AesDerivation(), Key(Usage.INITIAL, Algorithm.AES, DOUBLE), SERIAL[:8])
    yield _us("DUKPT keys of a message, TDES", tdes.next_message)
    yield _us("DUKPT keys of a message, AES", aes.next_message)


def _durable_message() -> Measure:
    """The keys of a message with their counter on disk, beside one bare write and sync."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        vault = KeyVault(FileNvram(Path(folder)), FileSealer(Path(folder)), SystemEntropy())
        ring = DukptRing(vault, SystemEntropy(), KeySettings(MacVariant.X9_19, PinFormat.ISO0))
        ring.load_initial(Key(Usage.INITIAL, Algorithm.TDES, DOUBLE), SERIAL)
        taken = median(timed_ms(ring.next_message, RUNS))
        bare = FileNvram(Path(folder))
        peer = median(timed_ms(lambda: bare.write("peer", bytes(700)), RUNS))
    return Measure("DUKPT keys of a message, on disk", taken, "ms", RUNS, peer="small storage", peer_value=peer)


def _loading() -> Measure:
    """What the first use of a key adds to a terminal that has used none: the cipher library."""
    program = (
        "from time import perf_counter\n"
        "from firmware.keys.ciphers import Algorithm, encipher\n"
        "began = perf_counter()\n"
        "encipher(Algorithm.TDES, bytes(16), bytes(8))\n"
        "print((perf_counter() - began) * 1000)\n"
    )

    def once() -> float:
        return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)

    return Measure("first use of a key: loading the library", median([once() for _ in range(5)]), "ms", 5)
