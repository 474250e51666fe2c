"""`tillberry wiring`: the wiring diagram of a board, drawn from its file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.commands.output import UNREAD, written
from firmware.commands.run import named_board
from firmware.config import Board
from firmware.errors import TillberryError


class NotDrawn(TillberryError):
    """The picture could not be written."""

    exit_status = 73


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `wiring`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "wiring",
        help="draw the wiring diagram of a board",
        description="Draw which pin of which device goes to which pin of the header: an SVG picture for any browser.",
    )
    parser.add_argument("--board", required=True, help="the name of a board in board/, or a board file")
    parser.add_argument("--out", type=Path, help="the picture to write; default: the standard output")


def run(args: argparse.Namespace, draw: Callable[[Board], str]) -> int:
    """Draw; return the exit status: 0, or 141 where nobody reads. Raises: ConfigError, NotDrawn."""
    picture = draw(named_board(args.board))
    if args.out is None:
        return 0 if written(picture) else UNREAD
    try:
        args.out.write_text(picture)
    except OSError as error:
        raise NotDrawn(f"{args.out}: cannot be written: {error.strerror}") from error
    return 0
