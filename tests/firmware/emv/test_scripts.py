"""Issuer scripts run as they came, stop where they must, and tell the issuer how far they got."""

from __future__ import annotations

import asyncio

import pytest

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.scripts import SCRIPT_BYTES_MAX, Stage, run_scripts
from firmware.emv.tlv import encode
from firmware.hal.errors import CardRemoved
from tests.firmware.emv.scripted import session

BLOCK = bytes.fromhex("841E000008") + bytes(8)
UNBLOCK = bytes.fromhex("8418000008") + bytes(8)
READ = bytes.fromhex("00B2010C00")
HEADER = bytes.fromhex("84160000")
WITH_LE = bytes.fromhex("84CA9F790400112233") + b"\x00"
IDENTIFIER = encode(0x9F18, bytes.fromhex("01020304"))


def script(*commands: bytes, template: int = 0x71, identifier: bytes = b"") -> bytes:
    return encode(template, identifier + b"".join(encode(0x86, command) for command in commands))


def exchange(*pairs: tuple[bytes, str]) -> str:
    return "\n".join(f"> {command.hex()}\n< {status}" for command, status in pairs)


@pytest.mark.rule(26)
@pytest.mark.parametrize("command", [BLOCK, READ, HEADER, WITH_LE], ids=["case 3", "case 2", "case 1", "case 4"])
def test_run_scripts_command_is_sent_verbatim(command: bytes) -> None:
    s, card = session(exchange((command, "9000")))

    asyncio.run(run_scripts(s, script(command, identifier=IDENTIFIER), Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "2001020304"
    assert (s.tvr, s.tsi) == (Tvr(0), Tsi.SCRIPT_PERFORMED)
    assert s.store.get(0x9F5B) == s.script_results


@pytest.mark.rule(28)
@pytest.mark.parametrize(
    ("command", "again"), [(READ, READ[:-1] + b"\x03"), (WITH_LE, WITH_LE[:-1] + b"\x03"), (BLOCK, BLOCK + b"\x03")]
)
def test_run_scripts_command_answered_6c_is_repeated_with_the_right_length(command: bytes, again: bytes) -> None:
    s, card = session(exchange((command, "6C03"), (again, "010203 9000")))

    asyncio.run(run_scripts(s, script(command), Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "2000000000"


@pytest.mark.rule(26)
@pytest.mark.parametrize("status", ["9001", "6200", "6283", "6300", "63C2"])
def test_run_scripts_warning_carries_on(status: str) -> None:
    s, card = session(exchange((BLOCK, status), (UNBLOCK, "9000")))

    asyncio.run(run_scripts(s, script(BLOCK, UNBLOCK), Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "2000000000"


@pytest.mark.rule(26)
def test_run_scripts_error_stops_that_script_and_not_the_next() -> None:
    s, card = session(exchange((BLOCK, "9000"), (UNBLOCK, "6985"), (READ, "9000")))
    scripts = script(BLOCK, UNBLOCK, BLOCK, identifier=IDENTIFIER) + script(READ)

    asyncio.run(run_scripts(s, scripts, Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "1201020304" + "2000000000"
    assert s.tvr == Tvr.SCRIPT_FAILED_BEFORE_FINAL_AC


@pytest.mark.rule(26)
def test_run_scripts_only_those_of_the_stage_run() -> None:
    s, card = session(exchange((UNBLOCK, "6A80")))
    scripts = script(BLOCK) + b"\x00\x00" + script(UNBLOCK, template=0x72)

    asyncio.run(run_scripts(s, scripts, Stage.AFTER_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "1100000000"
    assert s.tvr == Tvr.SCRIPT_FAILED_AFTER_FINAL_AC


@pytest.mark.rule(26)
@pytest.mark.parametrize(("failing", "nibble"), [(14, "e"), (15, "f"), (16, "f"), (20, "f")])
def test_run_scripts_failing_command_beyond_fourteen_is_told_as_f(failing: int, nibble: str) -> None:
    s, card = session(exchange(*[(READ, "9000")] * (failing - 1), (READ, "6A83")))

    asyncio.run(run_scripts(s, script(*[READ] * 25), Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == f"1{nibble}00000000"


@pytest.mark.rule(26)
@pytest.mark.parametrize(
    "malformed",
    [
        "71",  # no length
        "7180",  # a length of no definite form
        "7105 86 05 00B2",  # past the end
        "718205",  # a length that is cut off
        "7104 86 05 00B2",  # a command past the end of its script
        "7105 86 03 00B201",  # a command too short
        "7108 86 06 84160000 02 11",  # a command whose data is cut off
        "7108 86 06 84160000 00 11",  # a command with no length before its data
        "710C 9F18 03 010203 86 04 84160000",  # an identifier of three bytes
    ],
)
def test_run_scripts_malformed_script_is_not_performed(malformed: str) -> None:
    s, _ = session()

    asyncio.run(run_scripts(s, bytes.fromhex(malformed), Stage.BEFORE_FINAL_AC))

    assert s.commands.count == 0
    assert s.script_results.hex() == "0000000000"
    assert s.tvr == Tvr.SCRIPT_FAILED_BEFORE_FINAL_AC


@pytest.mark.rule(26)
def test_run_scripts_malformed_script_does_not_stop_the_next() -> None:
    s, card = session(exchange((READ, "9000")))
    malformed = encode(0x71, bytes.fromhex("8605 00B2"))

    asyncio.run(run_scripts(s, malformed + script(READ), Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "0000000000" + "2000000000"


def test_run_scripts_malformed_command_keeps_the_identifier_for_the_issuer() -> None:
    s, _ = session()

    asyncio.run(run_scripts(s, script(b"\x84", identifier=IDENTIFIER), Stage.BEFORE_FINAL_AC))

    assert s.script_results.hex() == "0001020304"


@pytest.mark.parametrize("nothing", ["", "0000", "9A03260314", "FF", "72"])
def test_run_scripts_without_a_script_of_the_stage_changes_nothing(nothing: str) -> None:
    s, _ = session()

    asyncio.run(run_scripts(s, bytes.fromhex(nothing), Stage.BEFORE_FINAL_AC))

    assert (s.tvr, s.tsi, s.script_results) == (Tvr(0), Tsi(0), b"")
    assert s.store.get(0x9F5B) is None


def test_run_scripts_long_script_is_read_whole() -> None:
    command = bytes.fromhex("84DA9F5AFF") + bytes(255)
    s, card = session(exchange((command, "9000"), (command, "9000")))

    asyncio.run(run_scripts(s, script(command, command), Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "2000000000"


@pytest.mark.rule(26)
def test_run_scripts_runs_every_script_of_many_short_ones() -> None:
    s, card = session(exchange(*[(READ, "9000")] * 40))

    asyncio.run(run_scripts(s, script(READ) * 40, Stage.BEFORE_FINAL_AC))

    card.check_finished()
    assert s.script_results.hex() == "2000000000" * 40
    assert s.tvr == Tvr(0)


@pytest.mark.rule(26)
@pytest.mark.parametrize("stage", list(Stage))
def test_run_scripts_beyond_all_bounds_are_not_performed_and_told_so(stage: Stage) -> None:
    other = Stage.AFTER_FINAL_AC if stage is Stage.BEFORE_FINAL_AC else Stage.BEFORE_FINAL_AC
    first = script(READ, template=stage)
    room = SCRIPT_BYTES_MAX - len(first)
    filling = bytes(room - 8) + encode(other, bytes(6))
    last = script(READ, template=stage, identifier=IDENTIFIER)
    s, card = session(exchange((READ, "9000")))

    asyncio.run(run_scripts(s, filling + first + last + first + filling, stage))

    card.check_finished()
    assert s.script_results.hex() == "2000000000" + "0001020304"
    assert s.tvr == Tvr(0x20 if stage is Stage.BEFORE_FINAL_AC else 0x10)
    assert s.store.get(0x9F5B) == s.script_results


@pytest.mark.rule(26)
@pytest.mark.parametrize(("more", "results"), [(0, "2000000000"), (1, "0000000000")])
def test_run_scripts_bound_is_on_all_bytes(more: int, results: str) -> None:
    s, _ = session(exchange((READ, "9000")))
    before = bytes(SCRIPT_BYTES_MAX + more - len(script(READ)))

    asyncio.run(run_scripts(s, before + script(READ), Stage.BEFORE_FINAL_AC))

    assert s.script_results.hex() == results


@pytest.mark.rule(26)
def test_run_scripts_card_removed_is_noted_and_raised() -> None:
    s, _ = session(f"> {READ.hex()}\n< 9000\n> {BLOCK.hex()}\n! removed")

    with pytest.raises(CardRemoved):
        asyncio.run(run_scripts(s, script(READ, BLOCK, template=0x72), Stage.AFTER_FINAL_AC))

    assert s.script_results.hex() == "1200000000"
    assert s.tvr == Tvr.SCRIPT_FAILED_AFTER_FINAL_AC
