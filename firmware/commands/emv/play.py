"""From arguments to the report: a card in a reader, or the card of a trace, through the same transaction."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Final, Literal

from firmware.commands.emv import Means
from firmware.commands.emv.cardholder import CommandLineCardholder, GivenPin
from firmware.commands.emv.chance import ChanceSpent, DrawnEntropy, KeptEntropy
from firmware.commands.emv.inputs import BadInput, Inputs, inputs_from, parameters_checksum
from firmware.commands.emv.replay import ReplayedCard, TraceDiffers
from firmware.commands.emv.report import as_json, as_table, results
from firmware.commands.emv.slot import await_card
from firmware.commands.emv.trace import Trace, header_line, read_trace, trace_text
from firmware.commands.emv.transaction import Played, Terminal, transact
from firmware.commands.run import parameters_directory
from firmware.config import load_parameters
from firmware.emv.parameter_files import load_emv_parameters
from firmware.errors import TillberryError

_WAIT_S: Final = 30
_PLACEHOLDER: Final = "0000"
"""Stands for a PIN at replay: what is made of it is hidden in the trace, and here."""


class TraceUnwritable(TillberryError):
    """The trace cannot be written where it was asked for."""


def play(args: argparse.Namespace, means: Means) -> str:
    """Play the transaction that `args` ask for, and return its report. Raises: TillberryError."""
    directory = parameters_directory(args)
    shop = load_parameters(directory / "terminal.toml")
    terminal = Terminal(load_emv_parameters(directory, service=not shop.testing), shop.zone, means.stopwatch_ns)
    if args.trace is not None:
        _write(args.trace, "", how="a")  # Better told now than when the card has counted a transaction.
    if args.replay is not None:
        played, drawn = _replay(args.replay, terminal)
    else:
        played, drawn = _with_card(args, means, terminal)
    if args.trace is not None:
        trace = Trace(parameters_checksum(terminal.parameters), played.inputs, drawn, results(played))
        _write(args.trace, trace_text(trace, played.exchanges, testing=played.testing))
    return as_json(played) if args.json else as_table(played)


def _with_card(args: argparse.Namespace, means: Means, terminal: Terminal) -> tuple[Played, tuple[bytes, ...]]:
    pins: list[str] = args.pin or []
    if pins and not all(key.testing for key in terminal.parameters.ca_keys.values()):
        raise BadInput("--pin is for test cards: these parameters hold CA keys of cards that are somebody's")
    currency = terminal.parameters.terminal.currency
    inputs = inputs_from(args, currency, means.clock(terminal.zone).now())
    inputs.request(currency, terminal.zone)  # What is wrong is said before anyone looks for a card.
    entropy = KeptEntropy(means.entropy, args.un)
    cardholder = CommandLineCardholder(inputs.application, [GivenPin(each) for each in pins])
    wait_s = _WAIT_S if args.wait is None else args.wait

    async def whole() -> Played:
        reader = means.open_reader(args.reader)
        try:
            await await_card(reader, wait_s, _ask)
            return await transact(terminal, reader, inputs, cardholder, entropy)
        finally:
            await reader.close()

    return asyncio.run(whole()), tuple(entropy.drawn)


def _replay(path: Path, terminal: Terminal) -> tuple[Played, tuple[bytes, ...]]:
    trace, exchanges = read_trace(path)
    if trace.params != parameters_checksum(terminal.parameters):
        sys.stderr.write(f"tillberry emv: {path}: was written with other parameters\n")
    inputs: Inputs = trace.inputs
    cardholder = CommandLineCardholder(inputs.application, [GivenPin(_PLACEHOLDER) for _ in range(inputs.pins)])
    card = ReplayedCard(path, exchanges)
    try:
        played = asyncio.run(transact(terminal, card, inputs, cardholder, DrawnEntropy(trace.drawn)))
    except ChanceSpent as error:
        raise TraceDiffers(f"{path}: line {header_line('drawn')}: {error}") from error
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    card.check_end(trace, results(played))
    return played, trace.drawn


def _ask(sentence: str) -> None:
    sys.stderr.write(f"tillberry emv: {sentence}\n")
    sys.stderr.flush()


def _write(path: Path, text: str, how: Literal["a", "w"] = "w") -> None:
    try:
        with path.open(how, encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        raise TraceUnwritable(f"{path}: cannot be written: {error.strerror}") from error
