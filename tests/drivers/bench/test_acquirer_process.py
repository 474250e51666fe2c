"""The acquirer's process as the bench holds it: found by its first lines, ended with it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from drivers.bench.acquirer_process import AcquirerProcess, Whereabouts

SAYS = """
import sys
print({first!r}, flush=True)
print({second!r}, flush=True)
sys.stdin.read()
"""
FIRST = "The test acquirer is at 127.0.0.1 port 4711 with TLS; terminals pin state/ca.pem"
SECOND = "Its books are at http://127.0.0.1:4712/api/books"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


def saying(first: str, second: str) -> Sequence[str]:
    return [sys.executable, "-c", SAYS.format(first=first, second=second)]


def started(folder: Path, command: Sequence[str], *, wait_for_it: bool = True) -> list[Whereabouts]:
    """Start the command, wait until it was found, and stop it."""

    async def main() -> list[Whereabouts]:
        found: asyncio.Queue[Whereabouts] = asyncio.Queue()
        process = AcquirerProcess(folder, lambda _folder: command, found.put_nowait, stop_s=0.5)
        await process.start()
        places = [await asyncio.wait_for(found.get(), 10)] if wait_for_it else []
        await process.stop()
        await process.stop()
        return places

    return asyncio.run(main())


def test_acquirer_started_is_found_by_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "acquirer"
    assert started(folder, saying(FIRST, SECOND)) == [Whereabouts(4711, 4712, folder / "ca.pem")]


def test_program_that_says_something_else_is_never_found_and_can_be_stopped(tmp_path: Path) -> None:
    assert started(tmp_path, saying("what?", SECOND), wait_for_it=False) == []


def test_program_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    assert started(tmp_path, [sys.executable, "-c", DEAF], wait_for_it=False) == []


def test_folder_that_cannot_be_made_leaves_the_bench_without_an_acquirer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert started(tmp_path / "file", saying(FIRST, SECOND), wait_for_it=False) == []
