"""The control socket, asked by the client that ships and by clients that no one would write on purpose."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware import control
from firmware.control import Answer, ControlFailed, Question, RequestRefused, ask, parse_question
from firmware.hal.errors import StorageFailed
from firmware.journal import Journal, Kind
from firmware.journal.listing import CURRENT, Selection, listing
from tests.firmware.journal.site import disk_site, file_site, sold, yuan
from tests.power.storage import Disk

Work = Callable[[Journal, Path], Awaitable[None]]
EVERYTHING = Question(Selection())


def served(directory: Path, work: Work) -> None:
    """Run `work` beside a served journal that holds two sales."""

    async def scene() -> None:
        journal = file_site(directory).open()
        sold(journal)
        journal.open_record(Kind.CASH_SALE, yuan(990), tendered=yuan(1000))
        path = directory / control.SOCKET_NAME
        async with asyncio.timeout(20), await control.serve(journal, path):
            await work(journal, path)
        assert not path.exists()
        journal.close()

    asyncio.run(scene())


async def said(path: Path, request: bytes, *, then_close: bool = False) -> list[dict[str, Any]]:
    """Send `request` as it is, and return the lines of the answer."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(request)
    if then_close:
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    return [json.loads(line) for line in answer.splitlines()]


def test_ask_everything_returns_every_record(tmp_path: Path) -> None:
    async def work(journal: Journal, path: Path) -> None:
        answer = await asyncio.to_thread(ask, path, EVERYTHING)
        assert answer == Answer(rows=tuple(listing(journal, Selection())))
        assert [row["amount_minor"] for row in answer.rows] == [1200, 990]

    served(tmp_path, work)


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (Selection(last=1), [2]),
        (Selection(day=date(2026, 3, 14)), [1, 2]),
        (Selection(day=date(2020, 1, 1)), []),
        (Selection(day=CURRENT, batch=CURRENT), [1, 2]),
        (Selection(batch=1, last=9), [1, 2]),
        (Selection(batch=2), []),
    ],
)
def test_ask_a_selection_returns_its_records(tmp_path: Path, selection: Selection, ids: list[int]) -> None:
    async def work(_journal: Journal, path: Path) -> None:
        answer = await asyncio.to_thread(ask, path, Question(selection))
        assert answer is not None
        assert [row["id"] for row in answer.rows] == ids

    served(tmp_path, work)


def test_ask_to_verify_returns_the_faults(tmp_path: Path) -> None:
    async def work(journal: Journal, path: Path) -> None:
        assert await asyncio.to_thread(ask, path, Question(Selection(), verify=True)) == Answer()
        journal._database.rows("UPDATE counters SET stans_used = 1")
        answer = await asyncio.to_thread(ask, path, Question(Selection(), verify=True))
        assert answer == Answer(faults=("the counter of trace numbers stands at 1, below the 2 that were given out",))

    served(tmp_path, work)


def test_ask_where_nobody_serves_is_none(tmp_path: Path) -> None:
    assert ask(tmp_path / "control.sock", EVERYTHING) is None
    assert ask(tmp_path / "nowhere" / "control.sock", EVERYTHING) is None


def test_socket_of_a_killed_terminal_is_nobody_and_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / control.SOCKET_NAME
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    assert ask(path, EVERYTHING) is None

    async def work(_journal: Journal, path: Path) -> None:
        assert await asyncio.to_thread(ask, path, EVERYTHING) is not None

    served(tmp_path, work)


def test_socket_is_private(tmp_path: Path) -> None:
    async def work(_journal: Journal, path: Path) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600  # noqa: ASYNC240 - it takes a moment

    served(tmp_path, work)


def test_socket_in_a_deep_directory_works(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-name-of-a-directory"] * 5)
    deep.mkdir(parents=True)

    async def work(_journal: Journal, path: Path) -> None:
        assert len(str(path)) > 108
        assert await asyncio.to_thread(ask, path, EVERYTHING) is not None

    served(deep, work)


def test_serve_where_no_socket_can_be_made_is_told(tmp_path: Path) -> None:
    journal = disk_site(Disk()).open()
    (tmp_path / "control.sock").mkdir()
    for path in (tmp_path / "nowhere" / "control.sock", tmp_path / "control.sock"):
        with pytest.raises(ControlFailed, match=r"control\.sock"):
            asyncio.run(control.serve(journal, path))
    journal.close()


@pytest.mark.parametrize(
    "request_line",
    [
        b"\n",
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b'{"ask": "money"}\n',
        b'{"ask": "journal", "drop": 1}\n',
        b'{"ask": "journal", "day": 5}\n',
        b'{"ask": "journal", "day": "yesterday"}\n',
        b'{"ask": "journal", "batch": true}\n',
        b'{"ask": "journal", "last": 0}\n',
        b"\xff\xfe\n",
        b"[" * 900 + b"\n",
    ],
)
def test_request_that_is_none_is_refused_and_the_next_one_served(tmp_path: Path, request_line: bytes) -> None:
    async def work(_journal: Journal, path: Path) -> None:
        (line,) = await said(path, request_line)
        assert line["exit_status"] == 76
        assert "not understood" in line["error"]
        assert await asyncio.to_thread(ask, path, EVERYTHING) is not None

    served(tmp_path, work)


def test_request_too_long_is_dropped_and_the_next_one_served(tmp_path: Path) -> None:
    async def work(_journal: Journal, path: Path) -> None:
        with pytest.raises((ConnectionError, json.JSONDecodeError, AssertionError)):
            assert await said(path, b"x" * 5000 + b"\n")
        assert await asyncio.to_thread(ask, path, EVERYTHING) is not None

    served(tmp_path, work)


def test_client_that_leaves_or_is_silent_does_not_block_others(tmp_path: Path) -> None:
    async def work(_journal: Journal, path: Path) -> None:
        assert "error" in (await said(path, b"", then_close=True))[0]
        _reader, silent = await asyncio.open_unix_connection(path)
        assert await asyncio.to_thread(ask, path, EVERYTHING) is not None
        silent.close()

    served(tmp_path, work)


def test_clients_beyond_the_most_are_turned_away(tmp_path: Path) -> None:
    async def work(_journal: Journal, path: Path) -> None:
        waiting = [await asyncio.open_unix_connection(path) for _ in range(4)]
        reader, writer = await asyncio.open_unix_connection(path)
        assert await reader.read() == b""
        for _reader, other in [*waiting, (reader, writer)]:
            other.close()

    served(tmp_path, work)


def test_storage_that_fails_while_asked_is_told_with_its_status(tmp_path: Path) -> None:
    async def scene() -> None:
        disk = Disk()
        journal = disk_site(disk).open()
        sold(journal)
        path = tmp_path / control.SOCKET_NAME
        async with await control.serve(journal, path):
            journal._database.close()
            disk.on_read = broken
            with pytest.raises(ControlFailed, match="storage failed") as raised:
                await asyncio.to_thread(ask, path, EVERYTHING)
            assert raised.value.exit_status == StorageFailed.exit_status
            disk.on_read = lambda _name: None
        journal.close()

    asyncio.run(scene())


def broken(_name: str) -> None:
    raise StorageFailed("the storage failed")


@pytest.mark.parametrize("answer", [b"", b"{}\n", b"hello\n", b'{"row": 5}\n', b'{"row": {}}\n', b"[" * 70_000])
def test_answer_that_is_none_is_told(tmp_path: Path, answer: bytes) -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    async def scene() -> None:
        path = tmp_path / control.SOCKET_NAME
        server = await asyncio.start_unix_server(reply, path)
        with pytest.raises(ControlFailed, match="does not answer"):
            await asyncio.to_thread(ask, path, EVERYTHING)
        server.close()

    asyncio.run(scene())


@given(st.binary(max_size=1024))
def test_parse_question_of_any_bytes_is_a_question_or_refused(line: bytes) -> None:
    with suppress(RequestRefused):
        assert isinstance(parse_question(line), Question)


days = st.none() | st.just(CURRENT) | st.dates().map(date.isoformat)
batches = st.none() | st.just(CURRENT) | st.integers(1, 999_999)


@given(asked=st.sampled_from(["journal", "verify"]), day=days, batch=batches, last=st.none() | st.integers(1, 10**6))
def test_parse_question_returns_what_was_asked(asked: str, day: str | None, batch: str | int, last: int | None) -> None:
    question = parse_question(json.dumps({"ask": asked, "day": day, "batch": batch, "last": last}).encode())
    assert question.verify is (asked == "verify")
    asked_day = question.selection.day
    assert (asked_day.isoformat() if isinstance(asked_day, date) else asked_day) == day
    assert (question.selection.batch, question.selection.last) == (batch, last)
