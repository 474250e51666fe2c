"""The bench's master keys: what their file must hold, and that a terminal in service can tell them from others."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.errors import TillberryError
from firmware.keys.bench_master import FILE_NAME, is_bench_master, load_bench_master
from firmware.keys.ciphers import Algorithm
from firmware.keys.usages import Usage
from tests.firmware.keys.samples import MAC, MASTER, key, master

PARAMS = Path(__file__).parents[3] / "board" / "params"
TEXT = (PARAMS / FILE_NAME).read_text()


@pytest.mark.parametrize("algorithm", [Algorithm.TDES, Algorithm.SM4])
def test_bench_master_is_recognised(algorithm: Algorithm) -> None:
    bench = load_bench_master(PARAMS, algorithm)

    assert (bench.usage, bench.algorithm) == (Usage.MASTER, algorithm)
    assert is_bench_master(bench, PARAMS)


@pytest.mark.parametrize(
    "other", [master(), master(MASTER, Algorithm.SM4), key(Usage.MAC, MAC, Algorithm.DES)], ids=["tdes", "sm4", "des"]
)
def test_another_key_is_not_taken_for_the_bench_master(other: object) -> None:
    assert not is_bench_master(other, PARAMS)  # type: ignore[arg-type]


def test_folder_without_the_file_has_no_bench_master(tmp_path: Path) -> None:
    assert not is_bench_master(load_bench_master(PARAMS), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[tdes]", "[other]", "missing"),
        ('check = "F94C29"', 'check = "F94C28"', "another key"),
        ('"7C1FA8D05B3E962440E9836D1AF2C75B", ', "", "must be 2"),
        ("7C1FA8D05B3E962440E9836D1AF2C75B", "7C1F", "16 bytes"),
        ("7C1FA8D05B3E962440E9836D1AF2C75B", "00" * 16, "zeros"),
    ],
    ids=["no table", "wrong check", "one component", "short", "zeros"],
)
def test_file_with_a_mistake_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    (tmp_path / FILE_NAME).write_text(TEXT.replace(old, new))

    with pytest.raises(TillberryError, match=said):
        load_bench_master(tmp_path)
