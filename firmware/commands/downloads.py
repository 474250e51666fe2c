"""`tillberry downloads`: the CA keys and applications that a terminal works by, from its files or downloaded.

The terminal that runs is asked for what it has downloaded; where none runs, the files are opened here. What is shown is
what this folder of parameters and those downloads come to.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from firmware.commands.output import UNREAD, written
from firmware.commands.run import add_place
from firmware.config import load_parameters
from firmware.control import SOCKET_NAME, Answer, Question, ask
from firmware.emv.parameter_files import load_emv_parameters
from firmware.host.profile import FOLDER, load_profile
from firmware.journal import Journal, JournalBusy
from firmware.journal.downloads import told
from firmware.journal.listing import Selection
from firmware.provisions import Provisions
from firmware.surfaces import cell_width
from firmware.units import Money

Row = Mapping[str, str]
_HEADINGS: Final = ("what", "name", "value", "from")


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `downloads`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "downloads",
        help="list the CA keys and applications in force",
        description="List the CA keys and applications that the terminal works by, each with where it comes from: the "
        "folder of parameters, or a download. It works with and without a running terminal.",
    )
    add_place(parser)
    parser.add_argument("--board", help="the board of the terminal, where its file says how keys are kept")
    parser.add_argument("--json", action="store_true", help="one JSON array")


def run(args: argparse.Namespace, params: Path, open_journal: Callable[[Path], Journal]) -> int:
    """Answer the command on the standard output; return the exit status: 0, or 141 where nobody reads.

    `params` is the folder of parameters. Raises: ConfigError, ControlFailed, and what `Journal.open_to_read` raises.
    """
    parameters = load_parameters(params / "terminal.toml")
    files = Provisions(
        parameters,
        load_emv_parameters(params, service=not parameters.testing),
        load_profile(params / FOLDER / f"{parameters.acquirer}.toml"),
    )
    downloaded = [row for row in _asked(args.state, open_journal).rows if row["acquirer"] == parameters.acquirer]
    rows = list(_rows(files, downloaded))
    text = json.dumps(rows, ensure_ascii=False, indent=2) + "\n" if args.json else as_table(rows)
    return 0 if written(text) else UNREAD


def _asked(state: Path, open_journal: Callable[[Path], Journal]) -> Answer:
    """The answer of the terminal that runs, or of the files; a terminal that is just starting is asked again."""
    question = Question(Selection(), downloads=True)
    answer = ask(state / SOCKET_NAME, question)
    if answer is not None:
        return answer
    try:
        with closing(open_journal(state)) as journal:
            return Answer(rows=tuple(dict(row) for row in told(journal.downloads)))
    except JournalBusy:
        answer = ask(state / SOCKET_NAME, question)
        if answer is None:
            raise
        return answer


def _rows(files: Provisions, downloaded: Iterable[Mapping[str, object]]) -> Iterator[Row]:
    """What is in force, CA keys first; `downloaded` are the entries that the acquirer has given."""
    from firmware.provisions.overlay import Kind, all_laid_over, entry_name  # noqa: PLC0415 - no start waits for it

    sets: dict[str, list[bytes]] = {}
    origin: dict[tuple[str, str], str] = {}
    for row in downloaded:
        kind, entry = str(row["kind"]), bytes.fromhex(str(row["entry"]))
        sets.setdefault(kind, []).append(entry)
        if kind != Kind.PARAMETERS:
            origin[kind, entry_name(Kind(kind), entry)] = f"downloaded {str(row['at'])[:19].replace('T', ' ')}"
    now = all_laid_over(files, sets)
    assert now.emv is not None, "read from the folder above"
    for key in now.emv.ca_keys.values():
        name = f"{key.rid.hex().upper()}.{key.index:02X}"
        value = f"{8 * len(key.modulus)} bits, to {key.expires}{', for tests' if key.testing else ''}"
        yield _row("CA key", name, value, origin.get((Kind.CA_KEYS, name), "file"))
    for each in now.emv.applications:
        name = each.aid.hex().upper()
        limit = Money(each.floor_limit_minor, now.parameters.currency)
        yield _row("application", name, f"{each.name}, floor limit {limit}", origin.get((Kind.AIDS, name), "file"))


def _row(*cells: str) -> Row:
    return dict(zip(_HEADINGS, cells, strict=True))


def as_table(rows: Sequence[Row]) -> str:
    """The rows as aligned columns for a person."""
    lines = [_HEADINGS, *(tuple(row.values()) for row in rows)]
    widths = [max(cell_width(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    return "".join(_aligned(line, widths) for line in lines)


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = (text + " " * (width - cell_width(text)) for text, width in zip(line, widths, strict=True))
    return "  ".join(cells).rstrip() + "\n"
