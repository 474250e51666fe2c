"""The line is opened early, used by one exchange at a time, and hung up before the acquirer does."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.host_link import LineFaults, channel_pair
from firmware.host.line import Line, LineTimes
from firmware.host.session import Ending, Matching, NotSent, Received, Silent, Timeouts
from firmware.units import Millis
from tests.firmware.host.line_faults import line_faults
from tests.virtual_time import VirtualClock, run_virtually

TIMES = LineTimes(Timeouts(connect_ms=Millis(10_000), answer_ms=Millis(60_000)), idle_ms=Millis(9_000))


class Counter:
    """A terminal's line, and an acquirer behind it that works for `work_ms` on each message."""

    def __init__(self, work_ms: int = 0) -> None:
        self.clock = VirtualClock()
        self.channel, self.far_end = channel_pair(self._hear)
        self.line = Line(self.channel, self.clock, TIMES)
        self.at_work = self.most_at_work = 0
        self.noted: list[bytes] = []
        self.heard: list[bytes] = []
        self._work_ms = work_ms

    async def ask(self, number: int) -> Ending:
        frame = b"ask %d" % number
        matching = Matching((b"answer %d" % number).__eq__, self.noted.append)
        return await self.line.exchange(frame, matching, lambda: self.noted.append(frame))

    async def connected(self) -> bool:
        """Whether a connection stands: a message that the far end says would arrive."""
        before = self.far_end.connections
        await self.channel.connect(Millis(10_000))
        return self.far_end.connections == before

    async def _hear(self, message: bytes) -> bytes:
        self.heard.append(message)
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        await self.clock.sleep(Millis(self._work_ms))
        self.at_work -= 1
        return message.replace(b"ask", b"answer")


def test_line_prepared_while_typing_makes_one_connection_for_the_exchange() -> None:
    async def scene() -> None:
        counter = Counter()
        counter.far_end.faults = LineFaults(connect_ms=800)
        for _ in range(5):
            counter.line.prepare()
            await counter.clock.sleep(Millis(300))
        began = counter.clock.elapsed_ms()
        assert await counter.ask(1) == Received(b"answer 1")
        assert counter.clock.elapsed_ms() == began
        assert counter.far_end.connections == 1
        await counter.line.hang_up()

    run_virtually(scene())


def test_exchange_joins_a_connection_that_is_being_made() -> None:
    async def scene() -> None:
        counter = Counter(work_ms=20_000)
        counter.far_end.faults = LineFaults(connect_ms=800)
        counter.line.prepare()
        await counter.clock.sleep(Millis(300))
        assert await counter.ask(1) == Received(b"answer 1")
        assert counter.clock.elapsed_ms() == 20_800
        assert counter.far_end.connections == 1
        await counter.line.hang_up()

    run_virtually(scene())


@pytest.mark.parametrize("prepared", [True, False])
def test_line_left_idle_hangs_up_before_the_acquirer_does(prepared: bool) -> None:
    async def scene() -> None:
        counter = Counter()
        if prepared:
            counter.line.prepare()
        else:
            await counter.ask(1)
        await counter.clock.sleep(Millis(8_900))
        counter.line.prepare()
        assert await counter.connected()
        await counter.clock.sleep(Millis(200))
        assert not await counter.connected()
        await counter.channel.close()

    run_virtually(scene())


def test_exchange_soon_after_another_uses_its_connection() -> None:
    async def scene() -> None:
        counter = Counter(work_ms=5_000)
        for number in range(4):
            assert isinstance(await counter.ask(number), Received)
            await counter.clock.sleep(Millis(6_000))
        assert counter.far_end.connections == 1
        await counter.line.hang_up()

    run_virtually(scene())


def test_preparing_that_fails_is_silent_and_the_exchange_tells() -> None:
    async def scene() -> None:
        counter = Counter()
        counter.far_end.faults = LineFaults(refuse_connect=True)
        counter.line.prepare()
        await counter.clock.sleep(Millis(100))
        assert isinstance(await counter.ask(1), NotSent)
        counter.far_end.faults = LineFaults()
        assert isinstance(await counter.ask(2), Received)
        await counter.line.hang_up()

    run_virtually(scene())


def test_exchanges_at_once_take_turns() -> None:
    async def scene() -> None:
        counter = Counter(work_ms=12_000)
        endings = await asyncio.gather(*(counter.ask(number) for number in range(4)))
        assert endings == [Received(b"answer %d" % number) for number in range(4)]
        assert counter.most_at_work == 1
        assert counter.far_end.connections == 1
        await counter.line.hang_up()

    run_virtually(scene())


def test_line_shut_ends_the_exchange_and_sends_nothing_more() -> None:
    async def scene() -> None:
        counter = Counter(work_ms=30_000)
        asking = [asyncio.create_task(counter.ask(number)) for number in (1, 2)]
        await counter.clock.sleep(Millis(1_000))
        first = counter.noted[0]
        await counter.line.shut()
        endings = await asyncio.gather(*asking)
        assert {type(ending) for ending in endings} == {Silent, NotSent}
        assert counter.noted == [first]
        counter.line.prepare()
        assert isinstance(await counter.ask(3), NotSent)
        await counter.clock.sleep(Millis(60_000))
        assert counter.far_end.connections == 1
        assert counter.clock.elapsed_ms() == 61_000

    run_virtually(scene())


def test_line_shut_while_it_connects_sends_nothing() -> None:
    async def scene() -> None:
        counter = Counter()
        counter.far_end.faults = LineFaults(silent_connect=True)
        asking = asyncio.create_task(counter.ask(1))
        await counter.clock.sleep(Millis(1_000))
        await counter.line.shut()
        assert isinstance(await asking, NotSent)
        assert counter.noted == []
        assert counter.clock.elapsed_ms() == 1_000

    run_virtually(scene())


@given(day=st.lists(st.tuples(line_faults, st.integers(0, 30_000)), min_size=1, max_size=6), seed=st.integers(0, 99))
@settings(deadline=None)
def test_any_day_on_any_line_asks_each_question_once_and_tells_the_truth(
    day: list[tuple[LineFaults, int]], seed: int
) -> None:
    async def scene() -> None:
        counter = Counter()
        for number, (faults, pause_ms) in enumerate(day):
            counter.far_end.faults = faults
            counter.line.prepare()
            await counter.clock.sleep(Millis(pause_ms))
            began = counter.clock.elapsed_ms()
            ending = await counter.ask(number)
            assert counter.clock.elapsed_ms() - began <= 70_000
            frame, answer = b"ask %d" % number, b"answer %d" % number
            assert isinstance(ending, NotSent) == (frame not in counter.noted)
            if isinstance(ending, NotSent):
                assert frame not in counter.heard
            if isinstance(ending, Received):
                assert ending.frame == answer
                assert frame in counter.heard
        await counter.line.hang_up()
        assert len(set(counter.heard)) == len(counter.heard)

    run_virtually(scene(), seed)


def test_exchange_waits_as_long_as_the_line_was_told_last() -> None:
    async def scene() -> tuple[Ending, int]:
        counter = Counter(work_ms=30_000)
        counter.line.wait_as(Timeouts(connect_ms=Millis(1_000), answer_ms=Millis(20_000)))
        began = counter.clock.elapsed_ms()
        return await counter.ask(1), counter.clock.elapsed_ms() - began

    ending, took = run_virtually(scene())
    assert isinstance(ending, Silent)
    assert took == 20_000
