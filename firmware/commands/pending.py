"""`tillberry pending`: what this terminal still owes its acquirer, or wants to know from it.

The terminal that runs is asked; where none runs, the files are opened here. The output is the same either way.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from firmware.commands.output import UNREAD, amount_cell, written
from firmware.commands.run import add_place
from firmware.control import SOCKET_NAME, Answer, Question, ask
from firmware.journal import Journal, JournalBusy
from firmware.journal.listing import ListingRow, Selection
from firmware.journal.pending import pending
from firmware.surfaces import cell_width

SOMETHING: Final = 1
"""The exit status where something is pending."""

_HEADINGS: Final = ("what", "batch", "stan", "since", "kind", "amount", "tries")


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `pending`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "pending",
        help="list what is still owed to the acquirer",
        description="List reversals that are owed, notices that wait, records that only the acquirer can settle, and "
        "a settlement that is under way. The exit status is 0 where nothing is pending, and 1 where something is. "
        "It works with and without a running terminal.",
    )
    add_place(parser)
    parser.add_argument("--board", help="the board of the terminal, where its file says how keys are kept")
    parser.add_argument("--json", action="store_true", help="one JSON array, amounts in minor units")


def run(args: argparse.Namespace, open_journal: Callable[[Path], Journal]) -> int:
    """Answer the command on the standard output; return the exit status: 0, 1, or 141 where nobody reads.

    Raises: ControlFailed, and what `Journal.open_to_read` raises.
    """
    rows = _asked(args.state, open_journal).rows
    text = json.dumps(rows, ensure_ascii=False, indent=2) + "\n" if args.json else as_table(rows)
    if not written(text):
        return UNREAD
    return SOMETHING if rows else 0


def _asked(state: Path, open_journal: Callable[[Path], Journal]) -> Answer:
    """The answer of the terminal that runs, or of the files; a terminal that is just starting is asked again."""
    question = Question(Selection(), pending=True)
    answer = ask(state / SOCKET_NAME, question)
    if answer is not None:
        return answer
    try:
        with closing(open_journal(state)) as journal:
            return Answer(rows=tuple(pending(journal)))
    except JournalBusy:
        answer = ask(state / SOCKET_NAME, question)
        if answer is None:
            raise
        return answer


def as_table(rows: Sequence[ListingRow]) -> str:
    """The rows as aligned columns for a person."""
    if not rows:
        return "Nothing is pending.\n"
    lines = [_HEADINGS, *map(_cells, rows)]
    widths = [max(cell_width(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    return "".join(_aligned(line, widths) for line in lines)


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = (text + " " * (width - cell_width(text)) for text, width in zip(line, widths, strict=True))
    return "  ".join(cells).rstrip() + "\n"


def _cells(row: ListingRow) -> tuple[str, ...]:
    since = row["since"]
    tries = row["tries"]
    return (
        str(row["what"]),
        f"{row['batch']:06}",
        str(row["stan"] or ""),
        "" if since is None else datetime.fromisoformat(str(since)).strftime("%Y-%m-%d %H:%M:%S"),
        str(row["kind"]),
        amount_cell(row, "amount_minor"),
        "" if tries is None else str(tries),
    )
