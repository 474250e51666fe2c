"""The one place where python-escpos is imported, and its import made harmless.

Importing it costs a tenth of a second on a laptop and seconds on a Raspberry Pi, adds a handler to the root logger,
leaves an empty temporary folder behind, and reads a pickle that a power cut may have left torn. So it is loaded once,
when first needed and off the event loop, with its cache in a folder that only this user can write.
Source: python-escpos 3.1, `escpos/capabilities.py`.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Final

CACHE_VARIABLE: Final = "ESCPOS_CAPABILITIES_PICKLE_DIR"
ATTEMPTS_WITH_CACHE: Final = 2
"""Once with the cache as it is, and once with a fresh one."""


def load() -> ModuleType:
    """Import `escpos.escpos` and return it; blocks, so call it from a worker thread. Later calls are free.

    A torn cache is made anew. Where it cannot be written, because the disk is full or worn out, there is none: a
    receipt must not depend on a file that only saves time.
    """
    cache = cache_directory()
    for _ in range(ATTEMPTS_WITH_CACHE if cache else 0):
        try:
            with _quiet_surroundings(str(cache)):
                return importlib.import_module("escpos.escpos")
        except Exception:  # noqa: BLE001 - a torn pickle raises whatever its bytes happen to mean
            _forget_pickles(cache)
    with _quiet_surroundings(os.devnull):
        _import_capabilities_without_cache()
        return importlib.import_module("escpos.escpos")


def cache_directory() -> Path | None:
    """Return the folder for the library's cache, made where it is missing, writable by this user alone.

    systemd names one in CACHE_DIRECTORY; else it is under XDG_CACHE_HOME or ~/.cache. None where none can be made or
    trusted: a pickle runs code when it is read, so no one else may write it.
    """
    home = os.environ.get("CACHE_DIRECTORY", "").partition(":")[0] or os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (Path(home) if home else Path.home() / ".cache") / "tillberry" / "escpos"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.stat()
    except (OSError, RuntimeError):
        return None
    trusted = facts.st_uid == os.getuid() and not facts.st_mode & 0o022
    return folder if trusted and os.access(folder, os.W_OK) else None


def _forget_pickles(cache: Path | None) -> None:
    with suppress(OSError):
        for pickle in cache.glob("*.capabilities.pickle") if cache else ():
            pickle.unlink(missing_ok=True)


def _import_capabilities_without_cache() -> None:
    """Import the module that keeps the cache with an `open` of its own, which writes to nowhere."""
    spec = importlib.util.find_spec("escpos.capabilities")
    if spec is None or spec.loader is None:
        raise ImportError("python-escpos is not installed")
    module = importlib.util.module_from_spec(spec)
    setattr(module, "open", _open_to_nowhere)  # noqa: B010 - a module's type does not allow a plain assignment
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise


def _open_to_nowhere(path: str, mode: str = "r") -> IO[Any]:
    return Path(os.devnull if "w" in mode else path).open(mode)


@contextmanager
def _quiet_surroundings(cache: str) -> Iterator[None]:
    """Let the import find its cache, and undo what it does to the root logger and to the temporary folder."""
    os.environ[CACHE_VARIABLE] = cache
    root = logging.getLogger()
    # logging.basicConfig() keeps its hands off a root logger that has a handler.
    placeholder = logging.NullHandler()
    root.addHandler(placeholder)
    # The library makes a temporary folder even where the variable is set, and forgets it.
    usual = tempfile.mkdtemp
    setattr(tempfile, "mkdtemp", lambda: cache)  # noqa: B010 - its types do not allow a plain assignment
    try:
        yield
    finally:
        setattr(tempfile, "mkdtemp", usual)  # noqa: B010 - as above
        root.removeHandler(placeholder)
