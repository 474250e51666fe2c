"""Issuer scripts: commands that the issuer sends to its card through the terminal, which does not understand them.

Owned here: what makes a script well-formed, when it stops, and the five bytes that tell the issuer how far it came
(Book 3 §10.10 and Annex E; Book 4 Annex A5). A script of template 71 runs before the second GENERATE AC, one of 72
after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.commands import is_command
from firmware.emv.errors import CardDataError
from firmware.emv.session import Session
from firmware.emv.tlv import parse
from firmware.hal.errors import CardError

SCRIPT_BYTES_MAX: Final = 1_024
"""What an issuer may send in all, templates of both stages. A terminal must take 128 bytes (Book 3 §10.10), and some
issuers send more; beyond eight times as many is no script but an attempt to keep card and terminal busy."""
_CARRY_ON: Final = frozenset({0x90, 0x62, 0x63})
"""SW1 of success and of warnings. Source: Book 3 §10.10."""


class Stage(IntEnum):
    """When a script runs, by its template."""

    BEFORE_FINAL_AC = 0x71
    AFTER_FINAL_AC = 0x72


_FAILED: Final = {
    Stage.BEFORE_FINAL_AC: Tvr.SCRIPT_FAILED_BEFORE_FINAL_AC,
    Stage.AFTER_FINAL_AC: Tvr.SCRIPT_FAILED_AFTER_FINAL_AC,
}


class _Result(IntEnum):
    """The left nibble of a script's result. Source: Book 4 Annex A5."""

    NOT_PERFORMED = 0x00
    FAILED = 0x10
    SUCCESSFUL = 0x20


@dataclass(frozen=True, slots=True)
class _Script:
    """One script: 9F18 (zeros where absent) and its commands; None where it is malformed or one too many."""

    identifier: bytes
    commands: tuple[bytes, ...] | None


async def run_scripts(s: Session, scripts: bytes, stage: Stage) -> None:
    """Run the scripts of one stage, each until a command of it fails; the next script runs all the same.

    `scripts` are templates 71 and 72 as the issuer sent them, one after the other.
    Writes `script_results`, 9F5B, TSI `SCRIPT_PERFORMED`, TVR `SCRIPT_FAILED_BEFORE_FINAL_AC` or
    `SCRIPT_FAILED_AFTER_FINAL_AC`. Raises: CardError of the transport, with the script noted as failed.
    Source: Book 3 §10.10.
    """
    for script in _scripts(scripts, stage):
        await _run(s, script, stage)


async def _run(s: Session, script: _Script, stage: Stage) -> None:
    s.tsi |= Tsi.SCRIPT_PERFORMED
    if script.commands is None:
        _note(s, script, stage, _Result.NOT_PERFORMED)
        return
    for number, command in enumerate(script.commands, start=1):
        try:
            response = await s.commands.send_as_given("issuer script command", command)
        except CardError:
            _note(s, script, stage, _Result.FAILED, number)
            raise
        if response.status >> 8 not in _CARRY_ON:
            _note(s, script, stage, _Result.FAILED, number)
            return
    _note(s, script, stage, _Result.SUCCESSFUL)


def _note(s: Session, script: _Script, stage: Stage, result: _Result, number: int = 0) -> None:
    """Add five bytes of result: the nibbles result and failing command (F: the 15th or later), and 9F18."""
    if result is not _Result.SUCCESSFUL:
        s.tvr |= _FAILED[stage]
    s.script_results += bytes([result | min(number, 0x0F)]) + script.identifier
    s.store.set(0x9F5B, s.script_results)


def _scripts(data: bytes, stage: Stage) -> Iterator[_Script]:
    """The scripts of `stage`. What cannot be told apart any more ends the list, as one malformed script.

    So does the first script that ends beyond `SCRIPT_BYTES_MAX`: for it and all after it the issuer is told once that
    they were not performed.
    """
    beyond = len(data) - SCRIPT_BYTES_MAX
    while data := data.lstrip(b"\x00"):
        # Read template by template: what is wrong inside one script must not stop the others.
        template, value, data = _split(data)
        if template != stage:
            continue
        script = _script(value)
        if len(data) < beyond:
            yield _Script(script.identifier, None)
            return
        yield script


def _split(data: bytes) -> tuple[int, bytes | None, bytes]:
    """The first template: its tag, its value (None where it goes past the end), and the data after it."""
    tag, length, start = data[0], data[1] if len(data) > 1 else 0x80, 2
    if length > 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    elif length == 0x80:  # no length at all, or one of a form that EMV does not use
        length = len(data)
    value = data[start : start + length]
    if len(value) < length:
        return tag, None, b""
    return tag, value, data[start + length :]


def _script(value: bytes | None) -> _Script:
    unknown = bytes(4)
    if value is None:
        return _Script(unknown, None)
    try:
        objects = parse(value, "an issuer script")
    except CardDataError:
        return _Script(unknown, None)
    identifier = next((each.value for each in objects if each.tag == 0x9F18), unknown)
    commands = tuple(each.value for each in objects if each.tag == 0x86)
    if len(identifier) != 4:
        return _Script(unknown, None)
    if not all(is_command(command) for command in commands):
        return _Script(identifier, None)
    return _Script(identifier, commands)
