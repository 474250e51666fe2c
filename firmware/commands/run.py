"""`tillberry run`: the terminal itself, on one board, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final, TypeVar

from firmware import boot, log
from firmware.config import Board, Parameters, load_board, load_parameters
from firmware.emv.parameter_files import load_emv_parameters
from firmware.emv.parameters import EmvParameters
from firmware.errors import TillberryError
from firmware.hal import Devices
from firmware.hal.errors import StorageFailed
from firmware.host.profile import FOLDER as ACQUIRERS
from firmware.host.profile import AcquirerProfile, load_profile
from firmware.host.response_codes import FILE_NAME as RESPONSES
from firmware.host.response_codes import ResponseTexts, load_response_texts
from firmware.wording import load_wording

T = TypeVar("T")

STATE_DEFAULT: Final = Path("state")


@dataclass(frozen=True, slots=True)
class Setting:
    """What devices must know of this start; `stop` ends the terminal, as when the bench world is gone."""

    state: Path
    zone: tzinfo
    world_fd: int | None
    stop: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the parameter files say."""

    parameters: Parameters
    emv: EmvParameters | None
    profile: AcquirerProfile | None
    responses: ResponseTexts | None


BuildDevices = Callable[[Board, Setting], Awaitable[Devices]]


def board_directory() -> Path:
    """Where boards and parameters lie: beside the source, or where the package was installed to."""
    beside = Path(__file__).parents[2] / "board"
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "tillberry" / "board"


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `run`."""
    parser: ArgumentParser = subparsers.add_parser("run", help="run the terminal on a board", description=__doc__)
    add_place(parser)
    parser.add_argument("--board", required=True, help="the name of a board in board/, or a board file")
    parser.add_argument("--display", help="use another display model than the board's")
    parser.add_argument("--acquirer", metavar="NAME", help="the profile of another acquirer than the parameters name")
    parser.add_argument("--start-new", action="store_true", help="begin a new journal where the old one is lost")
    parser.add_argument("--log", choices=("json", "text"), help="log for machines or for people; default: as stdout is")
    parser.add_argument("--world-fd", type=int, help="the bench's wire, an open socket; set by `tillberry bench`")


def add_place(parser: ArgumentParser) -> None:
    """Add the arguments that say where state and parameters are."""
    parser.add_argument("--state", type=Path, default=STATE_DEFAULT, help="the directory that keeps the journal")
    parser.add_argument(
        "--params", type=Path, help="the directory of terminal.toml and wording/; default: board/params"
    )


def parameters_directory(args: Namespace) -> Path:
    """The directory of terminal.toml and wording/."""
    named: Path | None = args.params
    return board_directory() / "params" if named is None else named


class StateDirectoryUnusable(StorageFailed):
    """The state directory cannot be made or written to."""

    exit_status = 73


def make_state_directory(state: Path) -> None:
    """Make the state directory where it is not there, for this user alone. Raises: StateDirectoryUnusable."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateDirectoryUnusable(f"{state}: cannot be made: {error.strerror}") from error
    if not os.access(state, os.W_OK | os.X_OK):
        raise StateDirectoryUnusable(f"{state}: is not writable for this user")


def named_board(name: str) -> Board:
    """The board of that name, or of that file. Raises: ConfigError."""
    return load_board(Path(name) if name.endswith(".toml") else board_directory() / f"{name}.toml")


def _load_board(args: Namespace) -> Board:
    board = named_board(args.board)
    if args.display is None:
        return board
    devices = {**board.devices, "display": {**board.devices["display"], "model": args.display}}
    return Board(board.name, board.path, devices)


def run(args: Namespace, build: BuildDevices) -> int:
    """Run the terminal; returns 0 after a stop by signal. Raises: TillberryError - it cannot serve."""
    service = args.log == "json" or (args.log is None and not sys.stdout.isatty())
    log.configure(service=service)
    asyncio.run(_run(args, build))
    return 0


async def _run(args: Namespace, build: BuildDevices) -> None:
    """Build the devices and serve, until SIGTERM, SIGINT or the end of the bench world."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    board = _load_board(args)
    directory = parameters_directory(args)
    found = _attempt(lambda: _parameters(args, directory, board))
    wording = _attempt(lambda: load_wording(directory / "wording"))
    zone = UTC if isinstance(found, TillberryError) else found.parameters.zone
    devices = await build(board, Setting(args.state, zone, args.world_fd, stop.set))
    if isinstance(wording, TillberryError):
        await boot.refuse(devices, None, wording)
        raise wording
    if isinstance(found, TillberryError):
        await boot.refuse(devices, wording, found)
        raise found
    start = boot.Start(
        args.state,
        found.parameters,
        wording,
        found.emv,
        found.profile,
        found.responses,
        start_new=args.start_new,
        prompts=directory / "prompts.toml",
        bench_keys=directory,
    )
    await _until(stop, boot.run(devices, start))


def _attempt(read: Callable[[], T]) -> T | TillberryError:
    """What is read, or why it cannot be: for the screen to say, once there is one."""
    try:
        return read()
    except TillberryError as error:
        return error


def _parameters(args: Namespace, directory: Path, board: Board) -> _Found:
    """The parameters of the terminal, of chip cards where the board reads them, of an acquirer where it has a line."""
    make_state_directory(args.state)
    parameters = load_parameters(directory / "terminal.toml")
    if args.acquirer is not None:
        parameters = replace(parameters, acquirer=args.acquirer)
    emv = profile = responses = None
    if "card_reader" in board.devices:
        emv = load_emv_parameters(directory, service=not parameters.testing)
    if "host" in board.devices:
        profile = load_profile(directory / ACQUIRERS / f"{parameters.acquirer}.toml")
        responses = load_response_texts(directory / RESPONSES)
    return _Found(parameters, emv, profile, responses)


async def _until(stop: asyncio.Event, serve: Coroutine[Any, Any, None]) -> None:
    """Run `serve` until it ends or `stop` is set. Raises: what `serve` raises."""
    serving = asyncio.ensure_future(serve)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
