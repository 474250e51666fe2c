"""A transaction as text: its inputs, what it came to, and every command with its answer, one line for each.

    # tillberry emv trace 1
    # amount_minor 1234             one line for each input and result, in the order of `_HEADER`
    atr 3B6500002063CB6600 40.125   the answer to reset, and the card's time in milliseconds
    > 00A404000E315041592E5359532E444446303100
    < 6F1A840E...9000 3.250         `-` for an answer without a byte
    ! removed 0.750                 in place of an answer, or of the ATR: removed, mute, garbled, reader_missing
    # sha256 2C26B46B68FFC68F...    over the lines before it: tells a trace that was altered or cut, not by whom

A PIN is `**` for each byte, always. So is what belongs to the cardholder, where the card is not under a test CA: the
trace then says `masked yes`, and is to be read, not replayed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from firmware.commands.emv.inputs import Inputs
from firmware.commands.emv.masking import masked_texts
from firmware.commands.emv.traced_card import FAULTS, Exchange
from firmware.errors import TillberryError

FIRST_LINE: Final = "# tillberry emv trace 1"
BYTES_MAX: Final = 4 * 1024 * 1024
LINES_MAX: Final = 1_000
_OCTETS: Final = r"(?:[0-9A-F]{2})"
_MS: Final = r"([0-9]{1,9}\.[0-9]{3})"
_HEADER: Final = {
    "masked": "no|yes",
    "params": "[0-9a-f]{64}",
    "amount_minor": "[0-9]{1,12}",
    "cashback_minor": "[0-9]{1,12}",
    "type": "sale|cash|refund",
    "date": "[0-9]{6}",
    "time": "[0-9]{6}",
    "drawn": rf"-|{_OCTETS}{{1,8}}(?: {_OCTETS}{{1,8}})*",
    "sequence": "[1-9][0-9]{0,7}",
    "application": "[1-9][0-9]?",
    "pins": "[0-9]{1,2}",
    "arc": "none|[0-9A-Za-z]{2}",
    "issuer_auth": rf"-|{_OCTETS}{{1,255}}",
    "scripts": rf"-|{_OCTETS}+",
    "outcome": "[a-z_]{1,20}",
    "message": "[a-z_]{1,20}",
    "reversal": "no|yes",
    "tvr": f"{_OCTETS}{{5}}",
    "tsi": f"{_OCTETS}{{2}}",
    "cvm_results": f"{_OCTETS}{{3}}",
}
"""What each line of the header may say."""
RESULTS: Final = ("outcome", "message", "reversal", "tvr", "tsi", "cvm_results")
_RESET: Final = re.compile(rf"atr ({_OCTETS}{{2,33}}) {_MS}")
_COMMAND: Final = re.compile(rf"> ({_OCTETS}{{4}}(?:{_OCTETS}|\*\*){{0,258}})")
_ANSWER: Final = re.compile(rf"< (-|{_OCTETS}+) {_MS}")
_CHECKSUM: Final = "# sha256 "
_FAULT: Final = re.compile(rf"! ({'|'.join(FAULTS)}) {_MS}")


class TraceMalformed(TillberryError):
    """A trace cannot be read; the message names file and line."""


class TraceMasked(TillberryError):
    """A trace hides what its replay would need."""


@dataclass(frozen=True, slots=True)
class TracedExchange:
    """An exchange and the line that its command, or the ATR, stands in."""

    line: int
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Trace:
    """What a trace file says. `drawn` is chance, `results` are strings by the names of `RESULTS`.

    `intact` tells that the checksum is that of its lines.
    """

    params: str
    inputs: Inputs
    drawn: tuple[bytes, ...] = field(repr=False)
    results: Mapping[str, str]
    intact: bool = True


def trace_text(trace: Trace, exchanges: Sequence[Exchange], *, testing: bool) -> str:
    """The trace of one transaction; `testing` tells that the card is under a test CA, so that only PINs are hidden."""
    whole = [(each.command, each.answer.hex().upper()) for each in exchanges]
    shown = whole if testing else masked_texts(exchanges)
    header = {"masked": _word(shown != whole), **_header(trace)}
    assert tuple(header) == tuple(_HEADER), "the header is written in the order in which it is read"
    lines = [FIRST_LINE, *(f"# {name} {value}" for name, value in header.items())]
    for each, (command, answer) in zip(exchanges, shown, strict=True):
        lines += _lines(each, command, answer)
    return "".join(f"{line}\n" for line in [*lines, _checksum(lines)])


def read_trace(path: Path) -> tuple[Trace, tuple[TracedExchange, ...]]:
    """Read a trace that can be replayed. Raises: TraceMalformed; TraceMasked."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise TraceMalformed(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > BYTES_MAX or data.count(b"\n") > LINES_MAX:
        raise TraceMalformed(f"{path}: larger than {BYTES_MAX} bytes or {LINES_MAX} lines")
    try:
        lines = data.decode("ascii").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise TraceMalformed(f"{path}: not a trace: it is not plain text") from error
    if lines[0] != FIRST_LINE:
        raise TraceMalformed(f"{path}: line 1: not a trace: it does not begin with {FIRST_LINE!r}")
    intact = lines[-1] == _checksum(lines[:-1])
    if lines[-1].startswith(_CHECKSUM):
        del lines[-1]
    header = _read_header(path, lines)
    if header["masked"] == "yes":
        raise TraceMasked(
            f"{path}: what belongs to the cardholder is masked in it, since the card was not under a test CA; only a "
            "trace that holds everything can be replayed"
        )
    return _trace(header, intact=intact), tuple(_exchanges(path, lines))


def header_line(name: str) -> int:
    """The line of a trace, counted from 1, that holds an input or a result."""
    return 2 + tuple(_HEADER).index(name)


def _checksum(lines: Sequence[str]) -> str:
    return _CHECKSUM + hashlib.sha256("\n".join(lines).encode("ascii")).hexdigest().upper()


def _word(flag: object) -> str:
    return "yes" if flag else "no"


def _header(trace: Trace) -> dict[str, str]:
    inputs = trace.inputs
    return {
        "params": trace.params,
        "amount_minor": str(inputs.amount_minor),
        "cashback_minor": str(inputs.cashback_minor),
        "type": inputs.kind,
        "date": inputs.date,
        "time": inputs.time,
        "drawn": " ".join(each.hex().upper() for each in trace.drawn) or "-",
        "sequence": str(inputs.sequence),
        "application": str(inputs.application),
        "pins": str(inputs.pins),
        "arc": inputs.arc,
        "issuer_auth": inputs.issuer_auth.hex().upper() or "-",
        "scripts": inputs.scripts.hex().upper() or "-",
        **{name: trace.results[name] for name in RESULTS},
    }


def _lines(exchange: Exchange, command: str, answer: str) -> Iterator[str]:
    if command:
        yield f"> {command}"
    if exchange.fault:
        yield f"! {exchange.fault} {exchange.ms:.3f}"
    else:
        yield f"{'<' if command else 'atr'} {answer or '-'} {exchange.ms:.3f}"


def _read_header(path: Path, lines: Sequence[str]) -> dict[str, str]:
    header = {}
    for number, (name, pattern) in enumerate(_HEADER.items(), 2):
        line = lines[number - 1] if number <= len(lines) else ""
        value = line.removeprefix(f"# {name} ")
        if value == line or re.fullmatch(pattern, value) is None:
            raise TraceMalformed(f"{path}: line {number}: not `# {name} ` with its value")
        header[name] = value
    return header


def _trace(header: Mapping[str, str], *, intact: bool) -> Trace:
    inputs = Inputs(
        amount_minor=int(header["amount_minor"]),
        cashback_minor=int(header["cashback_minor"]),
        kind=header["type"],
        date=header["date"],
        time=header["time"],
        sequence=int(header["sequence"]),
        application=int(header["application"]),
        pins=int(header["pins"]),
        arc=header["arc"],
        issuer_auth=_octets(header["issuer_auth"]),
        scripts=_octets(header["scripts"]),
    )
    drawn = tuple(_octets(each) for each in header["drawn"].split())
    results = {name: header[name] for name in RESULTS}
    return Trace(header["params"], inputs, tuple(filter(None, drawn)), results, intact)


def _octets(text: str) -> bytes:
    return b"" if text == "-" else bytes.fromhex(text)


def _exchanges(path: Path, lines: Sequence[str]) -> Iterator[TracedExchange]:
    """The reset, then command and answer in turns. Raises: TraceMalformed."""
    first = len(_HEADER) + 1
    command, started = "", first + 1
    waiting = True
    for number, line in enumerate(lines[first:], first + 1):
        if waiting:
            yield TracedExchange(started, _end(path, number, line, command))
            waiting = False
        elif sent := _COMMAND.fullmatch(line):
            command, started, waiting = sent[1], number, True
        else:
            raise TraceMalformed(f"{path}: line {number}: not a command, `>` and 4 to 262 bytes in capital hex digits")
    if waiting:
        raise TraceMalformed(f"{path}: line {len(lines) + 1}: the trace ends where an answer should stand")


def _end(path: Path, number: int, line: str, command: str) -> Exchange:
    """What ended a command, or the reset where `command` is empty."""
    if fault := _FAULT.fullmatch(line):
        return Exchange(command, b"", fault[1], float(fault[2]))
    if answer := (_ANSWER if command else _RESET).fullmatch(line):
        return Exchange(command, _octets(answer[1]), "", float(answer[2]))
    expected = "`<`, the answer in capital hex digits" if command else "`atr`, 2 to 33 bytes in capital hex digits"
    raise TraceMalformed(f"{path}: line {number}: not {expected} and milliseconds, nor `!` with a fault and them")
