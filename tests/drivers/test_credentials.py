"""Secrets from systemd and from files, and keys enciphered under them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drivers.credential_sealer import SEALED_MORE, CredentialSealer
from drivers.credentials import secret_file, systemd_credential
from drivers.file_sealer import FileSealer
from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes

KEY = bytes(range(32))


def files(folder: Path) -> FileSealer:
    return FileSealer(folder, longest=64 + SEALED_MORE)


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("content", [b"secret", b"secret\n"])
def test_secret_file_gives_its_content_without_the_newline(tmp_path: Path, content: bytes) -> None:
    assert secret_file(write(tmp_path / "secret", content)).reveal() == b"secret"


@pytest.mark.parametrize(
    ("content", "mode"), [(b"s", 0o640), (b"s", 0o604), (b"", 0o600), (b"\n", 0o600), (b"s" * 1025, 0o600)]
)
def test_secret_file_that_others_may_read_or_that_holds_none_is_refused(
    tmp_path: Path, content: bytes, mode: int
) -> None:
    with pytest.raises(KeyUnavailable):
        secret_file(write(tmp_path / "secret", content, mode))


def test_secret_that_is_missing_a_link_or_a_pipe_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "real", b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("missing", "link", "pipe"):
        with pytest.raises(KeyUnavailable):
            secret_file(tmp_path / name)


def test_credential_of_systemd_is_read_from_its_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    write(tmp_path / "keys", b"credential", 0o440)
    assert systemd_credential("keys").reveal() == b"credential"
    with pytest.raises(KeyUnavailable):
        systemd_credential("other")


def test_credential_without_systemd_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(KeyUnavailable, match="systemd"):
        systemd_credential("keys")


def test_key_under_a_secret_is_not_in_the_file_and_opens_only_under_it(tmp_path: Path) -> None:
    CredentialSealer(files(tmp_path), KeyBytes(b"right")).seal("vault", KeyBytes(KEY))
    text = next(tmp_path.iterdir()).read_text()
    assert KEY.hex() not in text
    key = CredentialSealer(files(tmp_path), KeyBytes(b"right")).unseal("vault")
    assert key is not None
    assert key.reveal() == KEY
    with pytest.raises(KeyUnavailable, match="another passphrase"):
        CredentialSealer(files(tmp_path), KeyBytes(b"wrong")).unseal("vault")


def test_key_sealed_under_a_name_does_not_open_under_another(tmp_path: Path) -> None:
    sealer = CredentialSealer(files(tmp_path), KeyBytes(b"right"))
    sealer.seal("vault", KeyBytes(KEY))
    (tmp_path / "vault.key").rename(tmp_path / "journal.key")
    with pytest.raises(KeyUnavailable):
        sealer.unseal("journal")


def test_key_sealed_in_the_clear_is_refused_where_a_secret_is_asked_for(tmp_path: Path) -> None:
    FileSealer(tmp_path).seal("vault", KeyBytes(KEY))
    with pytest.raises(KeyUnavailable, match="not sealed under"):
        CredentialSealer(files(tmp_path), KeyBytes(b"right")).unseal("vault")


def test_many_keys_are_sealed_and_opened(tmp_path: Path) -> None:
    sealer = CredentialSealer(files(tmp_path), KeyBytes(b"right"))
    for number in range(17):
        sealer.seal(f"key-{number}", KeyBytes(KEY + bytes((number,))))
    for number in range(17):
        key = sealer.unseal(f"key-{number}")
        assert key is not None
        assert key.reveal()[-1] == number


def test_key_under_a_secret_is_no_key_without_it(tmp_path: Path) -> None:
    CredentialSealer(files(tmp_path), KeyBytes(b"right")).seal("vault", KeyBytes(KEY))
    with pytest.raises(KeyUnavailable, match="under a passphrase"):
        FileSealer(tmp_path).unseal("vault")
