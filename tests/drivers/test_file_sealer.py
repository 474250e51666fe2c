"""Keys in files: private from their first moment, and refused when they are not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from drivers.file_sealer import FileSealer
from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes

KEY = bytes(range(32))


@pytest.fixture
def sealer(tmp_path: Path) -> FileSealer:
    return FileSealer(tmp_path / "keys")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "journal.key"


def test_seal_makes_file_and_directory_private(sealer: FileSealer, path: Path) -> None:
    mask = os.umask(0)
    try:
        sealer.seal("journal", KeyBytes(KEY))
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o601, 0o777])
def test_unseal_of_a_file_that_others_may_use_is_refused(sealer: FileSealer, path: Path, mode: int) -> None:
    sealer.seal("journal", KeyBytes(KEY))
    path.chmod(mode)
    with pytest.raises(KeyUnavailable, match="0600"):
        sealer.unseal("journal")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_unseal_of_a_file_of_another_account_is_refused(sealer: FileSealer, path: Path) -> None:
    sealer.seal("journal", KeyBytes(KEY))
    os.chown(path, 12345, 12345)
    with pytest.raises(KeyUnavailable, match="another account"):
        sealer.unseal("journal")


@pytest.mark.parametrize("text", [b"", b"xyz", b"0", KEY, b"00" * 65, b"\n", "１２".encode()])
def test_unseal_of_what_is_no_key_is_refused_without_showing_it(sealer: FileSealer, path: Path, text: bytes) -> None:
    sealer.seal("journal", KeyBytes(KEY))
    path.write_bytes(text)
    with pytest.raises(KeyUnavailable, match="does not hold a key") as raised:
        sealer.unseal("journal")
    assert raised.value.__cause__ is None


def test_unseal_through_a_link_is_refused(sealer: FileSealer, path: Path) -> None:
    sealer.seal("journal", KeyBytes(KEY))
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(KeyUnavailable):
        sealer.unseal("journal")


def test_unseal_of_a_pipe_is_refused_and_does_not_wait(sealer: FileSealer, path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyUnavailable, match="regular"):
        sealer.unseal("journal")


def test_seal_after_a_power_cut_left_it_half_done_works(sealer: FileSealer, path: Path) -> None:
    path.parent.mkdir()
    path.with_suffix(".new").write_bytes(b"00")
    assert sealer.unseal("journal") is None
    sealer.seal("journal", KeyBytes(KEY))
    key = sealer.unseal("journal")
    assert key is not None
    assert key.reveal() == KEY


def test_seal_where_no_directory_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"a file in the way")
    with pytest.raises(KeyUnavailable, match="cannot be written"):
        FileSealer(tmp_path / "keys").seal("journal", KeyBytes(KEY))


@pytest.mark.parametrize("name", ["", "../journal", "Journal", "a/b"])
def test_names_that_are_not_plain_are_a_mistake(sealer: FileSealer, name: str) -> None:
    with pytest.raises(AssertionError):
        sealer.unseal(name)
