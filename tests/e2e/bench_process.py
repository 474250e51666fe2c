"""The bench as a visitor starts it: the real command, a real terminal, a port of its own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class RunningBench:
    """One bench process and its address."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return json.loads(answer.read())

    def post(self, path: str, body: object) -> Any:
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return json.loads(refused.read())

    def stop(self) -> int:
        """Ask it to stop, as a service manager does; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


def command(state: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "firmware", "bench", "--state", str(state), "--no-browser", *arguments]


@contextmanager
def running_bench(state: Path, *arguments: str) -> Iterator[RunningBench]:
    """Start the bench on a free port, and stop it afterwards."""
    log = state.parent / "bench.log"
    with log.open("w") as lines:
        process = subprocess.Popen(
            command(state, "--port", "0", *arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=lines, text=True
        )
    assert process.stdout is not None
    with process.stdout:
        first = process.stdout.readline()
        found = re.search(r"http://\S+:\d+", first)
        assert found is not None, first + log.read_text()
        bench = RunningBench(process, found.group())
        try:
            yield bench
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(10)


def until(condition: Any, seconds: float = 10) -> Any:
    """Ask `condition` again and again until it is true; returns what it gave."""
    deadline = time.monotonic() + seconds
    while not (outcome := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return outcome
