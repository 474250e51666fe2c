"""`tillberry acquirer`: the test acquirer as a process of its own, until Ctrl-C. It plays with play money.

This file is read at every start of a terminal, so it loads nothing of the acquirer until that is what was asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from firmware.errors import ConfigError

if TYPE_CHECKING:
    from drivers.bench.acquirer.host import Host

PORT: Final = 8584


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `acquirer`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "acquirer", help="run the test acquirer, with books of its own", description=__doc__
    )
    parser.add_argument("--port", type=_port, default=PORT, help=f"for terminals (default {PORT}; 0: any free one)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    parser.add_argument(
        "--tls", type=Path, metavar="DIR", help="speak TLS; certificates are made in DIR at the first start"
    )
    parser.add_argument("--books", type=Path, metavar="FILE", help="keep the books there (default: in memory)")
    parser.add_argument("--control", type=_port, metavar="PORT", help="serve the control API on this port")
    parser.add_argument("--attached", action="store_true", help="end when standard input does, as a bench wants it")
    parser.add_argument(
        "--profile", metavar="NAME", default="cup", help="the profile it speaks, in acquirers/ (default: cup)"
    )
    parser.add_argument("--params", type=Path, help="the directory of terminal.toml; default: board/params")


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def run(args: argparse.Namespace, params: Path) -> int:
    """Run the acquirer until SIGTERM or SIGINT; returns the exit status.

    Raises: ConfigError, PortTaken, BooksUnusable.
    """
    from drivers.bench.acquirer.books import Books  # noqa: PLC0415 - see the first lines
    from drivers.bench.acquirer.host import Host, profile_named  # noqa: PLC0415 - see the first lines

    zone = _zone(params)
    profile = profile_named(params, args.profile)
    books = Books(args.books)
    try:
        host = Host(params, books=books, profile=profile, now=lambda: datetime.now(zone))
        host.tell = _say
        asyncio.run(_serve(args, host))
    finally:
        books.close()
    return 0


async def _serve(args: argparse.Namespace, host: Host) -> None:
    from drivers.bench.acquirer.certificates import CA, server_context  # noqa: PLC0415 - see the first lines
    from drivers.bench.acquirer.control import ControlServer  # noqa: PLC0415 - see the first lines
    from drivers.bench.acquirer.server import AcquirerServer  # noqa: PLC0415 - see the first lines

    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    if args.attached:
        await _end_with_stdin(stop)
    tls = None if args.tls is None else server_context(args.tls, args.host)
    server = AcquirerServer(host, args.host, args.port, tls)
    control = None if args.control is None else ControlServer(host, args.host, args.control)
    await server.start()
    try:
        if control is not None:
            await control.start()
        pinned = "" if args.tls is None else f" with TLS; terminals pin {args.tls / CA}"
        _say(f"The test acquirer is at {args.host} port {server.port}{pinned}")
        if control is not None:
            _say(f"Its books are at http://{args.host}:{control.port}/api/books")
        await stop.wait()
    finally:
        await server.close()
        if control is not None:
            await control.close()


async def _end_with_stdin(stop: asyncio.Event) -> None:
    """Set `stop` when nobody holds the other end of standard input any more."""

    class _Watch(asyncio.Protocol):
        def connection_lost(self, _exc: Exception | None) -> None:
            stop.set()

    await asyncio.get_running_loop().connect_read_pipe(_Watch, sys.stdin)


def _say(line: str) -> None:
    """Say a line; where nobody reads any more, go on in silence."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit: there must be something that takes it.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _zone(params: Path) -> ZoneInfo:
    """The time zone of the shop. Raises: ConfigError."""
    path = params / "terminal.toml"
    try:
        return ZoneInfo(tomllib.loads(path.read_text("utf-8"))["language"]["time_zone"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: no time zone can be read there: {error}") from error
