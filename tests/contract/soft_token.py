"""A PKCS#11 token in files, made by SoftHSM for one test; tests are skipped, and counted, where it is not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from firmware.hal import Sealer
from firmware.units import KeyBytes

LABEL: Final = "till"
PIN: Final = KeyBytes(b"1234")
LIBRARIES: Final = sorted(Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"))


def soft_token(directory: Path, *, label: str = LABEL, pin: KeyBytes = PIN) -> Sealer:
    """Make a token in `directory` and return a sealer that names `label` and `pin`, which may be wrong ones."""
    tool = shutil.which("softhsm2-util")
    if tool is None or not LIBRARIES:
        pytest.skip("SoftHSM is not installed (the Debian package softhsm2)")
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    from drivers.pkcs11.sealer import Pkcs11Sealer  # noqa: PLC0415 - only where the library is there

    tokens = directory / "tokens"
    tokens.mkdir()
    settings = directory / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    made = [tool, "--init-token", "--free", "--label", LABEL, "--so-pin", "5678", "--pin", "1234"]
    subprocess.run(made, check=True, capture_output=True, timeout=20)
    # The library is loaded once in a process, and reads its settings when it is initialised.
    pkcs11.lib(str(LIBRARIES[0])).reinitialize()
    return Pkcs11Sealer(LIBRARIES[0], label, pin)
