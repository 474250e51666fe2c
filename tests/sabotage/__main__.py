"""`python -m tests.sabotage`: put each deliberate bug into a copy of the tree, and see that its tests turn red.

First the named tests must be green without any bug. Ends with status 1 where a bug goes unnoticed, or its place in the
code is gone.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.sabotage.deed import Deed
from tests.sabotage.deeds import DEEDS

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("firmware", "drivers", "board", "tests")
GREEN, RED = 0, 1
"""The exit statuses of pytest that mean something here; any other is an accident."""


def run_tests(tree: Path, tests: Sequence[str]) -> int:
    """Run tests in `tree`; returns pytest's exit status. A test that cannot even be collected counts as red."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    status = subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode
    return RED if status in (2, 4) else status


def unnoticed(tree: Path, deed: Deed) -> str:
    """Do the deed in `tree`, run its tests and undo it; returns what is wrong, or an empty text."""
    path = tree / deed.path
    good = path.read_text(encoding="utf-8")
    if good.count(deed.before) != 1:
        return f"its place stands {good.count(deed.before)} times in {deed.path}"
    path.write_text(good.replace(deed.before, deed.after), encoding="utf-8")
    try:
        status = run_tests(tree, [deed.caught_by])
    finally:
        path.write_text(good, encoding="utf-8")
    return "" if status == RED else f"{deed.caught_by} ended with status {status}"


def main() -> int:
    with tempfile.TemporaryDirectory() as copy:
        tree = Path(copy)
        for folder in FOLDERS:
            shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "setup.cfg", tree)
        if run_tests(tree, sorted({deed.caught_by for deed in DEEDS})) != GREEN:
            sys.stdout.write("the tests are not green without any bug\n")
            return 1
        failures = 0
        for deed in DEEDS:
            wrong = unnoticed(tree, deed)
            failures += bool(wrong)
            sys.stdout.write(f"{'MISSED' if wrong else 'caught'}  {deed.name}{': ' + wrong if wrong else ''}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(DEEDS) - failures} of {len(DEEDS)} deliberate bugs caught\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
