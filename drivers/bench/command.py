"""`tillberry bench`: its arguments, and the command lines of the terminal and the acquirer that it starts.

This file is read at every start of a terminal, so it loads nothing of the bench until the bench is what was asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from drivers.bench.place import Place
from drivers.drawing.models import DISPLAY_MODELS
from firmware.errors import TillberryError

PORT: Final = 8583
STATE: Final = Path("state")


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `bench`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "bench", help="run the terminal on a simulated bench with a web page", description=__doc__
    )
    parser.add_argument("--port", type=_port, default=PORT, help=f"the page's port (default {PORT}; 0: any free one)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    parser.add_argument("--state", type=Path, default=STATE, help="the directory that keeps the journal")
    parser.add_argument(
        "--params", type=Path, help="the directory of terminal.toml and wording/; default: board/params"
    )
    parser.add_argument("--display", choices=sorted(DISPLAY_MODELS), help="the display model (default: the board's)")
    parser.add_argument(
        "--acquirer", metavar="NAME", help="the profile of terminal and acquirer, in acquirers/ (default: the shop's)"
    )
    parser.add_argument("--start-new", action="store_true", help="begin a new journal where the old one is lost")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page in a browser")


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


Journal = Callable[[int], Sequence[Mapping[str, Any]] | None]


def run(args: argparse.Namespace, journal: Journal) -> int:
    """Run the bench until SIGTERM or SIGINT; returns the exit status. The state directory is there already.

    `journal` reads the newest records of the terminal that runs there; None where none does.
    """
    from drivers.bench.acquirer_process import FOLDER  # noqa: PLC0415 - see the first lines
    from drivers.bench.process import Cast, serve  # noqa: PLC0415 - see the first lines

    try:
        page = Place(args.host, args.port, open_browser=not args.no_browser)
        cast = Cast(
            terminal=lambda world_fd: terminal_command(args, world_fd),
            acquirer=lambda folder: acquirer_command(args, folder),
            acquirer_folder=args.state.absolute() / FOLDER,
            journal=journal,
        )
        asyncio.run(serve(page, cast))
    except TillberryError as exc:
        sys.stderr.write(f"tillberry: {exc}\n")
        return exc.exit_status
    return 0


def terminal_command(args: argparse.Namespace, world_fd: int) -> Sequence[str]:
    """The command line of the terminal's own process."""
    command = [sys.executable, "-m", "firmware", "run", "--board", "bench", "--log", "text"]
    command += ["--state", str(args.state), "--world-fd", str(world_fd)]
    if args.params is not None:
        command += ["--params", str(args.params)]
    if args.display is not None:
        command += ["--display", args.display]
    if args.acquirer is not None:
        command += ["--acquirer", args.acquirer]
    if args.start_new:
        command.append("--start-new")
    return command


def acquirer_command(args: argparse.Namespace, folder: Path) -> Sequence[str]:
    """The command line of the acquirer's own process, with books and certificates in `folder`."""
    command = [sys.executable, "-m", "firmware", "acquirer", "--port", "0", "--control", "0", "--attached"]
    command += ["--tls", str(folder), "--books", str(folder / "books.db")]
    if args.acquirer is not None:
        command += ["--profile", args.acquirer]
    if args.params is not None:
        command += ["--params", str(args.params)]
    return command
