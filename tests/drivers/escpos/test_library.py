"""What importing python-escpos must not leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOADED = """
import logging, sys, tempfile
from pathlib import Path
from drivers.escpos import library
assert library.load().Escpos
assert logging.getLogger().handlers == [], logging.getLogger().handlers
print(sorted(path.name for path in Path(tempfile.gettempdir()).iterdir()))
"""


def run(code: str, home: Path, **more: str) -> str:
    scratch = home / "tmp"
    scratch.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(scratch), **more}
    for name in ("XDG_CACHE_HOME", "CACHE_DIRECTORY", "ESCPOS_CAPABILITIES_PICKLE_DIR"):
        if name not in more:
            environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def pickles(home: Path) -> list[Path]:
    return list(home.rglob("*.capabilities.pickle"))


def test_library_loaded_leaves_nothing_behind_but_its_cache(tmp_path: Path) -> None:
    assert run(LOADED, tmp_path) == "[]"
    (pickle,) = pickles(tmp_path)
    assert pickle.parent.relative_to(tmp_path) == Path(".cache/tillberry/escpos")
    assert pickle.parent.stat().st_mode & 0o077 == 0


def test_library_with_a_torn_cache_loads_and_mends_it(tmp_path: Path) -> None:
    run(LOADED, tmp_path)
    (pickle,) = pickles(tmp_path)
    whole = pickle.read_bytes()
    pickle.write_bytes(whole[: len(whole) // 2])
    run(LOADED, tmp_path)
    assert pickle.stat().st_size == len(whole)


def test_library_keeps_away_from_a_cache_that_others_can_write(tmp_path: Path) -> None:
    open_to_all = tmp_path / "cache" / "tillberry" / "escpos"
    open_to_all.mkdir(parents=True)
    open_to_all.chmod(0o777)
    run(LOADED, tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert list(open_to_all.iterdir()) == []


FULL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
"""Writing the thousand-and-first byte of a file fails in this process, as on a disk that has no room left."""

NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}


def test_library_on_a_full_disk_loads_and_leaves_no_torn_cache(tmp_path: Path) -> None:
    assert run(FULL_DISK + LOADED, tmp_path, **NO_BYTECODE) == "[]"
    assert pickles(tmp_path) == []


def test_library_with_a_torn_cache_on_a_full_disk_loads(tmp_path: Path) -> None:
    run(LOADED, tmp_path)
    (pickle,) = pickles(tmp_path)
    pickle.write_bytes(pickle.read_bytes()[:900])
    run(FULL_DISK + LOADED, tmp_path, **NO_BYTECODE)
    assert pickles(tmp_path) == []


def test_library_without_any_place_for_a_cache_loads(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file where a directory should be")
    assert run(LOADED, tmp_path, XDG_CACHE_HOME=str(tmp_path / "occupied")) == "[]"


def test_driver_imported_loads_neither_escpos_nor_pillow(tmp_path: Path) -> None:
    code = """
import sys
import drivers.escpos.printer, drivers.bench.printer
print([name for name in ("escpos", "PIL", "qrcode", "barcode", "yaml") if name in sys.modules])
"""
    assert run(code, tmp_path) == "[]"
