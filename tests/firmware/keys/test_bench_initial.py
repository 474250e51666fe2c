"""The bench's initial keys: derived as X9.24 has it, recognised by what derives them."""

from __future__ import annotations

from pathlib import Path

from firmware.keys.bench_initial import is_bench_initial, load_bench_initial
from firmware.keys.ciphers import Algorithm
from firmware.keys.usages import Key, Usage
from tests.firmware.keys.samples import CountedEntropy, key

PARAMS = Path(__file__).parents[3] / "board" / "params"
PUBLISHED = """
[dukpt]
components = ["0E3D685BC2F1A497794A1F2CB586D3E0", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"]
check = "08D7B4"
key_set = "FFFF987654"
"""
"""The base key of X9.24-1:2009 annex A.4."""


class Device:
    """Chance that gives the number of the device in the published example: 3210E00000."""

    def bytes(self, count: int) -> bytes:
        return (0x3210E00000 >> 21).to_bytes(count, "big")


def test_initial_key_is_that_of_the_published_example(tmp_path: Path) -> None:
    (tmp_path / "bench_master_keys.toml").write_text(PUBLISHED)
    initial, serial = load_bench_initial(tmp_path, Device())
    assert serial.hex().upper() == "FFFF9876543210E00000"
    assert initial.clear_for_storage().hex().upper() == "6AC292FAA1315B4D858AB3A3D7D5933A"
    assert initial.usage is Usage.INITIAL


def test_initial_key_of_the_bench_is_recognised_whatever_its_counter_says() -> None:
    initial, serial = load_bench_initial(PARAMS, CountedEntropy())
    assert is_bench_initial(initial, serial, PARAMS)
    assert is_bench_initial(initial, serial[:-1] + b"\7", PARAMS)


def test_other_initial_keys_are_not_taken_for_the_bench_own(tmp_path: Path) -> None:
    initial, serial = load_bench_initial(PARAMS, CountedEntropy())
    assert not is_bench_initial(initial, bytes(10), PARAMS)
    assert not is_bench_initial(initial, serial[:3], PARAMS)
    assert not is_bench_initial(key(Usage.INITIAL, bytes(16)), serial, PARAMS)
    assert not is_bench_initial(Key(Usage.INITIAL, Algorithm.AES, bytes(16)), serial, PARAMS)
    assert not is_bench_initial(initial, serial, tmp_path)
