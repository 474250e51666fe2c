"""Bytes become a card and an issuer; the kernel must come to an outcome with them, within its limit of commands.

`fuzz_one` is the target, for any engine. Where atheris is installed, `python -m tests.fuzz.emv_kernel [corpus]` runs it
for as long as it is let; the ordinary tests run it on a few inputs. What the bytes mean stands at `Bytes`.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any, Final, Protocol

from drivers.bench.cards import insert, load_cards
from firmware.emv.cardholder import NoPin
from firmware.emv.commands import APDUS_MAX, Commands
from firmware.emv.cryptogram import Cryptogram
from firmware.emv.issuer import IssuerAnswer
from firmware.emv.kernel import complete, process
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.purposes import clearing_data, field_55, masked_tags, receipt_facts, session_pan
from firmware.emv.session import Session, TransactionType
from firmware.hal import EnteredPin
from firmware.hal.errors import CardGarbled, CardMute, CardRemoved
from firmware.units import Millis
from tests.firmware.emv.scripted import PARAMETERS as SCRIPTED
from tests.firmware.emv.scripted import Person, session
from tests.firmware.emv.test_with_cards import PARAMETERS, Pin

SCRIPTS: Final = Path(__file__).parents[1] / "firmware" / "emv" / "scripts" / "kernel"
_FAULTS: Final = (CardRemoved, CardMute, CardGarbled)


CARDS: Final = ("cda", "mc-offline-pin", "sda-only", "two-apps", "plain-offline-pin")
"""Test cards whose answers are spoilt; with real keys, so that spoilt signatures are met too."""


KINDS: Final = tuple(TransactionType)
"""Sales first: 0 is the harmless choice."""


def good_answers(name: str) -> tuple[bytes, ...]:
    """What the card answers in one of the scripts of whole transactions."""
    lines = (SCRIPTS / f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(bytes.fromhex(line[1:]) for line in lines if line.startswith("<"))


GOOD: Final = good_answers("online_approved")


class GoodCard(Protocol):
    """A card before its answers are spoilt."""

    def transmit(self, command: bytes) -> bytes:
        """Answer one command."""
        ...


class ScriptedAnswers:
    """Gives the answers of the good script in their order, whatever it is asked; the last one again and again."""

    def __init__(self) -> None:
        self._count = 0

    def transmit(self, command: bytes) -> bytes:
        """Answer one command."""
        self._count += 1
        return GOOD[min(self._count, len(GOOD)) - 1]


class Bytes:
    """Reads decisions off the input; at its end every decision is the harmless one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def byte(self) -> int:
        """The next byte, 0 at the end."""
        taken = self.take(1)
        return taken[0] if taken else 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes, fewer at the end."""
        self._at += count
        return self._data[self._at - count : self._at]


class FuzzedCard:
    """Answers each command by what the input says: the good answer, one with changes, other bytes, or a fault."""

    atr = bytes.fromhex("3B00")

    def __init__(self, data: Bytes, good: GoodCard) -> None:
        self._data = data
        self._good = good

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        """Answer one command, well or badly."""
        good = self._good.transmit(command)
        match self._data.byte() % 8:
            case 1 | 2:
                return self._changed(good)
            case 3:
                return good[: -self._data.byte() % (len(good) + 1)]
            case 4:
                # The good data with any status, and any data with a good one.
                return good[:-2] + self._data.take(2)
            case 5:
                return self._data.take(self._data.byte()) + b"\x90\x00"
            case 6:
                return GOOD[self._data.byte() % len(GOOD)]
            case 7:
                raise _FAULTS[self._data.byte() % 3]("as the input says")
            case _:
                return good

    async def power_off(self) -> None:
        """The card has no power to lose."""

    def _changed(self, good: bytes) -> bytes:
        """The good answer with one to four of its bytes replaced."""
        changed = bytearray(good)
        for _ in range(self._data.byte() % 4 + 1):
            changed[self._data.byte() % len(changed)] = self._data.byte()
        return bytes(changed)


def fuzz_one(data: bytes) -> Outcome:
    """Play one transaction by `data`; any exception and any broken promise is a finding."""
    decisions = Bytes(data)
    answer = _answer(decisions)
    s = _session(decisions)

    async def whole() -> Outcome:
        first = await process(s)
        return first if first.verdict is not Verdict.GO_ONLINE else await complete(s, answer)

    outcome = asyncio.run(whole())
    assert outcome.verdict is not Verdict.GO_ONLINE
    assert s.commands.count <= APDUS_MAX
    assert not outcome.reversal or (answer is not None and answer.approved and outcome.verdict is not Verdict.APPROVED)
    assert s.store.get(0x95) == s.tvr.to_data()
    assert s.online_pin is None
    field_55(s)
    clearing_data(s)
    assert (receipt_facts(s).cryptogram_kind is Cryptogram.TC) is (outcome.verdict is Verdict.APPROVED)
    masked_tags(s, testing=False)
    if outcome.verdict in (Verdict.APPROVED, Verdict.DECLINED, Verdict.READ):
        session_pan(s)
    return outcome


def _session(decisions: Bytes) -> Session:
    """A terminal with a scripted card, or with one of the test cards, and any kind of transaction."""
    pins: list[EnteredPin | NoPin] = [Pin("1234"), Pin("1234"), NoPin.BYPASSED, NoPin.PAD_BROKEN]
    kind, chosen = divmod(decisions.byte(), len(CARDS) + 1)
    good: GoodCard = ScriptedAnswers() if chosen == 0 else insert(load_cards()[CARDS[chosen - 1]])
    parameters = SCRIPTED if chosen == 0 else PARAMETERS
    s, _ = session(
        selected=False, person=Person(choices=[0] * 4, pins=pins), parameters=parameters, kind=KINDS[kind % len(KINDS)]
    )
    s.commands = Commands(FuzzedCard(decisions, good), Millis(1_000))
    return s


def _answer(decisions: Bytes) -> IssuerAnswer | None:
    kind = decisions.byte() % 4
    if kind == 0:
        return IssuerAnswer("00", bytes(8), bytes.fromhex("710F860D84240000080102030405060708"))
    if kind == 1:
        return None
    code = "00" if kind == 2 else "05"
    return IssuerAnswer(code, decisions.take(decisions.byte() % 20), decisions.take(decisions.byte()))


def main() -> None:
    """Run the target in atheris until it finds something. Raises: ModuleNotFoundError - atheris is not installed."""
    atheris: Any = importlib.import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
