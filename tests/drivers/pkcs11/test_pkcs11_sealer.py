"""What the contract does not ask: tokens that are missing, locked or hold something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes
from tests.contract.soft_token import LABEL, LIBRARIES, PIN, soft_token


def test_wrong_pin_is_tried_once_and_never_shown(tmp_path: Path) -> None:
    sealer = soft_token(tmp_path, pin=KeyBytes(b"987654"))
    for _ in range(3):
        with pytest.raises(KeyUnavailable) as caught:
            sealer.unseal("journal")
        assert "987654" not in str(caught.value)
        assert caught.value.__cause__ is None
    assert "start again" in str(caught.value)


@pytest.mark.parametrize("pin", [b"\xff\xfe", b"12"])
def test_pin_that_no_token_can_have_is_refused(tmp_path: Path, pin: bytes) -> None:
    with pytest.raises(KeyUnavailable):
        soft_token(tmp_path, pin=KeyBytes(pin)).unseal("journal")


def test_token_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="elsewhere"):
        soft_token(tmp_path, label="elsewhere").unseal("journal")


def test_library_that_is_none_is_named(tmp_path: Path) -> None:
    soft_token(tmp_path)
    from drivers.pkcs11.sealer import Pkcs11Sealer  # noqa: PLC0415 - only where the library is there

    with pytest.raises(KeyUnavailable, match=r"nothing\.so"):
        Pkcs11Sealer(tmp_path / "nothing.so", LABEL, PIN).seal("journal", KeyBytes(b"key"))


def test_object_that_is_no_key_is_refused(tmp_path: Path) -> None:
    sealer = soft_token(tmp_path)
    sealer.seal("journal", KeyBytes(bytes(129)))
    with pytest.raises(KeyUnavailable, match="does not hold a key"):
        sealer.unseal("journal")


def test_key_survives_a_restart_of_the_library(tmp_path: Path) -> None:
    sealer = soft_token(tmp_path)
    sealer.seal("journal", KeyBytes(b"a key of the terminal"))
    import pkcs11  # noqa: PLC0415 - only where the library is there

    pkcs11.lib(str(LIBRARIES[0])).reinitialize()
    key = sealer.unseal("journal")
    assert key is not None
    assert key.reveal() == b"a key of the terminal"


def test_token_files_hold_no_clear_key(tmp_path: Path) -> None:
    sealer = soft_token(tmp_path)
    sealer.seal("journal", KeyBytes(b"a key of the terminal"))
    files = [path.read_bytes() for path in (tmp_path / "tokens").rglob("*") if path.is_file()]
    assert files
    assert not any(b"a key of the terminal" in content for content in files)
