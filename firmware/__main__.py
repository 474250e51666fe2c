"""The command line, and the composition root: the one place that brings firmware and drivers together."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path

from drivers import catalog
from firmware import control
from firmware.commands import decode, doctor, downloads, emv, journal, keys, pending, run, wiring
from firmware.config import Board, load_parameters
from firmware.errors import TillberryError
from firmware.hal import Devices
from firmware.journal import FILE_NAME, Journal, JournalMissing
from firmware.journal.listing import ListingRow, Selection
from firmware.log import LogEvent, log
from firmware.screens.menu import key_paths
from firmware.terminal import VERSION


async def build_devices(board: Board, setting: run.Setting) -> Devices:
    """Let the catalog build what the board names."""
    site = catalog.Site(
        board=board.path,
        state=setting.state,
        zone=setting.zone,
        about={"version": VERSION, "board": board.name},
        menu_paths=key_paths(),
        world_fd=setting.world_fd,
        device_gone=lambda why: end_without(why, setting.stop),
    )
    return await catalog.build(board.devices, site)


def end_without(why: str, stop: Callable[[], None]) -> None:
    """End where a device is gone that no terminal can do without; whoever starts it again will say what is missing."""
    log.error(LogEvent.DEVICE_MISSING, why=why)
    stop()


def kept_storage(args: argparse.Namespace, zone: tzinfo) -> catalog.Storage:
    """The storage of the board that the arguments name; without one, plain files. Raises: TillberryError."""
    if args.board is None:
        return catalog.file_storage(args.state, zone)
    board = run.named_board(args.board)
    site = catalog.Site(board.path, args.state, zone, {}, {}, None, lambda _why: None)
    return catalog.board_storage(board.devices, site)


def keys_means(args: argparse.Namespace) -> keys.Means:
    """What `tillberry keys` works with. Raises: TillberryError."""
    from firmware.keys.vault import KeyVault  # noqa: PLC0415 - a terminal that starts asks for no key

    parameters = load_parameters(run.parameters_directory(args) / "terminal.toml")
    run.make_state_directory(args.state)
    storage = kept_storage(args, parameters.zone)
    vault = KeyVault(storage.nvram, storage.sealer, storage.entropy)
    return keys.Means(vault, storage.entropy, keys.hidden_line, parameters.testing)


def open_journal(args: argparse.Namespace) -> Journal:
    """Open the journal of a terminal that is not running, to read only. Raises: TillberryError."""
    if not (args.state / FILE_NAME).is_file():
        raise JournalMissing(f"{args.state}: there is no journal here; is it the terminal's state directory?")
    parameters = load_parameters(run.parameters_directory(args) / "terminal.toml")
    storage = kept_storage(args, parameters.zone)
    return Journal.open_to_read(
        args.state,
        sealer=storage.sealer,
        nvram=storage.nvram,
        clock=storage.clock,
        entropy=storage.entropy,
        terminal=parameters.terminal,
        currency=parameters.currency,
    )


def newest_records(state: Path, last: int) -> Sequence[ListingRow] | None:
    """The newest records of the terminal that runs on `state`, oldest first; None where none does.

    Raises: ControlFailed.
    """
    answer = control.ask(state / control.SOCKET_NAME, control.Question(Selection(last=last)))
    return None if answer is None else answer.rows


def emv_means() -> emv.Means:
    """What `tillberry emv` needs: any PC/SC reader by its name, and the time and chance of this machine."""
    system = catalog.system()
    return emv.Means(catalog.named_card_reader, system.clock, system.entropy, system.stopwatch_ns)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="tillberry", description="An open payment terminal for the Raspberry Pi.")
    parser.add_argument("--version", action="version", version=f"tillberry {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    add_bench_parser, run_bench = catalog.bench_command()
    add_card_parser, run_card = catalog.card_command()
    add_acquirer_parser, run_acquirer = catalog.acquirer_command()
    run.add_parser(commands)
    add_bench_parser(commands)
    add_card_parser(commands)
    add_acquirer_parser(commands)
    journal.add_parser(commands)
    pending.add_parser(commands)
    downloads.add_parser(commands)
    emv.add_parser(commands)
    decode.add_parser(commands)
    keys.add_parser(commands)
    doctor.add_parser(commands)
    wiring.add_parser(commands)
    args = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        return _command(args, run_bench, run_card, run_acquirer)
    except TillberryError as error:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"tillberry: {error}\n")
        return error.exit_status


def _command(
    args: argparse.Namespace,
    run_bench: Callable[[argparse.Namespace, catalog.ReadJournal], int],
    run_card: Callable[[argparse.Namespace], int],
    run_acquirer: Callable[[argparse.Namespace, Path], int],
) -> int:
    commands: dict[str, Callable[[], int]] = {
        "run": lambda: run.run(args, build_devices),
        "bench": lambda: _bench(args, run_bench),
        "card": lambda: run_card(args),
        "acquirer": lambda: run_acquirer(args, run.parameters_directory(args)),
        "emv": lambda: emv.run(args, emv_means()),
        "decode": lambda: decode.run(args, run.parameters_directory(args)),
        "keys": lambda: keys.run(args, lambda: keys_means(args)),
        "doctor": lambda: doctor.run(args, lambda board: catalog.examined(board.devices, board.path)),
        "wiring": lambda: wiring.run(args, lambda board: catalog.drawn(board.name, board.devices, board.path)),
    }
    return commands.get(args.command, lambda: _listed(args))()


def _bench(args: argparse.Namespace, run_bench: Callable[[argparse.Namespace, catalog.ReadJournal], int]) -> int:
    run.make_state_directory(args.state)
    return run_bench(args, lambda last: newest_records(args.state, last))


def _listed(args: argparse.Namespace) -> int:
    """Run one of the commands that read the journal of a terminal, running or not."""
    if args.command == "downloads":
        return downloads.run(args, run.parameters_directory(args), lambda _state: open_journal(args))
    listed = pending.run if args.command == "pending" else journal.run
    return listed(args, lambda _state: open_journal(args))


if __name__ == "__main__":
    sys.exit(main())
