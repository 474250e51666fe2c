"""The one place where python-escpos is imported, and its import made harmless.

Importing it costs a tenth of a second on a laptop and seconds on a Raspberry Pi, adds a handler to the root logger,
leaves an empty temporary folder behind, and reads a pickle that a power cut may have left torn. So it is loaded once,
when first needed and off the event loop, with its cache in a folder that only this user can write.
Source: python-escpos 3.1, `escpos/capabilities.py`.
"""

from __future__ import annotations

import importlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

CACHE_VARIABLE: Final = "ESCPOS_CAPABILITIES_PICKLE_DIR"


def load() -> ModuleType:
    """Import `escpos.escpos` and return it; blocks, so call it from a worker thread. Later calls are free."""
    cache = cache_directory()
    with _quiet_surroundings(cache):
        try:
            return importlib.import_module("escpos.escpos")
        except Exception:  # noqa: BLE001 - a torn pickle raises whatever its bytes happen to mean
            _forget_pickles(cache)
            return importlib.import_module("escpos.escpos")


def cache_directory() -> Path:
    """Return the folder for the library's cache, made where it is missing, writable by this user alone.

    systemd names one in CACHE_DIRECTORY; else it is under XDG_CACHE_HOME or ~/.cache. Where none can be made or
    trusted, a fresh temporary folder serves. A pickle runs code when it is read: no one else may write it.
    """
    home = os.environ.get("CACHE_DIRECTORY", "").partition(":")[0] or os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (Path(home) if home else Path.home() / ".cache") / "tillberry" / "escpos"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.stat()
        if facts.st_uid == os.getuid() and not facts.st_mode & 0o022 and os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):
        pass
    return Path(tempfile.mkdtemp(prefix="tillberry-escpos-"))


def _forget_pickles(cache: Path) -> None:
    for pickle in cache.glob("*.capabilities.pickle"):
        pickle.unlink(missing_ok=True)


@contextmanager
def _quiet_surroundings(cache: Path) -> Iterator[None]:
    """Let the import find its cache, and undo what it does to the root logger and to the temporary folder."""
    os.environ[CACHE_VARIABLE] = str(cache)
    root = logging.getLogger()
    # logging.basicConfig() keeps its hands off a root logger that has a handler.
    placeholder = logging.NullHandler()
    root.addHandler(placeholder)
    # The library makes a temporary folder even where the variable is set, and forgets it.
    usual = tempfile.mkdtemp
    setattr(tempfile, "mkdtemp", lambda: str(cache))  # noqa: B010 - its types do not allow a plain assignment
    try:
        yield
    finally:
        setattr(tempfile, "mkdtemp", usual)  # noqa: B010 - as above
        root.removeHandler(placeholder)
