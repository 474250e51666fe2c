"""The command line, and the composition root: the one place that brings firmware and drivers together."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from drivers import catalog
from firmware.commands import run
from firmware.config import Board
from firmware.hal import Devices
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
        world_gone=lambda _why: setting.stop(),
    )
    return await catalog.build(board.devices, site)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="tillberry", description="An open payment terminal for the Raspberry Pi.")
    parser.add_argument("--version", action="version", version=f"tillberry {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    run.add_parser(commands)
    args = parser.parse_args(arguments)
    match args.command:
        case "run":
            return run.run(args, build_devices)
        case _:
            raise AssertionError(args.command)


if __name__ == "__main__":
    sys.exit(main())
