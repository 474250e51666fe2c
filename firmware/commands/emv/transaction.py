"""One transaction of the kernel with whatever card a reader holds, and what a report needs of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from firmware.commands.emv.cardholder import CommandLineCardholder
from firmware.commands.emv.inputs import Inputs
from firmware.commands.emv.traced_card import Exchange, TracedCard
from firmware.emv.certificates import OdaFailed, recover_issuer_key
from firmware.emv.commands import Commands
from firmware.emv.endings import ending
from firmware.emv.kernel import complete, process
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.parameters import EmvParameters
from firmware.emv.purposes import field_55
from firmware.emv.session import Session
from firmware.hal import CardReader, Entropy
from firmware.hal.errors import CardError
from firmware.units import Millis

POWER_MS: Final = Millis(5_000)
APDU_MS: Final = Millis(20_000)
"""A card under test may be slow, and whoever tests it wants to see how slow."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What stays the same for every transaction."""

    parameters: EmvParameters
    zone: tzinfo
    stopwatch_ns: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Played:
    """A transaction that has ended; times are in milliseconds.

    `testing` tells that its card is under a test CA. `question` is field 55 as the issuer would have been sent it, with
    the ARQC; empty where he was not to be asked.
    """

    inputs: Inputs
    session: Session
    cardholder: CommandLineCardholder
    outcome: Outcome
    question: bytes
    testing: bool
    atr: bytes
    exchanges: tuple[Exchange, ...]
    card_ms: float
    kernel_ms: float


async def transact(
    terminal: Terminal, reader: CardReader, inputs: Inputs, cardholder: CommandLineCardholder, entropy: Entropy
) -> Played:
    """Power the card, play the transaction, let the card go; whatever the card does ends in an outcome.

    Raises: BadInput; what is neither the card's nor the person's.
    """
    card = TracedCard(reader, terminal.stopwatch_ns)
    request = inputs.request(terminal.parameters.terminal.currency, terminal.zone)
    s = Session(Commands(card, APDU_MS), cardholder, terminal.parameters, request, entropy)
    started, question = 0, b""
    try:
        await card.power_on(POWER_MS)
        started = terminal.stopwatch_ns()
        outcome = await process(s)
        if outcome.verdict is Verdict.GO_ONLINE:
            question = field_55(s)
            outcome = await complete(s, inputs.answer())
    except CardError as error:
        # Of the reset: the kernel makes outcomes of all others.
        s.publish_registers()
        outcome = ending(error, unread=True)
    finally:
        ended = terminal.stopwatch_ns()
        cardholder.forget()
        await card.power_off()
    kernel_ms = max(0.0, (ended - started) / 1e6 - card.transmit_ms) if started else 0.0
    return Played(
        *(inputs, s, cardholder, outcome, question, is_under_test_ca(s)),
        *(card.atr, tuple(card.exchanges), card.transmit_ms, kernel_ms),
    )


def is_under_test_ca(s: Session) -> bool:
    """Whether the card's issuer is vouched for by a test key of the parameters: then the card is nobody's."""
    if s.application is None:
        return False
    # The kernel recovers the key only where the card is authenticated; what the report then shows must not change.
    copy = replace(s, store=deepcopy(s.store))
    try:
        recover_issuer_key(copy)
    except OdaFailed:
        return False
    index = copy.store.require(0x8F, "the card's records")
    return s.parameters.ca_keys[s.application.aid[:5], index[0]].testing
