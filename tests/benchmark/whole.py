"""Measurements of the whole terminal: start, memory, rest and the way from a key to its frame."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firmware.hal import Key
from tests.benchmark.measures import Measure, median, percentile, timed_ms
from tests.benchmark.process import TerminalProcess

STARTS: Final = 15
KEYS: Final = 400
REST_S: Final = 10
LATE_LIBRARIES: Final = ("escpos", "PIL", "microdot", "qrcode", "barcode")
"""What the terminal must not have imported when it is idle."""


def measure_whole() -> Iterator[Measure]:
    """Measure the terminal in a process of its own, on the state of a first start."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        with TerminalProcess(state) as terminal:
            terminal.wait_until_idle()
        yield _start(state)
        with TerminalProcess(state) as terminal:
            terminal.wait_until_idle()
            terminal.quiet(1)
            yield from _rest(terminal)
            yield from _keys(terminal)
        yield _early_imports(state)


def _start(state: Path) -> Measure:
    starts = []
    for _ in range(STARTS):
        with TerminalProcess(state) as terminal:
            starts.append(terminal.wait_until_idle())
    bare = timed_ms(lambda: subprocess.run([sys.executable, "-c", "import asyncio"], check=True), STARTS)
    return Measure(
        "start to idle screen", median(starts), "ms", STARTS, 300, "python -c 'import asyncio'", median(bare)
    )


def _rest(terminal: TerminalProcess) -> Iterator[Measure]:
    proportional, resident = terminal.memory_kib()
    yield Measure("memory at idle, proportional (PSS)", proportional / 1024, "MiB", target=45)
    yield Measure("memory at idle, resident (RSS)", resident / 1024, "MiB")
    busy_ns, woken = terminal.processor_ns(), terminal.wake_ups()
    terminal.quiet(REST_S)
    yield Measure("processor at idle", (terminal.processor_ns() - busy_ns) / (REST_S * 1e9) * 100, "%", target=0.3)
    yield Measure("wake-ups at idle", (terminal.wake_ups() - woken) / REST_S, "/s")


def _keys(terminal: TerminalProcess) -> Iterator[Measure]:
    presses = [terminal.press(key) for _ in range(KEYS // 4) for key in (Key.D1, Key.D2, Key.CLEAR, Key.CLEAR)]
    yield Measure("key to frame, half of all (p50)", percentile(presses, 50), "ms", len(presses))
    yield Measure("key to frame, 99 of 100 (p99)", percentile(presses, 99), "ms", len(presses), target=5)


def _early_imports(state: Path) -> Measure:
    """Count the libraries that were imported on the way to the idle screen and should not be: none."""
    with TerminalProcess(state, "-X", "importtime") as terminal:
        terminal.wait_until_idle()
        imported = set(re.findall(r"\|\s+(\w+)\s*$", terminal.stop(), re.MULTILINE))
    early = [name for name in LATE_LIBRARIES if name in imported]
    name = "printing and drawing libraries at idle" + (f": {', '.join(early)}" if early else "")
    return Measure(name, len(early), "", target=0)
