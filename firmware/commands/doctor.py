"""`tillberry doctor`: what a board's devices are wired to, whether this machine has it, and what mends each fault."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any, Final

from firmware.commands.output import UNREAD, written
from firmware.commands.run import named_board
from firmware.config import Board
from firmware.hal.needs import Examination

FAULTY: Final = 1
"""The exit status where something must be mended."""


Examine = Callable[[Board], Examination]


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `doctor`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "doctor",
        help="look whether a board's devices are wired, found and usable",
        description="List what each device of a board is wired to and what it needs of this machine, and for each "
        "fault the line that mends it. Nothing is switched on, printed or changed. The exit status is 0 where all is "
        "well, and 1 where something must be mended.",
    )
    parser.add_argument("--board", required=True, help="the name of a board in board/, or a board file")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, examine: Examine) -> int:
    """Answer the command; return the exit status: 0, 1, or 141 where nobody reads. Raises: ConfigError."""
    board = named_board(args.board)
    report = examine(board)
    text = _as_json(board, report) if args.json else _as_text(board, report)
    if not written(text):
        return UNREAD
    return FAULTY if any(finding.mend for finding in report.findings) else 0


def _as_json(board: Board, report: Examination) -> str:
    content = {
        "board": board.name,
        "machine": report.machine,
        "wires": [{"device": device, "to": where} for device, where in report.wired],
        "findings": [{"device": each.device, "found": each.found, "mend": each.mend} for each in report.findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _as_text(board: Board, report: Examination) -> str:
    lines = [f"{board.name} on {report.machine or 'a machine that is no Raspberry Pi'}", ""]
    lines += [f"  {device:<16} {where}" for device, where in report.wired]
    lines += [""] * bool(report.wired)
    for each in report.findings:
        lines.append(f"{'fault' if each.mend else 'ok':<7} {each.device:<14} {each.found}")
        if each.mend:
            lines.append(f"{'':<7} {'':<14} mend: {each.mend}")
    faults = sum(bool(each.mend) for each in report.findings)
    lines += ["", "nothing to mend" if not faults else f"{faults} to mend"]
    return "\n".join(lines) + "\n"
