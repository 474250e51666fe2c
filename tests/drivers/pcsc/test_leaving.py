"""What goes from pcsc-lite goes one at a time: where a handle and another context go together, the process crashes."""

from __future__ import annotations

import subprocess
import sys


def test_handle_and_contexts_go_one_after_the_other() -> None:
    command = [sys.executable, "-m", "tests.drivers.pcsc.stand_in"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout == "['context', 'context', 'handle'] one at a time\n"
