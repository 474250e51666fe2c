"""A card that plays a script of APDUs, and sessions to play it in: how each step of the kernel is tested by itself.

A script is text: `> 00A4 0400 ...` is what the terminal must send, `< 6F.. 9000` what the card answers, `# ...` a
comment, `! removed` (or `mute`, `garbled`) a fault in place of an answer. `..` in a sent line matches any one byte, `*`
at its end anything that follows.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from firmware.emv.bits import Capabilities
from firmware.emv.cardholder import ApplicationName, NoPin, PinPrompt
from firmware.emv.commands import Commands
from firmware.emv.outcome import StandardMessage
from firmware.emv.parameters import ApplicationParameters, EmvParameters, TerminalData
from firmware.emv.session import Request, Session, TransactionType
from firmware.hal import EnteredPin
from firmware.hal.errors import CardGarbled, CardMute, CardRemoved, EntryCancelled
from firmware.units import Currency, Millis, Money
from tests.virtual_time import SeededEntropy

CNY = Currency("CNY", 156, 2)
FAULTS = {"removed": CardRemoved, "mute": CardMute, "garbled": CardGarbled}


class ScriptedCard:
    """Honours the hal's Card; anything but the next line of the script is the test's failure."""

    atr = bytes.fromhex("3B00")

    def __init__(self, script: str) -> None:
        lines = (line.split("#", 1)[0].strip() for line in script.splitlines())
        self._lines = [line for line in lines if line]
        self._at = 0

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        expected = self._next(">")
        sent = command.hex().upper()
        pattern = expected.replace("..", "??")
        assert fnmatch.fnmatchcase(sent, pattern), f"line {self._at}: the terminal sent {sent}, not {expected}"
        answer = self._next("<!")
        if answer in FAULTS:
            raise FAULTS[answer]("as the script says")
        return bytes.fromhex(answer)

    async def power_off(self) -> None:
        """A script has no power."""

    def _next(self, marks: str) -> str:
        assert self._at < len(self._lines), "the script is over"
        line = self._lines[self._at]
        self._at += 1
        assert line[0] in marks, f"line {self._at} of the script is not one of {marks}: {line}"
        text = line[1:].strip()
        return text if line[0] == "!" else "".join(text.split()).upper()

    def check_finished(self) -> None:
        """Fail where the terminal has not sent all that the script expects."""
        assert self._at == len(self._lines), f"never sent: {self._lines[self._at :]}"


def bare(status: str) -> str:
    """An answer without data; after a warning the terminal asks for the data, and this card has none."""
    return f"{status}\n> 00C0000000\n< 6D00" if status[:2] in ("62", "63") else status


@dataclass
class Person:
    """Honours the kernel's Cardholder with answers prepared; remembers what was asked and told."""

    choices: list[int] = field(default_factory=list)
    confirms: bool = True
    pins: list[EnteredPin | NoPin] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    told: list[StandardMessage] = field(default_factory=list)

    async def choose(self, names: Sequence[ApplicationName], *, again: bool) -> int:
        self.asked.append((tuple(name.name for name in names), again))
        if not self.choices:
            raise EntryCancelled("the test's person walks away")
        return self.choices.pop(0)

    async def confirm(self, name: ApplicationName) -> bool:
        self.asked.append(name.name)
        return self.confirms

    async def enter_pin(self, prompt: PinPrompt, *, online: bool) -> EnteredPin | NoPin:
        self.asked.append((prompt, online))
        if not self.pins:
            raise EntryCancelled("the test's person walks away")
        return self.pins.pop(0)

    def tell(self, message: StandardMessage) -> None:
        self.told.append(message)


TERMINAL = TerminalData(
    terminal_type=0x22,
    capabilities=Capabilities(0xE0F8C8),
    additional_capabilities=bytes.fromhex("F000F0A001"),
    country=156,
    currency=CNY,
    terminal_id="10000001",
    merchant_id="898110000000001",
    merchant_category=5411,
    acquirer_id="12345678901",
    serial_number="TB000001",
    languages=("zh", "en"),
)
APPLICATION = ApplicationParameters(
    aid=bytes.fromhex("A000000333010101"),
    name="UnionPay Debit",
    partial_match=True,
    version=0x0030,
    tac_default=bytes(5),
    tac_denial=bytes(5),
    tac_online=bytes(5),
    floor_limit_minor=50_000,
    random_threshold_minor=10_000,
    random_target_percent=0,
    random_maximum_percent=0,
    default_ddol=bytes.fromhex("9F3704"),
    default_tdol=b"",
)
PARAMETERS = EmvParameters(TERMINAL, (APPLICATION,), {}, frozenset(), frozenset())
AT = datetime(2026, 3, 14, 9, 26, 53, tzinfo=timezone(timedelta(hours=8)))
REQUEST = Request(TransactionType.GOODS, Money(1_234, CNY), Money(0, CNY), AT, sequence=1)


def session(
    script: str = "",
    *,
    parameters: EmvParameters = PARAMETERS,
    person: Person | None = None,
    selected: bool = True,
    **request: Any,
) -> tuple[Session, ScriptedCard]:
    """A session with a scripted card; `selected` gives it the first application's parameters at once."""
    card = ScriptedCard(script)
    made = Session(
        Commands(card, Millis(1_000)),
        Person() if person is None else person,
        parameters,
        replace(REQUEST, **request),
        SeededEntropy(),
    )
    if selected:
        made.application = parameters.applications[0]
    return made, card
