"""Faults by chance between a terminal that follows the rules and the acquirer: both believe the same in the end.

The terminal here is the smallest that is right: it reverses what it does not know before it asks anything else.
"""

from __future__ import annotations

import asyncio
import random

import pytest

from drivers.bench.acquirer import views
from drivers.bench.acquirer.faults import FaultKind, Swarm
from firmware.hal import HostChannel
from firmware.hal.errors import LinkError
from firmware.host.errors import BadAnswer
from firmware.host.values import Answer, Ask, Reason
from firmware.units import Millis
from tests.drivers.bench.acquirer.paying import T, Till, signed_on
from tests.virtual_time import run_virtually

ANSWER_S = 30
SETTLED_S = 300
ENDING = ("00", "25")


class Shop:
    """A day of sales, voids and refunds; `believed` is what the terminal holds for done, by trace number."""

    def __init__(self, till: Till, seed: int) -> None:
        self.till = till
        self.chance = random.Random(seed)
        self.believed: dict[int, int] = {}
        self.answers: list[tuple[Ask, Answer]] = []

    async def trade(self, questions: int) -> None:
        for _ in range(questions):
            await self._one(self._question())
        self.till.acquirer.mend()
        await asyncio.sleep(SETTLED_S)

    def _question(self) -> Ask:
        sales = [(ask, answer) for ask, answer in self.answers if ask.transaction is T.SALE]
        if sales and self.chance.random() < 0.3:
            ask, answer = sales.pop(self.chance.randrange(len(sales)))
            self.answers.remove((ask, answer))
            assert ask.amount is not None
            return self.till.paid(T.VOID, ask.amount.minor, original=self.till.original(answer))
        return self.till.paid(T.SALE, self.chance.choice([1_000, 2_500, 10_051]))

    async def _one(self, ask: Ask) -> None:
        answer = await self._asked(ask)
        if answer is None:
            await self._reverse(ask)
        elif answer.approved:
            assert ask.amount is not None
            self.believed[ask.stan.number] = ask.amount.minor
            self.answers.append((ask, answer))

    async def _asked(self, ask: Ask) -> Answer | None:
        frame = await self._exchange(self.till.frame(ask), ask.stan.number)
        try:
            return None if frame is None else self.till.dialect.read(frame, ask, self.till.check_mac)
        except BadAnswer:
            return None

    async def _reverse(self, ask: Ask) -> None:
        stored = self.till.dialect.stored(ask)
        for _ in range(200):
            frame = await self._exchange(
                self.till.dialect.reversal(stored, Reason.NO_ANSWER, self.till.mac), ask.stan.number
            )
            try:
                if frame and self.till.dialect.read_reversal(frame, stored, self.till.check_mac).code in ENDING:
                    return
            except BadAnswer:
                continue
        raise AssertionError("the reversal never got through")

    async def _exchange(self, frame: bytes, stan: int) -> bytes | None:
        """Send over a new connection, as after each silence, and wait for the answer that belongs."""
        channel: HostChannel = self.till.acquirer.channel()
        try:
            async with asyncio.timeout(ANSWER_S):
                await channel.connect(Millis(5_000))
                await channel.send(frame, Millis(5_000))
                while True:
                    answer = await channel.receive(Millis(ANSWER_S * 1_000))
                    if self.till.dialect.stan_of(answer) == f"{stan:06}":
                        return answer
        except (LinkError, TimeoutError):
            return None
        finally:
            await channel.close()


@pytest.mark.parametrize("seed", range(40))
def test_terminal_and_acquirer_agree_in_the_end(seed: int) -> None:
    till = signed_on()
    till.acquirer.host.faults.swarm = Swarm(seed, percent=35)
    shop = Shop(till, seed)

    run_virtually(shop.trade(25), seed)

    assert {each.stan: each.amount for each in views.effective(till.acquirer.books)} == shop.believed
    assert till.acquirer.books.balanced()


def test_swarm_repeats_itself_and_has_some_kinds_only() -> None:
    one, other = Swarm(5, percent=100), Swarm(5, percent=100)

    drawn = [one.take() for _ in range(50)]

    assert drawn == [other.take() for _ in range(50)]
    assert {each.kind for each in drawn if each is not None} <= set(one.kinds)
    assert len({Swarm(seed).kinds for seed in range(20)}) > 10
    assert FaultKind.HALF_OPEN not in {kind for seed in range(50) for kind in Swarm(seed).kinds}
