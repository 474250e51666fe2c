"""The `emv` command with a test card in a reader of its own: what is typed, and what comes of it."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from drivers.bench.cards import CardState, Fault, insert, load_cards
from firmware.commands import emv as command
from firmware.hal import Card, CardInserted, EventSink
from firmware.hal.errors import CardRemoved, ReaderMissing
from firmware.units import Millis
from tests.firmware.emv.test_with_cards import CardInReader
from tests.virtual_time import SeededEntropy, VirtualClock

CHIPS: Final = tuple(sorted(name for name, card in load_cards().items() if card.chip))
BASIC: Final = ("--reader", "test reader", "--amount", "12.34")
AT: Final = ("--date", "260314", "--time", "092653", "--un", "01020304")


class Slot:
    """Honours the hal's CardReader with one card, or none."""

    def __init__(self, card: Card | None = None, *, power: Exception | None = None) -> None:
        self.name = "test reader"
        self.closed = False
        self._card = card
        self._power = power

    def start(self, sink: EventSink) -> None:
        if self._card is not None or self._power is not None:
            sink.post(CardInserted(self.name))

    async def power_on(self, timeout_ms: Millis) -> Card:
        if self._power is not None:
            raise self._power
        if self._card is None:
            raise CardRemoved("there is no card in the slot")
        return self._card

    async def close(self) -> None:
        self.closed = True


def chip(name: str, *, state: CardState | None = None, fault: Fault | None = None) -> CardInReader:
    """A test card with power."""
    return CardInReader(insert(load_cards()[name], state=state, fault=fault))


def pin_words(name: str) -> list[str]:
    """The PIN of a test card as an argument, where it has one."""
    pin = load_cards()[name].pin
    return ["--pin", pin] if pin else []


@dataclass(frozen=True)
class Ended:
    """What the command left: exit status, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        return json.loads(self.out)


class Desk:
    """Where the command is typed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.slot = Slot()

    def with_card(self, name: str, *words: str, **how: Any) -> Ended:
        """One transaction of 12.34 with a test card, at a fixed time."""
        return self.typed(*BASIC, *AT, *words, slot=Slot(chip(name, **how)))

    def typed(self, *words: str, slot: Slot | None = None) -> Ended:
        """Run the command."""
        self.slot = slot or Slot()
        try:
            status = command.run(parsed(words), self._means())
        except SystemExit as refused:
            status = int(str(refused.code))
        captured = self._capsys.readouterr()
        return Ended(status, captured.out, captured.err)

    def _means(self) -> command.Means:
        ticks = itertools.count(0, 1_000_000)
        return command.Means(self._open, lambda _zone: _Noon(), SeededEntropy(), lambda: next(ticks))

    def _open(self, name: str) -> Slot:
        if name != self.slot.name:
            raise ReaderMissing(f"there is no card reader {name!r}")
        return self.slot


class _Noon(VirtualClock):
    """A clock outside of any loop."""

    def elapsed_ms(self) -> Millis:
        return Millis(0)


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return parser.parse_args(["emv", *words])


def traced(desk: Desk, place: Path, name: str, *words: str, **how: Any) -> tuple[Ended, Path]:
    """A transaction with a trace of it."""
    path = place / f"{name}.trace"
    return desk.with_card(name, "--json", "--trace", str(path), *words, **how), path
