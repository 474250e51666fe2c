"""`tillberry journal`: what it prints for people, spreadsheets and programs, with and without a running terminal."""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from firmware import control
from firmware.commands import journal as command
from firmware.journal import Journal, JournalBusy, JournalMissing, Kind, Phase
from firmware.journal.listing import COLUMNS, as_row
from firmware.journal.records import AnswerFacts, CardFacts, CardSecrets
from firmware.units import Pan
from tests.firmware.journal.site import file_site, sold, yuan

TABLE = """\
batch   stan    time                 kind       phase            amount      tendered      change  card  note
000001  000001  2026-03-14 09:26:55  cash_sale  done          CNY 12.00
000001  000002  2026-03-14 09:26:58  cash_sale  completed  CNY 1,234.00  CNY 2,000.00  CNY 766.00        \
voided by 000003
000001  000003  2026-03-14 09:27:00  cash_void  opened     CNY 1,234.00                                  void of 000002
3 records
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    journal = file_site(tmp_path).open()
    sold(journal)
    sale = journal.open_record(Kind.CASH_SALE, yuan(123_400), tendered=yuan(200_000))
    sale = journal.advance(sale, Phase.COMPLETED)
    journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    journal.close()
    return tmp_path


def open_journal(state: Path) -> Journal:
    return file_site(state).open_to_read()


def parsed(state: Path, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return parser.parse_args(["journal", "--state", str(state), *words])


def printed(capsys: pytest.CaptureFixture[str], state: Path, *words: str, status: int = 0) -> str:
    assert command.run(parsed(state, *words), open_journal) == status
    return capsys.readouterr().out


def test_table_is_aligned(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    assert printed(capsys, state) == TABLE


def test_card_and_what_was_approved_of_it_are_told(tmp_path: Path) -> None:
    journal = file_site(tmp_path).open()
    facts = CardFacts("622848******0018", "I", "online_pin", needs_signature=False, aid="A000000333010101")
    card = (facts, CardSecrets(Pan("6228480402564890018"), b""))
    sale = journal.open_record(Kind.SALE, yuan(5_010), card=card)
    sale = replace(sale, answer=AnswerFacts("10", rrn="261123000004", authorisation="000004", approved_minor=2_505))
    refund = replace(journal.open_record(Kind.REFUND, yuan(5), card=card), original_id=sale.id)
    journal.close()
    row = as_row(sale)
    assert (row["card"], row["entry"], row["aid"]) == ("622848******0018", "I", "A000000333010101")
    assert (row["response"], row["rrn"], row["authorisation"]) == ("10", "261123000004", "000004")
    assert (row["amount_minor"], row["approved_minor"]) == (5_010, 2_505)
    table = command.as_table([row, as_row(refund, str(sale.stan))]).splitlines()
    assert table[1].endswith("CNY 50.10                    622848******0018 I  CNY 25.05 approved")
    assert table[2].endswith("  of 000001")


@pytest.mark.parametrize("words", [[], ["--json"], ["--csv"], ["--last", "1"], ["--verify"], ["--verify", "--json"]])
def test_output_is_the_same_with_and_without_a_running_terminal(
    capsys: pytest.CaptureFixture[str], state: Path, words: list[str]
) -> None:
    alone = printed(capsys, state, *words)

    async def asked() -> str:
        journal = file_site(state).open()
        async with await control.serve(journal, state / control.SOCKET_NAME):
            output = await asyncio.to_thread(printed, capsys, state, *words)
        journal.close()
        return output

    assert asyncio.run(asked()) == alone


def test_terminal_that_took_the_files_meanwhile_is_asked(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    async def asked() -> None:
        journal = file_site(state).open()
        loop = asyncio.get_running_loop()
        server = control.ControlServer(journal, state / control.SOCKET_NAME)

        def taken(_state: Path) -> Journal:
            asyncio.run_coroutine_threadsafe(server.start(), loop).result(5)
            raise JournalBusy("a terminal has just started")

        assert await asyncio.to_thread(command.run, parsed(state), taken) == 0
        await server.close()
        journal.close()

    asyncio.run(asked())
    assert capsys.readouterr().out == TABLE


def test_files_held_by_nobody_who_answers_are_told(state: Path) -> None:
    with closing(file_site(state).open()), pytest.raises(JournalBusy):
        command.run(parsed(state), open_journal)


def test_json_holds_minor_units_and_iso_times(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    rows = json.loads(printed(capsys, state, "--json"))
    assert [list(row) for row in rows] == [list(COLUMNS)] * 3
    assert rows[1] == {
        "id": 2,
        "terminal": "10000001",
        "batch": 1,
        "stan": "000002",
        "kind": "cash_sale",
        "phase": "completed",
        "currency": "CNY",
        "exponent": 2,
        "amount_minor": 123_400,
        "tendered_minor": 200_000,
        "change_minor": 76_600,
        "original_id": None,
        "voided_by": 3,
        "original_stan": None,
        "voided_by_stan": "000003",
        "opened_at": "2026-03-14T09:26:58.000+08:00",
        "completed_at": "2026-03-14T09:26:59.000+08:00",
        "approved_minor": 123_400,
        "response": None,
        "card": None,
        "entry": None,
        "aid": None,
        "rrn": None,
        "authorisation": None,
    }


def test_csv_has_a_header_and_empty_cells(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, state, "--csv"))))
    assert list(rows[0]) == list(COLUMNS)
    assert (rows[0]["stan"], rows[0]["tendered_minor"], rows[1]["change_minor"]) == ("000001", "", "76600")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["--last", "2"], [2, 3]),
        (["--day", "2026-03-14"], [1, 2, 3]),
        (["--day", "2026-03-13"], []),
        (["--day"], [1, 2, 3]),
        (["--batch"], [1, 2, 3]),
        (["--batch", "1", "--last", "1"], [3]),
        (["--batch", "2"], []),
    ],
)
def test_selection_chooses(capsys: pytest.CaptureFixture[str], state: Path, words: list[str], ids: list[int]) -> None:
    assert [row["id"] for row in json.loads(printed(capsys, state, "--json", *words))] == ids


def test_selection_of_nothing_says_so(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    assert printed(capsys, state, "--batch", "7") == "No records.\n"


def test_selection_of_one_counts_one_and_names_the_other(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    lines = printed(capsys, state, "--last", "1").splitlines()
    assert lines[1].endswith("void of 000002")
    assert lines[2] == "1 record"


def test_amount_without_minor_units_has_no_point() -> None:
    row = dict.fromkeys(COLUMNS, None) | {
        "batch": 1,
        "stan": "000001",
        "currency": "JPY",
        "exponent": 0,
        "amount_minor": 1250,
        "opened_at": "2026-03-14T09:26:55.000+08:00",
    }
    assert "  JPY 1,250\n" in command.as_table([row])


def test_verify_of_a_whole_journal_says_so(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    assert printed(capsys, state, "--verify") == "The journal is whole.\n"
    assert printed(capsys, state, "--verify", "--json") == "[]\n"


def test_verify_of_a_journal_that_is_not_names_the_fault(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    journal = file_site(state).open()
    journal._database.rows("UPDATE counters SET stans_used = 2")
    journal.close()
    fault = "the counter of trace numbers stands at 2, below the 3 that were given out"
    assert printed(capsys, state, "--verify", status=65) == f"{fault}\n"
    assert json.loads(printed(capsys, state, "--verify", "--json", status=65)) == [fault]


def test_journal_that_cannot_be_opened_is_told(state: Path) -> None:
    (state / "journal.db").unlink()
    with pytest.raises(JournalMissing):
        command.run(parsed(state), open_journal)


@pytest.mark.parametrize(
    "words", [["--last", "0"], ["--last", "x"], ["--day", "soon"], ["--batch", "1000000"], ["--json", "--csv"]]
)
def test_nonsense_on_the_command_line_is_refused(
    capsys: pytest.CaptureFixture[str], state: Path, words: list[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        parsed(state, *words)
    assert raised.value.code == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--last", "1"], ["--day"], ["--batch", "1"]])
def test_verify_with_a_choice_of_records_is_refused(state: Path, words: list[str]) -> None:
    with pytest.raises(command.VerifiesAll) as refused:
        command.run(parsed(state, "--verify", *words), open_journal)
    assert refused.value.exit_status == 2


@pytest.mark.parametrize("words", [["--last", "many"], ["--last", "0"], ["--batch", "1000000"], ["--day", "monday"]])
def test_a_choice_that_cannot_be_read_is_told_in_plain_words(
    capsys: pytest.CaptureFixture[str], state: Path, words: list[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed(state, *words)
    told = capsys.readouterr().err
    assert "must be a" in told
    assert words[1] in told
