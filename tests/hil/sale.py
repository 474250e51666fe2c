"""One sale by the whole kernel with a card that stands anywhere, and all that can be seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from drivers.bench.cards import insert, issuer, load_cards
from firmware.emv.commands import Commands
from firmware.emv.issuer import IssuerAnswer
from firmware.emv.kernel import complete, process
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.purposes import field_55
from firmware.emv.session import Request, Session, TransactionType
from firmware.emv.tlv import parse
from firmware.hal import Card
from firmware.units import Millis, Money
from tests.firmware.emv.scripted import CNY, Person
from tests.firmware.emv.test_with_cards import CardInReader, Pin
from tests.shop import EMV
from tests.virtual_time import SeededEntropy

AT: Final = datetime(2026, 3, 14, 9, 26, 53, tzinfo=timezone(timedelta(hours=8)))
PATIENCE: Final = Millis(2_000)


@dataclass(frozen=True)
class Sale:
    """How it ended, and each exchange with the card: the command's name, the command, the answer."""

    outcome: Outcome
    exchanges: tuple[tuple[str, bytes, bytes], ...]


async def sell(card: Card, name: str, timeout_ms: Millis = PATIENCE) -> Sale:
    """Sell for 12.34 to the person whose card it is; the issuer of the test cards approves what he is asked."""
    exchanges: list[tuple[str, bytes, bytes]] = []
    commands = Commands(card, timeout_ms, lambda *exchange: exchanges.append(exchange))
    request = Request(TransactionType.GOODS, Money(1_234, CNY), Money(0, CNY), AT, sequence=1)
    person = Person(choices=[1], pins=[Pin(load_cards()[name].pin)])
    session = Session(commands, person, EMV, request, SeededEntropy())
    outcome = await process(session)
    if outcome.verdict is Verdict.GO_ONLINE:
        outcome = await complete(session, _approval(session))
    return Sale(outcome, tuple(exchanges))


async def sell_in_memory(name: str) -> Sale:
    """The same sale without a reader."""
    return await sell(CardInReader(insert(load_cards()[name])), name)


def _approval(session: Session) -> IssuerAnswer:
    tags = {each.tag: each.value for each in parse(field_55(session), "field 55")}
    pan = session.store.require(0x5A, "the card").hex().upper().rstrip("F")
    return IssuerAnswer("00", issuer.answer(pan, session.store.require(0x5F34, "the card")[0], tags, "00"))
