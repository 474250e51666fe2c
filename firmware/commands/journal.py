"""`tillberry journal`: list what the journal holds, or check it.

The terminal that runs is asked; where none runs, the files are opened here. The output is the same either way.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from firmware.commands.output import UNREAD, amount_cell, written
from firmware.commands.run import add_place
from firmware.control import SOCKET_NAME, Answer, Question, ask
from firmware.errors import TillberryError
from firmware.journal import Journal, JournalBusy
from firmware.journal.listing import COLUMNS, CURRENT, Cell, ListingRow, Selection, listing
from firmware.surfaces import cell_width

_FAULTY: Final = 65
"""The exit status of a check that found faults (sysexits.h: EX_DATAERR)."""

_HEADINGS: Final = ("batch", "stan", "time", "kind", "phase", "amount", "tendered", "change", "card", "note")
_RIGHT: Final = frozenset({"amount", "tendered", "change"})


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `journal`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "journal",
        help="list the journal, or check it",
        description="List the transactions that the terminal keeps, oldest first, or check that none was changed. "
        "It works with and without a running terminal.",
    )
    add_place(parser)
    parser.add_argument("--board", help="the board of the terminal, where its file says how keys are kept")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON array, amounts in minor units")
    form.add_argument("--csv", action="store_true", help="comma-separated values with a header")
    parser.add_argument(
        "--day", nargs="?", const=CURRENT, type=_day, metavar="YYYY-MM-DD", help="only this day (today without a date)"
    )
    parser.add_argument(
        "--batch", nargs="?", const=CURRENT, type=_batch, metavar="N", help="only this batch (the open one without N)"
    )
    parser.add_argument("--last", type=_count, metavar="N", help="only the newest N records (default: all)")
    parser.add_argument("--verify", action="store_true", help="check the whole journal instead of listing it")


class VerifiesAll(TillberryError):
    """A check was asked for together with a choice of records; a check always covers the whole journal."""

    exit_status = 2


def run(args: argparse.Namespace, open_journal: Callable[[Path], Journal]) -> int:
    """Answer the command on the standard output; return the exit status.

    It is 65 where a check found faults, and 141 where nobody reads the output to its end.
    `args.state` is the state directory. `open_journal` opens the journal in it, where no terminal runs, to be read.
    Raises: VerifiesAll, ControlFailed, and what `Journal.open_to_read` raises.
    """
    if args.verify and (args.day, args.batch, args.last) != (None, None, None):
        raise VerifiesAll("--verify checks the whole journal: leave out --day, --batch and --last")
    question = Question(Selection(args.day, args.batch, args.last), verify=args.verify)
    answer = _asked(args.state, question, open_journal)
    text = _verdict(answer.faults, as_json=args.json) if args.verify else _rendered(answer.rows, args)
    if not written(text):
        return UNREAD
    return _FAULTY if answer.faults else 0


def _asked(state: Path, question: Question, open_journal: Callable[[Path], Journal]) -> Answer:
    """The answer of the terminal that runs, or of the files; a terminal that is just starting is asked again."""
    answer = ask(state / SOCKET_NAME, question)
    if answer is not None:
        return answer
    try:
        with closing(open_journal(state)) as journal:
            return _answer(journal, question)
    except JournalBusy:
        answer = ask(state / SOCKET_NAME, question)
        if answer is None:
            raise
        return answer


def _answer(journal: Journal, question: Question) -> Answer:
    if question.verify:
        return Answer(faults=tuple(journal.verify()))
    return Answer(rows=tuple(listing(journal, question.selection)))


def _rendered(rows: Sequence[ListingRow], args: argparse.Namespace) -> str:
    if args.json:
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    return as_csv(rows) if args.csv else as_table(rows)


def _verdict(faults: Sequence[str], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(faults, ensure_ascii=False, indent=2) + "\n"
    return "".join(f"{fault}\n" for fault in faults) or "The journal is whole.\n"


def as_csv(rows: Sequence[ListingRow]) -> str:
    """The rows as comma-separated values (RFC 4180) with a header; an empty cell is a value that is not there."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_table(rows: Sequence[ListingRow]) -> str:
    """The rows as aligned columns for a person, and how many there are."""
    if not rows:
        return "No records.\n"
    stans = {row["id"]: row["stan"] for row in rows}
    cells = [_HEADINGS, *(_table_cells(row, stans) for row in rows)]
    widths = [max(cell_width(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    lines = ["  ".join(_padded(line, widths)).rstrip() for line in cells]
    return "\n".join([*lines, "1 record" if len(rows) == 1 else f"{len(rows)} records"]) + "\n"


def _padded(line: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for heading, text, width in zip(_HEADINGS, line, widths, strict=True):
        space = " " * (width - cell_width(text))
        yield space + text if heading in _RIGHT else text + space


def _table_cells(row: ListingRow, stans: dict[Cell, Cell]) -> tuple[str, ...]:
    return (
        f"{row['batch']:06}",
        str(row["stan"]),
        datetime.fromisoformat(str(row["opened_at"])).strftime("%Y-%m-%d %H:%M:%S"),
        str(row["kind"]),
        str(row["phase"]),
        amount_cell(row, "amount_minor"),
        amount_cell(row, "tendered_minor"),
        amount_cell(row, "change_minor"),
        " ".join(str(row[name]) for name in ("card", "entry") if row.get(name)),
        ", ".join(filter(None, (_part_approved(row), _note(row, stans)))),
    )


def _part_approved(row: ListingRow) -> str:
    """What counts, where the acquirer has approved less than was asked."""
    if row.get("approved_minor") in (None, row["amount_minor"]):
        return ""
    return f"{amount_cell(row, 'approved_minor')} approved"


def _note(row: ListingRow, stans: dict[Cell, Cell]) -> str:
    """What binds the record to another one: by its trace number; by its id where an older terminal told none."""
    of = "void of" if str(row["kind"]).endswith("void") else "of"
    for name, stan, words in (
        ("original_id", "original_stan", of),
        ("voided_by", "voided_by_stan", "voided by"),
    ):
        other = row[name]
        if other is not None:
            return f"{words} {row.get(stan) or stans.get(other, f'#{other}')}"
    return ""


def _day(value: str) -> date | Literal["current"]:
    if value == CURRENT:
        return CURRENT
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a date as 2026-03-14, not {value!r}") from None


def _batch(value: str) -> int | Literal["current"]:
    return CURRENT if value == CURRENT else _within(value, 999_999)


def _count(value: str) -> int:
    return _within(value, 1_000_000)


def _within(value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and 1 <= int(value) <= most):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {most}, not {value!r}")
    return int(value)
