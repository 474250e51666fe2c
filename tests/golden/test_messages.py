"""Every row of both message tables, both ways: the bytes, and the table that `tillberry decode` makes of them."""

from __future__ import annotations

import pytest

from firmware.commands.decode import as_table, tag_name
from firmware.commands.hex_dump import dumped_messages
from firmware.host.decode import decode
from firmware.host.message_table import TABLES, Row
from firmware.host.messages import Question, rows_of
from firmware.host.profile import Family
from firmware.host.values import REVERSIBLE, Ask, Reason
from tests.firmware.host.questions import (
    ACQUIRERS,
    DIALECTS,
    INSERTED,
    MERCHANT,
    ORIGINAL,
    PROFILES,
    QUESTIONS,
    SERIAL,
    TERMINAL,
    mac,
    offered,
    paid,
)
from tests.golden.golden import GOLDEN_FOLDER, check_golden

_HEX_WIDTH = 32


def _text(*frames: bytes, profile: str) -> str:
    """Each frame as hexadecimal digits under its table, so that `tillberry decode` reads the file again."""
    return "\n".join(_section(frame, profile) for frame in frames)


def _section(frame: bytes, profile: str) -> str:
    table = as_table(decode(frame, PROFILES[profile], tag_name))
    remarks = "".join(f"# {line}\n" for line in table.splitlines())
    digits = "".join(f"{frame[at : at + _HEX_WIDTH].hex().upper()}\n" for at in range(0, len(frame), _HEX_WIDTH))
    return remarks + digits


@pytest.mark.parametrize(
    ("profile", "name", "question"),
    [
        pytest.param(profile, name, question, id=f"{profile}-{name}")
        for profile in PROFILES
        for name, question in offered(PROFILES[profile])
    ],
)
def test_question_and_answer_are_as_they_were_looked_at(profile: str, name: str, question: Ask) -> None:
    frame = DIALECTS[profile].build(question, mac)
    answer = ACQUIRERS[profile].answer(frame)
    check_golden(f"messages/{profile}/{name}.txt", _text(frame, answer, profile=profile))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", sorted(REVERSIBLE))
def test_a_reversal_and_its_answer_are_as_they_were_looked_at(profile: str, name: str) -> None:
    kept = DIALECTS[profile].stored(QUESTIONS[name])
    frame = DIALECTS[profile].reversal(kept, Reason.NO_ANSWER, mac, chip=INSERTED.chip, key_serial=SERIAL)
    answer = ACQUIRERS[profile].answer(frame)
    check_golden(f"messages/{profile}/reversal_of_{name}.txt", _text(frame, answer, profile=profile))


NOT_ASKED = [row for row in TABLES[Family.CUP].values() if row.name not in QUESTIONS]
"""What the table knows and no flow of the terminal asks for."""


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in NOT_ASKED])
def test_a_row_that_no_flow_asks_for_is_as_it_was_looked_at(row: Row) -> None:
    text = b"000000000100" if row.text == 48 else b"0306"
    transaction = QUESTIONS["transfer"].transaction
    question = Question(
        paid(transaction, text=text, original=ORIGINAL),
        rows_of(PROFILES["cup"])[row.name],
        PROFILES["cup"],
        TERMINAL,
        MERCHANT,
    )
    dialect = DIALECTS["cup"]
    frame = dialect._framed(dialect._composed(question), mac, authenticated=row.mac)
    check_golden(f"messages/cup/{row.name}.txt", _text(frame, ACQUIRERS["cup"].answer(frame), profile="cup"))


@pytest.mark.parametrize("profile", PROFILES)
def test_each_golden_file_reads_back_as_the_messages_that_it_shows(profile: str) -> None:
    files = sorted((GOLDEN_FOLDER / "messages" / profile).glob("*.txt"))
    assert len(files) > len(REVERSIBLE)
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert _text(*dumped_messages(text), profile=profile) == text, file.name


@pytest.mark.parametrize("family", Family)
def test_each_row_of_the_message_table_has_a_golden_file(family: Family) -> None:
    profile = next(name for name, each in PROFILES.items() if each.family is family)
    kept = {file.stem for file in (GOLDEN_FOLDER / "messages" / profile).glob("*.txt")}
    assert set(TABLES[family]) <= kept
