"""A board chooses where keys are kept; what is wrong in its file is said with file and key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

import pytest

from drivers import catalog
from drivers.catalog.workshop import Workshop
from drivers.place import Place
from firmware.errors import ConfigError
from firmware.hal import Sealer
from firmware.hal.errors import KeyUnavailable
from firmware.units import KeyBytes
from tests.contract.soft_token import LABEL, LIBRARIES, soft_token


def board_sealer(state: Path, options: Mapping[str, object]) -> Sealer:
    site = catalog.Site(Path("shop.toml"), state, UTC, {}, {}, None, lambda _reason: None)
    sealer: Sealer = Workshop({"sealer": options}, Place(site)).make("sealer")
    return sealer


def secret(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def test_board_with_files_alone_keeps_keys_in_its_state(tmp_path: Path) -> None:
    board_sealer(tmp_path, {"driver": "file"}).seal("vault", KeyBytes(b"key"))
    assert (tmp_path / "vault.key").read_text() == b"key".hex() + "\n"


def test_board_with_a_passphrase_enciphers_its_key_files(tmp_path: Path) -> None:
    options = {"driver": "file", "passphrase_file": secret(tmp_path / "secret", "pass")}
    board_sealer(tmp_path, options).seal("vault", KeyBytes(b"key"))
    assert b"key".hex() not in (tmp_path / "vault.key").read_text()
    key = board_sealer(tmp_path, options).unseal("vault")
    assert key is not None
    assert key.reveal() == b"key"


def test_board_with_a_credential_of_systemd_needs_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(KeyUnavailable):
        board_sealer(tmp_path, {"driver": "file", "credential": "keys"})
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret(tmp_path / "keys", "credential")
    assert board_sealer(tmp_path, {"driver": "file", "credential": "keys"}).unseal("vault") is None


def test_board_with_a_token_keeps_keys_there(tmp_path: Path) -> None:
    soft_token(tmp_path)
    options = {
        "driver": "pkcs11",
        "module": str(LIBRARIES[0]),
        "token": LABEL,
        "passphrase_file": secret(tmp_path / "pin", "1234\n"),
    }
    board_sealer(tmp_path, options).seal("vault", KeyBytes(b"key"))
    assert board_sealer(tmp_path, options).unseal("vault") is not None
    assert not (tmp_path / "vault.key").exists()


@pytest.mark.parametrize(
    "options",
    [
        {"driver": "file", "colour": 1},
        {"driver": "file", "credential": "../etc"},
        {"driver": "file", "credential": 1},
        {"driver": "file", "passphrase_file": ""},
        {"driver": "file", "credential": "a", "passphrase_file": "b"},
        {"driver": "pkcs11"},
        {"driver": "tpm"},
    ],
)
def test_board_that_says_something_else_is_refused_by_file_and_key(tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"shop.toml: \[sealer\]"):
        board_sealer(tmp_path, options)


def test_machine_without_python_pkcs11_is_told_what_to_install(tmp_path: Path) -> None:
    pin = secret(tmp_path / "pin", "1234")
    program = (
        "import sys\n"
        "sys.modules['pkcs11'] = None\n"
        "from datetime import UTC\n"
        "from pathlib import Path\n"
        "from drivers.catalog.workshop import Workshop\n"
        "from drivers.place import Place, Site\n"
        "from firmware.hal.errors import DeviceMissing\n"
        "site = Site(Path('b'), Path('s'), UTC, {}, {}, None, print)\n"
        f"options = {{'driver': 'pkcs11', 'module': 'm', 'token': 't', 'passphrase_file': {pin!r}}}\n"
        "try:\n"
        "    Workshop({'sealer': options}, Place(site)).make('sealer')\n"
        "except DeviceMissing as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout == "a token needs the library python-pkcs11: install tillberry[pkcs11]\n"
