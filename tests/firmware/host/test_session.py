"""An exchange says `NotSent` only where nothing left, and never takes a foreign message for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.host_link import FarEnd, LineFaults, SimulatedChannel, channel_pair
from firmware.hal.errors import StorageFull
from firmware.host.session import UNMATCHED_MAX, Ending, Matching, NotSent, Received, Silent, Timeouts, exchange
from firmware.units import Millis
from tests.firmware.host.line_faults import line_faults
from tests.virtual_time import VirtualClock, run_virtually

TIMEOUTS = Timeouts(connect_ms=Millis(10_000), answer_ms=Millis(60_000))
ASKED, ANSWERED, FOREIGN = b"ask 000001", b"answer 000001", b"answer 000000"


class Desk:
    """Whoever holds an exchange: what it wrote down before the sending, and what it was handed."""

    def __init__(self, answer: Callable[[bytes], Awaitable[bytes | None]]) -> None:
        self.heard: list[bytes] = []
        self.channel: SimulatedChannel
        self.far_end: FarEnd
        self.channel, self.far_end = channel_pair(self._hear)
        self.clock = VirtualClock()
        self.noted: list[int] = []
        self.unmatched: list[bytes] = []
        self._answer = answer

    async def exchange(self, frame: bytes = ASKED, answer: bytes = ANSWERED) -> Ending:
        return await exchange(
            self.channel,
            self.clock,
            frame,
            timeouts=TIMEOUTS,
            matching=Matching(answer.__eq__, self.unmatched.append),
            before_send=lambda: self.noted.append(len(self.heard)),
        )

    async def _hear(self, message: bytes) -> bytes | None:
        self.heard.append(message)
        return await self._answer(message)


async def good(_message: bytes) -> bytes:
    return ANSWERED


async def silent(_message: bytes) -> None:
    return None


def test_exchange_with_an_acquirer_in_order_is_received() -> None:
    async def scene() -> None:
        desk = Desk(good)
        assert await desk.exchange() == Received(ANSWERED)
        assert desk.heard == [ASKED]
        assert desk.noted == [0]
        assert desk.unmatched == []
        await desk.channel.close()

    run_virtually(scene())


@pytest.mark.parametrize("faults", [LineFaults(refuse_connect=True), LineFaults(silent_connect=True)])
def test_exchange_without_a_connection_is_not_sent_and_not_noted(faults: LineFaults) -> None:
    async def scene() -> None:
        desk = Desk(good)
        desk.far_end.faults = faults
        ending = await desk.exchange()
        assert isinstance(ending, NotSent)
        assert "the simulated acquirer" in ending.why
        assert (desk.noted, desk.heard) == ([], [])
        assert desk.clock.elapsed_ms() <= TIMEOUTS.connect_ms

    run_virtually(scene())


@pytest.mark.parametrize(
    "faults",
    [
        LineFaults(half_open=True),
        LineFaults(lose_after=1),
        LineFaults(lose_after=len(ASKED) + 2),
        LineFaults(lose_after=len(ASKED) + 10),
        LineFaults(delay_ms=60_001),
        LineFaults(garbled=True),
    ],
)
def test_exchange_without_a_whole_answer_in_time_is_silent(faults: LineFaults) -> None:
    async def scene() -> None:
        desk = Desk(good)
        desk.far_end.faults = faults
        assert isinstance(await desk.exchange(), Silent)
        assert desk.noted == [0]
        assert desk.clock.elapsed_ms() <= TIMEOUTS.answer_ms

    run_virtually(scene())


def test_exchange_whose_note_fails_sends_nothing() -> None:
    async def scene() -> None:
        desk = Desk(good)

        def full() -> None:
            raise StorageFull("no room left")

        with pytest.raises(StorageFull):
            await exchange(
                desk.channel,
                desk.clock,
                ASKED,
                timeouts=TIMEOUTS,
                matching=Matching(ANSWERED.__eq__, desk.unmatched.append),
                before_send=full,
            )
        await desk.clock.sleep(Millis(1_000))
        assert desk.heard == []
        await desk.channel.close()

    run_virtually(scene())


def test_foreign_messages_are_handed_on_and_waiting_goes_on() -> None:
    async def scene() -> None:
        desk = Desk(good)
        await desk.channel.connect(Millis(1_000))
        desk.far_end.say(FOREIGN)
        desk.far_end.say(b"\xff")
        assert await desk.exchange() == Received(ANSWERED)
        assert desk.unmatched == [FOREIGN, b"\xff"]
        await desk.channel.close()

    run_virtually(scene())


def test_foreign_messages_do_not_prolong_the_waiting() -> None:
    async def scene() -> None:
        desk = Desk(silent)
        asking = asyncio.create_task(desk.exchange())
        for _ in range(3):
            await desk.clock.sleep(Millis(25_000))
            desk.far_end.say(FOREIGN)
        assert isinstance(await asking, Silent)
        assert desk.unmatched == [FOREIGN] * 2

    run_virtually(scene())


def test_far_end_that_never_stops_talking_is_left() -> None:
    async def scene() -> None:
        desk = Desk(silent)
        await desk.channel.connect(Millis(1_000))
        for _ in range(UNMATCHED_MAX + 5):
            desk.far_end.say(FOREIGN)
        assert isinstance(await desk.exchange(), Silent)
        assert desk.unmatched == [FOREIGN] * UNMATCHED_MAX
        assert desk.clock.elapsed_ms() == 0

    run_virtually(scene())


def test_second_copy_of_an_answer_is_not_the_answer_to_the_next_question() -> None:
    async def scene() -> None:
        async def by_number(message: bytes) -> bytes:
            return message.replace(b"ask", b"answer")

        desk = Desk(by_number)
        desk.far_end.faults = LineFaults(duplicated=True)
        assert await desk.exchange() == Received(ANSWERED)
        assert await desk.exchange(b"ask 000002", b"answer 000002") == Received(b"answer 000002")
        assert desk.unmatched == [ANSWERED]
        await desk.channel.close()

    run_virtually(scene())


def test_silence_ends_the_connection_so_that_the_reversal_has_a_new_one() -> None:
    async def scene() -> None:
        desk = Desk(good)
        desk.far_end.faults = LineFaults(half_open=True)
        assert isinstance(await desk.exchange(), Silent)
        desk.far_end.faults = LineFaults()
        assert await desk.exchange() == Received(ANSWERED)
        assert desk.far_end.connections == 2
        await desk.channel.close()

    run_virtually(scene())


def test_time_of_day_that_jumps_changes_no_deadline() -> None:
    async def scene() -> None:
        desk = Desk(silent)
        asking = asyncio.create_task(desk.exchange())
        await desk.clock.sleep(Millis(1_000))
        desk.clock.shift(-desk.clock.now().utcoffset() * 1000)  # type: ignore[operator]
        assert isinstance(await asking, Silent)
        assert desk.clock.elapsed_ms() == TIMEOUTS.answer_ms

    run_virtually(scene())


def test_received_message_does_not_print_itself() -> None:
    assert "6224" not in repr(Received(b"6224242900000113"))


@given(faults=line_faults, foreign=st.lists(st.binary(min_size=1, max_size=20), max_size=4), seed=st.integers(0, 99))
@settings(deadline=None)
def test_exchange_over_any_line_ends_in_time_and_tells_the_truth(
    faults: LineFaults, foreign: list[bytes], seed: int
) -> None:
    async def scene() -> None:
        desk = Desk(good)
        desk.far_end.faults = faults
        asking = asyncio.create_task(desk.exchange())
        for message in foreign:
            await desk.clock.sleep(Millis(7_000))
            desk.far_end.say(message)
        ending = await asking
        assert desk.clock.elapsed_ms() <= TIMEOUTS.connect_ms + TIMEOUTS.answer_ms
        match ending:
            case NotSent():
                assert (desk.noted, desk.heard) == ([], [])
            case Silent():
                assert desk.noted == [0]
            case Received(frame):
                assert frame == ANSWERED
                assert desk.noted == [0]
        assert ANSWERED not in desk.unmatched
        await desk.channel.close()

    run_virtually(scene(), seed)
