"""`tillberry downloads`: what the files say, and what a download has put in its place."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

import pytest

from firmware import control
from firmware.commands import downloads as command
from firmware.host import tlv
from firmware.journal import Journal
from tests.firmware.journal.site import file_site

PARAMS = Path(__file__).parents[3] / "board" / "params"
AID = bytes.fromhex("A000000333010101")
ENTRY = tlv.write(0x9F06, AID) + tlv.write(0x9F1B, bytes(4))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    journal = file_site(tmp_path).open()
    journal.downloads.replace("aids", "cup", (ENTRY,), "+A000000333010101")
    journal.downloads.replace("aids", "another", (ENTRY,), "")
    journal.downloads.replace("parameters", "cup", (b"1230",), "+12")
    journal.close()
    return tmp_path


def open_journal(state: Path) -> Journal:
    return file_site(state).open_to_read()


def printed(capsys: pytest.CaptureFixture[str], state: Path, *words: str) -> str:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["downloads", "--state", str(state), *words])
    assert command.run(args, PARAMS, open_journal) == 0
    return capsys.readouterr().out


def test_keys_and_applications_are_listed_with_where_they_come_from(
    capsys: pytest.CaptureFixture[str], state: Path
) -> None:
    lines = printed(capsys, state).splitlines()

    assert lines[0].split() == ["what", "name", "value", "from"]
    (visa,) = [line for line in lines if "A000000003.E1" in line]
    assert visa.startswith("CA key")
    assert "to 2049-12-31, for tests" in visa
    assert visa.endswith("file")
    (debit,) = [line for line in lines if AID.hex().upper() in line]
    assert "floor limit CNY 0.00" in debit
    assert "downloaded 2026-03-14 09:26" in debit


def test_running_terminal_gives_the_same_answer(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    alone = json.loads(printed(capsys, state, "--json"))

    async def scene() -> str:
        journal = file_site(state).open()
        server = await control.serve(journal, state / control.SOCKET_NAME)
        try:
            return await asyncio.to_thread(printed, capsys, state, "--json")
        finally:
            await server.close()
            journal.close()

    assert json.loads(asyncio.run(scene())) == alone
    assert {row["what"] for row in alone} == {"CA key", "application"}
