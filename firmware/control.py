"""The control socket of a running terminal: other programs of the same machine ask it what only it can read.

The journal is locked by the terminal that runs, so `tillberry journal`, `pending` and `downloads` ask here. One
connection carries one question, a line of JSON, and its answer, a line of JSON for each row and one that ends it.
Nothing can be changed through it.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self

from firmware.errors import TillberryError
from firmware.journal import Journal
from firmware.journal.downloads import told
from firmware.journal.listing import CURRENT, Cell, ListingRow, Selection, listing
from firmware.journal.pending import pending

SOCKET_NAME: Final = "control.sock"

_REQUEST_LONGEST: Final = 1024
_ANSWER_LINE_LONGEST: Final = 64 * 1024
_CONNECTIONS_MOST: Final = 4
_REQUEST_TIMEOUT_S: Final = 5.0
_WRITE_TIMEOUT_S: Final = 10.0
_ANSWER_TIMEOUT_S: Final = 10.0
_LAST_MOST: Final = 1_000_000


class ControlFailed(TillberryError):
    """The running terminal did not understand, or did not answer."""

    exit_status = 75


class RequestRefused(TillberryError):
    """A request that is not one; the message says what is wrong with it."""

    exit_status = 76


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the rows of a selection, the faults of the whole journal, what is pending, what was downloaded."""

    selection: Selection
    verify: bool = False
    pending: bool = False
    downloads: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: rows of the journal, or the faults that a check found."""

    rows: tuple[ListingRow, ...] = ()
    faults: tuple[str, ...] = ()


class ControlServer:
    """The socket while it is served."""

    def __init__(self, journal: Journal, path: Path) -> None:
        self._journal = journal
        self._path = path
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Bind and serve. Raises: ControlFailed - the socket cannot be made."""
        try:
            bound = _bound(self._path)
        except OSError as exc:
            raise ControlFailed(f"The control socket {self._path} cannot be made: {exc.strerror}.") from exc
        self._server = await asyncio.start_unix_server(self._accept, sock=bound, limit=_REQUEST_LONGEST)

    async def close(self) -> None:
        """Stop serving, end what is under way and take the socket away; may be called more than once."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= _CONNECTIONS_MOST:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve_one(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_TIMEOUT_S):
                line = await reader.readline()
            await self._answer(line, writer)
        except (OSError, ValueError, TimeoutError):
            # The one who asked went away, sent no end of the line, or does not take the answer: nobody is to be told.
            return
        finally:
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            for message in self._messages(parse_question(line)):
                if message is None:
                    await _give_way()
                    continue
                writer.write(_encoded(message))
                async with asyncio.timeout(_WRITE_TIMEOUT_S):
                    await writer.drain()
            closing: dict[str, Any] = {"end": True}
        except TillberryError as exc:
            closing = {"error": str(exc), "exit_status": exc.exit_status}
        writer.write(_encoded(closing))
        async with asyncio.timeout(_WRITE_TIMEOUT_S):
            await writer.drain()

    def _messages(self, question: Question) -> Iterator[dict[str, Any] | None]:
        """The lines of the answer; None where others may have their turn."""
        if question.verify:
            for fault in self._journal.verify_stepwise():
                yield None if fault is None else {"fault": fault}
            return
        for row in self._rows(question):
            yield {"row": row}
            yield None

    def _rows(self, question: Question) -> Iterable[Mapping[str, Cell]]:
        if question.downloads:
            return told(self._journal.downloads)
        return pending(self._journal) if question.pending else listing(self._journal, question.selection)


async def serve(journal: Journal, path: Path) -> ControlServer:
    """Serve the questions of other programs at `path`, readable by this account only.

    A socket that a killed terminal left there is replaced: who holds the journal's lock owns the path.
    Raises: ControlFailed.
    """
    server = ControlServer(journal, path)
    await server.start()
    return server


def serving(path: Path) -> bool:
    """Whether a terminal serves `path`."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWER_TIMEOUT_S)
            _connect(connection, path)
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    except OSError as exc:
        raise ControlFailed(f"Whether a terminal runs at {path} cannot be told ({exc}).") from exc
    return True


def ask(path: Path, question: Question) -> Answer | None:
    """Ask the terminal that serves `path`; None where none runs. Takes at most some seconds between two rows.

    Raises: ControlFailed - it does not answer; or the error that it answers with.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWER_TIMEOUT_S)
            _connect(connection, path)
            connection.sendall(_encoded(_question_fields(question)))
            return _received(connection)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (OSError, ValueError) as exc:
        raise ControlFailed(f"The terminal that runs does not answer at {path} ({exc}).") from exc


def parse_question(line: bytes) -> Question:
    """Make a question of one line of JSON. Raises: RequestRefused."""
    try:
        return _parsed_question(json.loads(line))
    except (ValueError, RecursionError) as exc:
        raise RequestRefused(f"The request is not understood: {exc}.") from exc


def _parsed_question(fields: object) -> Question:
    if not isinstance(fields, dict) or fields.keys() - {"ask", "day", "batch", "last"}:
        raise ValueError("unknown fields")
    asked = fields.get("ask")
    if asked not in ("journal", "verify", "pending", "downloads"):
        raise ValueError("ask must be journal, verify, pending or downloads")
    day, batch, last = fields.get("day"), fields.get("batch"), fields.get("last")
    selection = Selection(_parsed_day(day), _parsed_batch(batch), _parsed_last(last))
    return Question(selection, asked == "verify", asked == "pending", asked == "downloads")


def _parsed_day(value: object) -> date | Literal["current"] | None:
    if value is None or value == CURRENT:
        return CURRENT if value else None
    if not isinstance(value, str):
        raise ValueError("day must be a date")
    return date.fromisoformat(value)


def _parsed_batch(value: object) -> int | Literal["current"] | None:
    if value is None or value == CURRENT:
        return CURRENT if value else None
    if type(value) is not int or not 1 <= value <= 999_999:
        raise ValueError("batch must be 1 to 999999")
    return value


def _parsed_last(value: object) -> int | None:
    if value is not None and (type(value) is not int or not 1 <= value <= _LAST_MOST):
        raise ValueError(f"last must be 1 to {_LAST_MOST}")
    return value


def _question_fields(question: Question) -> dict[str, Any]:
    selection = question.selection
    day = selection.day.isoformat() if isinstance(selection.day, date) else selection.day
    kinds = (("pending", question.pending), ("verify", question.verify), ("downloads", question.downloads))
    asked = next((name for name, meant in kinds if meant), "journal")
    return {"ask": asked, "day": day, "batch": selection.batch, "last": selection.last}


def _received(connection: socket.socket) -> Answer:
    """Read the lines of an answer to its end. Raises: OSError, ValueError, and ControlFailed with what it tells."""
    rows: list[ListingRow] = []
    faults: list[str] = []
    with connection.makefile("rb") as lines:
        while True:
            line = lines.readline(_ANSWER_LINE_LONGEST)
            if not line.endswith(b"\n"):
                raise ValueError("the answer has no end")
            match json.loads(line):
                case {"row": dict(row)}:
                    rows.append(row)
                case {"fault": str(fault)}:
                    faults.append(fault)
                case {"error": str(sentence), "exit_status": int(status)}:
                    raise _error_of(sentence, status)
                case {"end": True}:
                    return Answer(tuple(rows), tuple(faults))
                case _:
                    raise ValueError("the answer is not understood")


def _error_of(sentence: str, status: int) -> ControlFailed:
    """The error that the terminal met, with its own words and exit status."""
    error = ControlFailed(sentence)
    error.exit_status = status
    return error


def _encoded(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _bound(path: Path) -> socket.socket:
    """Bind a fresh socket at `path`, from its first moment closed to other accounts."""
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        bound.bind(_short_name(directory, path))
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(mask)
        os.close(directory)
    return bound


def _connect(connection: socket.socket, path: Path) -> None:
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        connection.connect(_short_name(directory, path))
    finally:
        os.close(directory)


def _short_name(directory: int, path: Path) -> str:
    """A name of the socket that fits the 107 bytes of sun_path (unix(7)), however long the path of the directory is."""
    return f"/proc/self/fd/{directory}/{path.name}"


async def _give_way() -> None:
    """Let everything else that is ready on the loop have its turn."""
    turn = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turn.set_result, None)
    await turn
