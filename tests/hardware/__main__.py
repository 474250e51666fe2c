"""`make hardware BOARD=reference`: ask a real board for what the contracts promise, with a person beside it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from datetime import UTC
from pathlib import Path

from drivers import catalog
from firmware.commands.run import named_board
from firmware.config import OPTIONAL_DEVICES, Board
from firmware.errors import TillberryError
from tests.hardware.person import AtTheTerminal
from tests.hardware.walk import Walk

DEVICES = ("keypad", "display", "panel", "printer", "gauges", *OPTIONAL_DEVICES)


def say(words: str) -> None:
    """Say something to the person beside the board."""
    sys.stdout.write(f"{words}\n")


async def walk(board: Board, wanted: list[str]) -> int:
    """Walk through a board; returns how many promises were not kept. Raises: TillberryError - it cannot be built."""
    failed = 0
    with tempfile.TemporaryDirectory() as state:
        site = catalog.Site(board.path, Path(state), UTC, {}, {}, None, lambda why: say(f"gone: {why}"))
        devices = await catalog.build(board.devices, site)
        async for kept in Walk(devices, AtTheTerminal()).through(wanted):
            failed += bool(kept.why)
            say(f"{'FAILED' if kept.why else 'ok':<7} {kept.device}: {kept.promise} {kept.why}".rstrip())
        for device in (devices.keypad, devices.display, devices.panel, devices.printer, devices.card_reader):
            if device is not None:
                await device.close()
    return failed


def main() -> int:
    """Returns 0 where every promise was kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.hardware", description=__doc__)
    parser.add_argument("--board", required=True, help="the name of a board in board/, or a board file")
    parser.add_argument("devices", nargs="*", help=f"some of {', '.join(DEVICES)}; default: all that the board has")
    args = parser.parse_args()
    try:
        failed = asyncio.run(walk(named_board(args.board), args.devices or list(DEVICES)))
    except TillberryError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
