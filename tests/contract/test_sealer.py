"""What `firmware.hal.Sealer` promises, asked of every driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.credential_sealer import SEALED_MORE, CredentialSealer
from drivers.file_sealer import FileSealer
from firmware.hal import Sealer
from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes
from tests.contract.soft_token import soft_token
from tests.power.storage import Disk, PowerLosingSealer


def in_files(directory: Path) -> Sealer:
    return FileSealer(directory / "keys")


def on_disk(_directory: Path) -> Sealer:
    return PowerLosingSealer(Disk())


def in_files_under_a_secret(directory: Path) -> Sealer:
    return CredentialSealer(FileSealer(directory / "keys", longest=64 + SEALED_MORE), KeyBytes(b"correct horse"))


def on_a_token(directory: Path) -> Sealer:
    return soft_token(directory)


@pytest.fixture(params=[in_files, in_files_under_a_secret, on_disk, on_a_token], ids=lambda build: build.__name__)
def sealer(request: pytest.FixtureRequest, tmp_path: Path) -> Sealer:
    built: Sealer = request.param(tmp_path)
    return built


def test_unseal_what_was_never_sealed_is_none(sealer: Sealer) -> None:
    assert sealer.unseal("journal") is None


@pytest.mark.parametrize("length", [1, 16, 24, 32, 64])
def test_unseal_returns_the_key_sealed(sealer: Sealer, length: int) -> None:
    sealer.seal("journal", KeyBytes(bytes(range(length))))
    key = sealer.unseal("journal")
    assert key is not None
    assert key.reveal() == bytes(range(length))


def test_seal_over_a_key_is_refused_and_keeps_it(sealer: Sealer) -> None:
    sealer.seal("journal", KeyBytes(b"first"))
    with pytest.raises(KeyUnavailable):
        sealer.seal("journal", KeyBytes(b"other"))
    key = sealer.unseal("journal")
    assert key is not None
    assert key.reveal() == b"first"


def test_keys_of_different_names_are_apart(sealer: Sealer) -> None:
    sealer.seal("journal", KeyBytes(b"1"))
    assert sealer.unseal("host") is None


def test_destroy_leaves_no_key_and_may_be_repeated(sealer: Sealer) -> None:
    sealer.destroy("journal")
    sealer.seal("journal", KeyBytes(b"first"))
    sealer.seal("host", KeyBytes(b"other"))
    sealer.destroy("journal")
    sealer.destroy("journal")
    assert sealer.unseal("journal") is None
    assert sealer.unseal("host") is not None


def test_seal_after_destroy_takes_a_new_key(sealer: Sealer) -> None:
    sealer.seal("journal", KeyBytes(b"first"))
    sealer.destroy("journal")
    sealer.seal("journal", KeyBytes(b"second"))
    key = sealer.unseal("journal")
    assert key is not None
    assert key.reveal() == b"second"
