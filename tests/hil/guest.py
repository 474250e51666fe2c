"""A guest in which pins and input devices are simulated by Linux itself: User-Mode Linux, an ordinary process.

Its root is this machine's own file system, read only, so that it runs the same interpreter and the same tree; it has no
network but its own loopback, and no right that the account which starts it does not have. `make hil-kernel` builds
its kernel. Its time is virtual: it stands still while anything computes, and jumps to the next thing that somebody
waits for where all are waiting. So ten seconds with a finger on a key cost little, and a busy machine changes no
result. Where a thing is measured, time may instead pass as the machine computes.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
MEMORY: Final = "256M"
BUILD: Final = "run `make hil-kernel`"
VIRTUAL: Final = "time-travel=inf-cpu"
MEASURED: Final = "time-travel"


def find_kernel() -> Path | None:
    """The kernel as `make hil-kernel` has built it by today's recipe, or None."""
    found = subprocess.run([TREE / "scripts/hil-kernel", "--find"], capture_output=True, text=True, check=False)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def missing() -> str:
    """Why there can be no guest here, or nothing where there can."""
    if not sys.platform.startswith("linux") or os.uname().machine != "x86_64":
        return "User-Mode Linux runs on x86-64"
    if find_spec("lgpio") is None:
        return "rpi-lgpio is not installed"
    return "" if find_kernel() else f"there is no kernel for the guest: {BUILD}"


class GuestFailed(Exception):
    """The guest has not said how its program ended."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the guest's program ended: its exit status, all that it wrote, and what it left in /run/outbox/note."""

    status: int
    output: str
    note: str


def run(program: Sequence[str], timeout_s: float, time: str = VIRTUAL) -> Ended:
    """Run a program as root of a guest, in the tree's environment.

    Raises: GuestFailed - it did not boot, did not end in time, or died without a word.
    """
    kernel = find_kernel()
    if kernel is None:
        raise GuestFailed(f"there is no kernel for the guest: {BUILD}")
    with tempfile.TemporaryDirectory(prefix="hil-") as name:
        folder = Path(name)
        outbox, init, console = folder / "outbox", folder / "init", folder / "console"
        outbox.mkdir()
        words = [sys.executable, str(HERE / "inside" / "init.py"), str(TREE), str(outbox), *program]
        init.write_text(f"#!/bin/sh\nexec {shlex.join(words)}\n")
        init.chmod(0o755)
        fault = _boot([str(kernel), f"mem={MEMORY}", f"init={init}", time], console, timeout_s)
        status, output = _said(outbox / "status"), _said(outbox / "output")
        if fault or not status.isdigit():
            raise GuestFailed(f"{fault or 'the guest died without a word'}\n{_said(console)[-1_000:]}{output[-4_000:]}")
        return Ended(int(status), output, _said(outbox / "note"))


def _said(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _boot(command: list[str], console: Path, timeout_s: float) -> str:
    """Let the kernel run until it halts; what was wrong with that."""
    root = ["root=none", "rootfstype=hostfs", "rootflags=/", "ro", "quiet"]
    with console.open("wb") as said:
        kernel = subprocess.Popen(
            [*command, *root], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        try:
            kernel.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return f"the guest has not ended within {timeout_s:g} s"
        finally:
            # Its processes are processes of this machine, which outlive a kernel that is killed.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(kernel.pid, signal.SIGKILL)
            kernel.wait()
    return ""
