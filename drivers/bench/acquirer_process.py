"""The test acquirer as a process of its own: it outlives the terminal's power cuts, and ends with the bench.

Its books and its CA lie in the state directory, with the journal that they belong to. It holds one end of a pipe whose
closing ends it, so that it does not outlive a bench that was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = "acquirer"
"""Its place in the state directory."""
CA: Final = "ca.pem"
STOP_S: Final = 3.0

_SAYS: Final = (re.compile(rb" port (\d{1,5})\b"), re.compile(rb"http://[^ ]*:(\d{1,5})/"))
"""Its first two lines: the port of terminals, and that of its control API."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where it is: the port for terminals, the port of its control API, the CA that terminals pin."""

    port: int
    control: int
    ca: Path


class AcquirerProcess:
    """One acquirer; `command` gives the program and its arguments, `found` is called when it listens."""

    def __init__(
        self,
        folder: Path,
        command: Callable[[Path], Sequence[str]],
        found: Callable[[Whereabouts], None],
        *,
        stop_s: float = STOP_S,
    ) -> None:
        self._stop_s = stop_s
        self._folder = folder
        self._command = command
        self._found = found
        self._process: Process | None = None
        self._hearing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it; returns when the process runs, not when it listens.

        Where its folder cannot be made it is not started: the terminal sells for cash without.
        """
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as exc:
            sys.stderr.write(f"acquirer | not started: {self._folder} cannot be made: {exc.strerror}\n")
            return
        self._process = await asyncio.create_subprocess_exec(
            *self._command(self._folder), stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        self._hearing = asyncio.create_task(self._hear(self._process))

    async def stop(self) -> None:
        """End it, by force where it takes too long."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._stop_s):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._hearing is not None:
            self._hearing.cancel()

    async def _hear(self, process: Process) -> None:
        """Find the ports in its first lines, and let it say the rest to nobody."""
        assert process.stdout is not None
        ports = []
        for pattern in _SAYS:
            said = pattern.search(await process.stdout.readline())
            if said is None:
                return
            ports.append(int(said.group(1)))
        port, control = ports
        self._found(Whereabouts(port, control, self._folder / CA))
        while await process.stdout.read(4_096):
            pass
