"""The real terminal in a process of its own, seen from the other end of its wires, without a bench page.

It has the libraries of service: `rich` comes with the tools of the tests, and structlog would load it where it can.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, perf_counter_ns
from types import TracebackType
from typing import Final, Self

from drivers.bench.wire import FrameShown, Hello, KeyDown, KeyTaken, Message, decode, encode
from firmware.hal import Key

TOP: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 20


def service_path(folder: Path) -> str:
    """A PYTHONPATH that hides `rich`; `folder` holds the module that says so."""
    (folder / "rich.py").write_text("raise ImportError('not installed in service')\n")
    return str(folder)


def service_environment(folder: Path) -> dict[str, str]:
    """This process's environment as a service has it: with `service_path`, and with what was compiled before kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": service_path(folder)}


class TerminalProcess:
    """`python -m firmware run` on the bench board, with this process as its world."""

    def __init__(self, state: Path, *python_options: str) -> None:
        self._hidden = tempfile.TemporaryDirectory()
        self._end, other = socket.socketpair()
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - `stop` closes it
        self._unread = b""
        self._presses = 0
        self.began_ns = perf_counter_ns()
        self.process = subprocess.Popen(
            [
                *(sys.executable, *python_options, "-m", "firmware", "run", "--board", "bench"),
                *("--state", str(state), "--world-fd", str(other.fileno())),
            ],
            cwd=TOP,
            env=service_environment(Path(self._hidden.name)),
            pass_fds=[other.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )
        other.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process number."""
        return self.process.pid

    def next_message(self) -> Message:
        """Return what the terminal says next."""
        deadline = monotonic() + PATIENCE_S
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._end], [], [], deadline - monotonic())
            data = self._end.recv(65_536) if ready else b""
            if not data:
                raise RuntimeError(f"the terminal said nothing more: {self.stop()[-2000:]}")
            self._unread += data
        line, self._unread = self._unread.split(b"\n", 1)
        return decode(line)

    def wait_until_idle(self) -> float:
        """Wait for the idle screen and for the word that keys are taken; return the milliseconds since the start."""
        shown_ms = None
        greeted = False
        while shown_ms is None or not greeted:
            match self.next_message():
                case FrameShown(frame) if frame.text_id == "idle" and shown_ms is None:
                    shown_ms = (perf_counter_ns() - self.began_ns) / 1e6
                case Hello():
                    greeted = True
        return shown_ms

    def press(self, key: Key) -> float:
        """Press `key`; return the milliseconds until the key was taken and its frame was shown."""
        self._presses += 1
        taken = shown = False
        began = perf_counter_ns()
        self._end.sendall(encode(KeyDown(self._presses, key)))
        while not (taken and shown):
            match self.next_message():
                case KeyTaken(key_id) if key_id == self._presses:
                    taken = True
                case FrameShown() if taken:
                    shown = True
        return (perf_counter_ns() - began) / 1e6

    def quiet(self, seconds: float) -> None:
        """Take what the terminal says for a while, so that it is never blocked."""
        deadline = monotonic() + seconds
        while (rest := deadline - monotonic()) > 0:
            ready, _, _ = select.select([self._end], [], [], rest)
            if ready and not self._end.recv(65_536):
                raise RuntimeError(f"the terminal ended: {self.stop()[-2000:]}")

    def processor_ns(self) -> int:
        """Nanoseconds that all threads have run so far (`/proc/<pid>/task/*/schedstat`)."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self._tasks())

    def wake_ups(self) -> int:
        """How often all threads have gone to sleep by themselves so far."""
        return sum(self._status(task / "status", "voluntary_ctxt_switches") for task in self._tasks())

    def memory_kib(self) -> tuple[int, int]:
        """The proportional and the resident set size."""
        folder = Path("/proc") / str(self.pid)
        return self._status(folder / "smaps_rollup", "Pss"), self._status(folder / "status", "VmRSS")

    def stop(self) -> str:
        """End the process as a service manager does; return what it wrote to its error stream."""
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._end.close()
        self._hidden.cleanup()
        if self._errors.closed:
            return ""
        with self._errors:
            self._errors.seek(0)
            return self._errors.read()

    def _tasks(self) -> list[Path]:
        return [Path(entry.path) for entry in os.scandir(f"/proc/{self.pid}/task")]

    @staticmethod
    def _status(path: Path, name: str) -> int:
        for line in path.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise RuntimeError(f"{path} has no {name}")
