"""The fake terminal as a process of its own, for the tests of the supervisor: `child_terminal FD MODE`."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

from drivers.bench.link import inherited_link
from tests.drivers.bench.fake_terminal import FakeTerminal


async def serve(fd: int, *, deaf: bool) -> None:
    """Be a terminal until SIGTERM (but not when `deaf`) or the end of the world."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, (lambda: None) if deaf else stop.set)
    terminal = FakeTerminal(await inherited_link(fd))
    terminal.start()
    sys.stderr.write("ready \x1b[31mred\n")
    sys.stderr.flush()
    await stop.wait()
    terminal.die()
    sys.stdout.write("good bye")


def main(fd: int, mode: str) -> int:
    """Play one kind of terminal."""
    match mode:
        case "serves" | "deaf":
            asyncio.run(serve(fd, deaf=mode == "deaf"))
        case "fails":
            sys.stderr.write("x" * 100_000 + "\n" + "first\nthe board file is wrong\n")
            return 78
        case "babbles":
            socket.socket(fileno=fd).sendall(b"what?\n" * 100)
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
