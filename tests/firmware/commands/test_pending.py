"""`tillberry pending`: nothing is 0, something is 1, the same with and without a running terminal."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

import pytest

from firmware import control
from firmware.commands import pending as command
from firmware.journal import BatchState, Journal, Kind, Phase
from tests.firmware.journal.site import file_site, sold, yuan
from tests.firmware.journal.test_host_books import asked

TABLE = """\
what        batch   stan    since                kind       amount    tries
reversal    000001  000001  2026-03-14 09:26:55  cash_sale  CNY 9.00  1
unresolved  000001  000002  2026-03-14 09:26:59  cash_sale  CNY 8.00
notice      000001  000003  2026-03-14 09:27:06  late_word  CNY 7.00  0
settlement  000001                               closing              0
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    journal = file_site(tmp_path).open()
    owed = journal.host.reverse(asked(journal, minor=900), "98")
    journal.host.reversal_tried(owed, "")
    lost = journal.host.reverse(asked(journal, minor=800), "98")
    journal.advance(lost, Phase.UNRESOLVED)
    told = sold(journal, 700)
    journal.notices.queue(told.id, "late_word", b"")
    journal.advance(journal.open_record(Kind.CASH_SALE, yuan(600)), Phase.COMPLETED)
    journal.batches.advance(BatchState.CLOSING)
    journal.close()
    return tmp_path


def open_journal(state: Path) -> Journal:
    return file_site(state).open_to_read()


def printed(capsys: pytest.CaptureFixture[str], state: Path, *words: str, status: int = 1) -> str:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["pending", "--state", str(state), *words])
    assert command.run(args, open_journal) == status
    return capsys.readouterr().out


def test_everything_that_is_pending_is_listed(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    assert printed(capsys, state) == TABLE


def test_nothing_pending_is_said_and_the_status_is_zero(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    journal = file_site(tmp_path).open()
    sold(journal)
    journal.close()
    assert printed(capsys, tmp_path, status=0) == "Nothing is pending.\n"
    assert json.loads(printed(capsys, tmp_path, "--json", status=0)) == []


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_output_is_the_same_with_and_without_a_running_terminal(
    capsys: pytest.CaptureFixture[str], state: Path, words: list[str]
) -> None:
    alone = printed(capsys, state, *words)

    async def heard() -> str:
        journal = file_site(state).open()
        async with await control.serve(journal, state / control.SOCKET_NAME):
            output = await asyncio.to_thread(printed, capsys, state, *words)
        journal.close()
        return output

    assert asyncio.run(heard()) == alone
    if words:
        assert {row["what"] for row in json.loads(alone)} == {"reversal", "unresolved", "notice", "settlement"}
