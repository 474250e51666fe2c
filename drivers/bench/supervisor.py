"""Starts the terminal as a process of its own, kills it as a power cut does, and brings it back on the same state.

The process inherits one end of a socket pair; its lines of log go to the world's stderr. A terminal that ends by itself
stays off, with its status and last words told to the world, until somebody switches the power: a fault that happens at
every start must not become a loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from drivers.bench.link import socket_link
from drivers.bench.world import Ending, World

WORDS_MAX: Final = 12
"""How many of a terminal's last lines are kept as its last words."""

LINE_MAX: Final = 2_000
"""The longest line of log that is passed on whole; the rest of a longer one is cut."""

STOP_S: Final = 5.0
"""How long a terminal that was told to stop may take before it is killed."""

PREFIX: Final = "terminal | "
STDERR: Final = 2


class Supervisor:
    """One terminal process at a time, for one world.

    `command` gives the program and its arguments, for the number of the file descriptor that is the terminal's wire. A
    terminal that was told to stop is killed after `stop_s` seconds.
    """

    def __init__(self, world: World, command: Callable[[int], Sequence[str]], *, stop_s: float = STOP_S) -> None:
        self._stop_s = stop_s
        self._world = world
        self._command = command
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._switching = asyncio.Lock()

    async def start(self) -> None:
        """Start the terminal; returns when the process runs, not when it is up."""
        async with self._switching:
            await self._start()

    async def cut(self) -> None:
        """Take the power away in mid-instruction, and give it back."""
        async with self._switching:
            await self._end(signal.SIGKILL)
            self._world.detach()
            await self._start()

    async def stop(self) -> None:
        """Tell the terminal to stop, and kill it if it does not in time."""
        async with self._switching:
            await self._end(signal.SIGTERM)
            self._world.detach()

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            process = await asyncio.create_subprocess_exec(
                *self._command(fd),
                pass_fds=(fd,),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,  # Ctrl-C is for the world, which then stops the terminal in its own way.
            )
        self._process = process
        self._world.attach(await socket_link(ours))
        self._watch = asyncio.create_task(self._watch_over(process))

    async def _end(self, how: signal.Signals) -> None:
        """Send a signal and wait for the end; then it is no ending of the terminal's own."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(how)
            await self._wait_for_end(process)
        watch, self._watch = self._watch, None
        if watch is not None:
            await asyncio.wait({watch}, timeout=self._stop_s)
            watch.cancel()

    async def _wait_for_end(self, process: Process) -> None:
        try:
            async with asyncio.timeout(self._stop_s):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _watch_over(self, process: Process) -> None:
        """Pass the terminal's lines on until it has ended, and tell the world if that was its own doing."""
        words: deque[str] = deque(maxlen=WORDS_MAX)
        assert process.stdout is not None
        assert process.stderr is not None
        await asyncio.gather(_pass_on(process.stdout, words), _pass_on(process.stderr, words))
        status = await process.wait()
        if self._process is process:
            self._process = None
            self._world.terminal_ended(Ending(status, tuple(words)))
            _tell(f"ended by itself with {_named(status)}")


async def _pass_on(stream: asyncio.StreamReader, words: deque[str]) -> None:
    """Write every line of `stream` to stderr behind PREFIX, and keep it among the last words."""
    unfinished = b""
    while chunk := await stream.read(4_096):
        *lines, unfinished = (unfinished + chunk).split(b"\n")
        unfinished = unfinished[:LINE_MAX]
        for line in lines:
            words.append(_tell(line.decode("utf-8", "replace")))
    if unfinished:
        words.append(_tell(unfinished.decode("utf-8", "replace")))


def _tell(line: str) -> str:
    """Write one line to stderr, its control characters made visible; returns it. It never fails.

    Without the buffer of `sys.stderr`: what cannot be written is forgotten, and the terminal is heard on.
    """
    clean = "".join(each if each.isprintable() else repr(each)[1:-1] for each in line[:LINE_MAX].rstrip())
    with contextlib.suppress(OSError):
        os.write(STDERR, f"{PREFIX}{clean}\n".encode(errors="backslashreplace"))
    return clean


def _named(status: int) -> str:
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"status {status}"
