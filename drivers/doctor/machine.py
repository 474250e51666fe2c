"""The machine that is looked at: its files, its libraries and its network; another root makes it another machine."""

from __future__ import annotations

import grp
import importlib.util
import os
import socket
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 2.0


class Machine:
    """This machine, or a tree of files that stands for one."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    @property
    def model(self) -> str:
        """What the board calls itself; empty where it is no Raspberry Pi or the like."""
        try:
            return self._at("/proc/device-tree/model").read_bytes().rstrip(b"\0").decode(errors="replace")
        except OSError:
            return ""

    def files(self, pattern: str) -> list[str]:
        """The files that a pattern fits, as this machine names them, in order."""
        found = sorted(self._root.glob(pattern.lstrip("/"))) if "*" in pattern else [self._at(pattern)]
        return [f"/{path.relative_to(self._root)}" for path in found if path.exists()]

    def group(self, path: str) -> str:
        """The group that a file belongs to, by name, or by number where it has none."""
        number = self._at(path).stat().st_gid
        try:
            return grp.getgrgid(number).gr_name
        except KeyError:
            return str(number)

    def may_use(self, path: str, *, writes: bool) -> bool:
        """Whether this account may read the file, and write it where that is wanted."""
        return os.access(self._at(path), os.R_OK | (os.W_OK if writes else 0))

    def library(self, module: str) -> str | None:
        """The version of the distribution that offers a module, empty where it has none; None without the module."""
        try:
            if importlib.util.find_spec(module) is None:
                return None
            name = packages_distributions()[module.partition(".")[0]][0]
            return f"{name} {version(name)}"
        except (ModuleNotFoundError, ValueError, RuntimeError):
            return None
        except (KeyError, PackageNotFoundError):
            return ""

    def connects(self, host: str, port: int) -> str:
        """Empty where the other machine takes a connection, else why not."""
        try:
            socket.create_connection((host, port), timeout=PATIENCE_S).close()
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def console_on(self, device: str) -> bool:
        """Whether the kernel talks to a person on that serial line, in the way of whatever hangs there."""
        try:
            words = self._at("/proc/cmdline").read_text(errors="replace").split()
        except OSError:
            return False
        lines = {Path(device).name, self._at(device).resolve().name}
        return any(word.removeprefix("console=").partition(",")[0] in lines for word in words if "console=" in word)

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")
