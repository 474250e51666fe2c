"""What a token for keys needs: its library for PKCS#11, and ours."""

from __future__ import annotations

from pathlib import Path

from drivers.place import Options
from firmware.hal.needs import DeviceFile, Library, Needs


def sealer(options: Options, _board: Path) -> Needs:
    """Of one token."""
    module = str(options.get("module", ""))
    return Needs(
        machine=(
            Library("pkcs11", "pkcs11"),
            DeviceFile(module, f"install the library of the token's maker at {module}", writes=False),
        )
    )
