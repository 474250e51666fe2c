"""`tillberry decode`: a table on the standard output, or a sentence on the standard error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.__main__ import main
from tests.firmware.host.questions import ACQUIRERS, DIALECTS, PAN, PARAMS, QUESTIONS, mac

SALE = DIALECTS["cup"].build(QUESTIONS["sale"], mac)
ANSWER = ACQUIRERS["cup"].answer(SALE)
PLAIN = DIALECTS["plain87"].build(QUESTIONS["sale"], mac)


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["decode", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_digits_become_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, SALE.hex())
    assert (status, err) == (0, "")
    assert out.startswith("0200 消费 · sale, 请求 · question\n")
    assert "622424******0113" in out
    assert PAN not in out


def test_a_length_prefix_is_taken_off(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, (len(SALE).to_bytes(2, "big") + SALE).hex(" "))
    assert status == 0
    assert "6000030000" in out


def test_a_file_with_several_messages_becomes_several_tables(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "messages.txt"
    file.write_text(f"# the sale\n{SALE.hex()}\n\n# its answer\n{ANSWER.hex()}\n", encoding="utf-8")
    status, out, _ = _run(capsys, str(file))
    assert status == 0
    assert [line for line in out.splitlines() if not line.startswith(" ") and line] == [
        "0200 消费 · sale, 请求 · question",
        "0210 消费 · sale, 应答 · answer",
    ]


def test_a_binary_file_is_read_as_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "stream.bin"
    file.write_bytes(b"".join(len(each).to_bytes(2, "big") + each for each in (SALE, ANSWER)))
    status, out, _ = _run(capsys, str(file))
    assert status == 0
    assert out.count("TPDU") == 2
    file.write_bytes(len(PLAIN).to_bytes(2, "big") + PLAIN)
    assert _run(capsys, str(file), "--profile", "plain87")[0] == 0


def test_another_acquirer_is_named_or_given_as_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    by_name = _run(capsys, PLAIN.hex(), "--profile", "plain87")
    by_file = _run(capsys, PLAIN.hex(), "--profile", str(PARAMS / "acquirers" / "plain87.toml"))
    assert by_name == by_file
    assert by_name[0] == 0
    assert "key serial number" in by_name[1]


def test_messages_on_the_standard_input_are_read() -> None:
    command = [sys.executable, "-m", "firmware", "decode", "-"]
    done = subprocess.run(command, input=SALE.hex().encode(), capture_output=True, timeout=30, check=False)
    assert done.returncode == 0
    assert "622424******0113" in done.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["zz"], "neither hexadecimal digits nor a file"),
        ([""], "no message in it"),
        (["6000"], "message 1: shorter than its headers"),
        (["FF" * 60], "message 1: does not begin with a TPDU"),
        ([SALE.hex(), "--profile", "nobody"], "nobody.toml: cannot be read"),
        ([SALE.hex()[:-2]], "message 1: field 64"),
    ],
)
def test_what_cannot_be_decoded_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    status, out, err = _run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert complaint in err
    assert err.startswith("tillberry decode: ")
    assert len(err.splitlines()) == 1


def test_what_can_be_read_of_a_file_is_shown_beside_the_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "messages.txt"
    file.write_text(f"FFFF\n\n{SALE.hex()}\n", encoding="utf-8")
    status, out, err = _run(capsys, str(file))
    assert status == 2
    assert "622424******0113" in out
    assert "message 1" in err
