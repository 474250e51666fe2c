"""A pseudo terminal with a device at its far end, and a socket on which a test tells the device what to suffer.

The near end is a path that stays the same while the device is unplugged and plugged in again, as `/dev/serial/by-id`
does. A control line is a word and its arguments; the answer is `ok`, or `no` and the reason.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final, Protocol

PATIENCE_S: Final = 10.0
READ_MAX: Final = 4_096
LATE_S: Final = 0.05


class Device(Protocol):
    """What stands at the far end of a line."""

    def obey(self, words: list[str]) -> None:
        """Suffer what a test wants. Raises: ValueError - there is no such thing."""
        ...


class Line:
    """The pseudo terminal, between the loop that plays a device and the path that a driver opens.

    `bytes_per_second` is how fast the line moves, for what the device reads; 0 is as fast as it comes.
    """

    def __init__(self, path: Path, bytes_per_second: int = 0) -> None:
        self._path = path
        self._pace = bytes_per_second
        self._far = -1
        self._near = -1
        self._free_s = 0.0
        self._hear: Callable[[bytes], None] = lambda _data: None

    def connect(self, hear: Callable[[bytes], None]) -> None:
        """Hand what comes over the line to `hear`, and plug in."""
        self._hear = hear
        self.plug()

    def plug(self) -> None:
        """Make the path lead to a terminal, if it does not."""
        if self._far >= 0:
            return
        # The near end stays open here, so that a driver may close it and come back.
        self._far, self._near = os.openpty()
        tty.setraw(self._far, termios.TCSANOW)
        os.set_blocking(self._far, False)
        self._path.symlink_to(os.ttyname(self._near))
        self._listen()

    def unplug(self) -> None:
        """Take the line away: whoever has it open hears that it ended, and the path leads nowhere."""
        if self._far < 0:
            return
        asyncio.get_running_loop().remove_reader(self._far)
        self._path.unlink()
        os.close(self._near)
        os.close(self._far)
        self._far = -1

    def say(self, data: bytes) -> None:
        """Send to the driver; what a full line does not take is lost, as on a wire without a listener."""
        if self._far >= 0:
            with suppress(BlockingIOError):
                os.write(self._far, data)

    def _listen(self) -> None:
        asyncio.get_running_loop().add_reader(self._far, self._read)

    def _read(self) -> None:
        size = READ_MAX if not self._pace else max(1, self._pace // 100)
        try:
            data = os.read(self._far, size)
        except OSError:
            return
        if self._pace:
            loop = asyncio.get_running_loop()
            # A wire makes up for no pause, but a late look at it does not make it slower.
            self._free_s = max(self._free_s, loop.time() - LATE_S) + len(data) / self._pace
            loop.remove_reader(self._far)
            loop.call_at(self._free_s, self._go_on, self._far)
        self._hear(data)

    def _go_on(self, far: int) -> None:
        if far == self._far:
            self._listen()


async def _serve(device: Device, control: Path) -> None:
    """Obey the control socket until the process is ended."""

    async def obey(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                device.obey(line.decode().split())
            except ValueError as error:
                writer.write(f"no {error}\n".encode())
            else:
                writer.write(b"ok\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(obey, control)
    async with server:
        await server.serve_forever()


def main(build: Callable[[Line], Device]) -> None:
    """Play a device on a line until the process is ended: the program of every simulator."""
    parser = argparse.ArgumentParser(description=build.__doc__)
    parser.add_argument("path", type=Path, help="the path that drivers open")
    parser.add_argument("control", type=Path, help="the socket on which faults are asked for")
    parser.add_argument("--pace", type=int, default=0, help="bytes per second that the line moves; 0: all at once")
    args = parser.parse_args()

    async def play() -> None:
        await _serve(build(Line(args.path, args.pace)), args.control)

    asyncio.run(play())


class Control:
    """A test's way to a simulator in another process."""

    def __init__(self, path: Path, socket_path: Path) -> None:
        self.path = path
        self._socket = socket_path

    def ask(self, words: str) -> None:
        """Let the device suffer something. Raises: ValueError - it does not know that."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(self._socket))
            connection.sendall(f"{words}\n".encode())
            answer = connection.recv(READ_MAX).decode().strip()
        if answer != "ok":
            raise ValueError(answer)


@contextmanager
def running(module: str, folder: Path, *arguments: str) -> Iterator[Control]:
    """Run `tests.hil.simulators.<module>` as a process of its own, with its line in `folder`."""
    control = Control(folder / module, folder / f"{module}.control")
    command = [sys.executable, "-m", f"tests.hil.simulators.{module}", str(control.path), str(control._socket)]
    process = subprocess.Popen([*command, *arguments])
    try:
        deadline = monotonic() + PATIENCE_S
        while not (control.path.exists() and control._socket.exists()):
            assert process.poll() is None, "the simulator has ended"
            assert monotonic() < deadline, "the simulator does not start"
            sleep(0.01)
        yield control
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
