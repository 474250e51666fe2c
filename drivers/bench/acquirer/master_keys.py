"""The master keys of the bench's terminals, from the same data file that the terminal loads them from."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from drivers.bench.acquirer.ciphers import MasterKeys, check_value
from drivers.bench.cards.des import xor
from firmware.errors import ConfigError

FILE_NAME: Final = "bench_master_keys.toml"
_CHECK_BYTES: Final = 3


def load_masters(params: Path) -> MasterKeys:
    """Read all keys. Raises: ConfigError."""
    path = params / FILE_NAME
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        keys = {}
        for name in ("tdes", "sm4", "dukpt"):
            one, other = (bytes.fromhex(each) for each in content[name]["components"])
            keys[name] = xor(one, other)
            check = check_value(keys[name], sm4=name == "sm4")[:_CHECK_BYTES]
            if check.hex().upper() != content[name]["check"]:
                raise ConfigError(f"{path}: [{name}] check: the components make another key")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    return MasterKeys(keys["tdes"], keys["sm4"], keys["dukpt"])
