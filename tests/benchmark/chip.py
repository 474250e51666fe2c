"""Measurements of the chip kernel: one online DDA transaction with a test card, and the parts that cost most.

The card's own time is taken out: it computes as a chip would, and a chip has its own processor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import perf_counter_ns
from typing import Final

from drivers.bench.cards import insert, issuer, load_cards
from firmware.emv.certificates import recover_icc_key, recover_issuer_key
from firmware.emv.commands import Commands, Tracer
from firmware.emv.issuer import IssuerAnswer
from firmware.emv.kernel import complete, process
from firmware.emv.outcome import Verdict
from firmware.emv.purposes import field_55
from firmware.emv.session import Request, Session, TransactionType
from firmware.emv.tlv import encode, parse
from firmware.units import Millis, Money
from tests.benchmark.measures import Measure, median, timed_ms
from tests.firmware.emv.scripted import AT, CNY, Person
from tests.shop import EMV
from tests.virtual_time import SeededEntropy

CARD: Final = "no-cvm"
RUNS: Final = 100
RECORD: Final = encode(0x70, b"".join(encode(0x9F00 + tag, bytes(21)) for tag in range(0x01, 0x0B)))
"""A record of about 250 bytes, ten objects in a template."""


class _TimedCard:
    """Honours the hal's Card over a test card, and adds up the card's own time and bytes."""

    def __init__(self) -> None:
        self._card = insert(load_cards()[CARD])
        self.atr = self._card.atr
        self.spent_ns = 0
        self.moved_bytes = 0

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        del timeout_ms
        began = perf_counter_ns()
        answer = self._card.transmit(command)
        self.spent_ns += perf_counter_ns() - began
        self.moved_bytes += len(command) + len(answer)
        return answer

    async def power_off(self) -> None:
        """A test card has no power to lose."""


def measure_chip() -> Iterator[Measure]:
    """Time the kernel over whole transactions, then its costly parts alone."""
    kernel_ms: list[float] = []
    for _ in range(RUNS):
        session, card, took_ms = asyncio.run(_transaction())
        kernel_ms.append(took_ms)
    yield Measure("online DDA transaction: kernel alone", median(kernel_ms), "ms", RUNS, target=10)
    yield Measure("online DDA transaction: commands", session.commands.count, "APDUs")
    yield Measure("online DDA transaction: to and from the card", card.moved_bytes, "bytes")
    yield Measure(f"TLV: parse a record of {len(RECORD)} bytes", median(timed_ms(_parse_record, RUNS)), "ms", RUNS)
    yield Measure("certificates: issuer and card key", median(timed_ms(lambda: _recover(session), RUNS)), "ms", RUNS)


async def dda_transaction(trace: Tracer) -> Session:
    """The same transaction with each command told to `trace`."""
    session, _, _ = await _transaction(trace)
    return session


def _untold(_name: str, _sent: bytes, _received: bytes) -> None:
    return None


async def _transaction(trace: Tracer = _untold) -> tuple[Session, _TimedCard, float]:
    card = _TimedCard()
    request = Request(TransactionType.GOODS, Money(1_234, CNY), Money(0, CNY), AT, sequence=1)
    session = Session(Commands(card, Millis(1_000), trace), Person(), EMV, request, SeededEntropy())
    began = perf_counter_ns()
    first = await process(session)
    before_issuer = perf_counter_ns()
    assert first.verdict is Verdict.GO_ONLINE, first
    tags = {each.tag: each.value for each in parse(field_55(session), "field 55")}
    pan = session.store.require(0x5A, "the card").hex().upper().rstrip("F")
    answer = IssuerAnswer("00", issuer.answer(pan, session.store.require(0x5F34, "the card")[0], tags, "00"))
    after_issuer = perf_counter_ns()
    last = await complete(session, answer)
    assert last.verdict is Verdict.APPROVED, last
    took_ns = (before_issuer - began) + (perf_counter_ns() - after_issuer) - card.spent_ns
    return session, card, took_ns / 1e6


def _parse_record() -> None:
    parse(RECORD, "a record of the benchmark")


def _recover(session: Session) -> None:
    session.issuer_key = session.icc_key = None
    recover_issuer_key(session)
    recover_icc_key(session)
