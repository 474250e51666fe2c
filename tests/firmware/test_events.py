"""The event queue keeps order, has a size, and tells the person and the driver."""

from __future__ import annotations

import asyncio

import pytest

from firmware.events import EVENTS_MAX, EventQueue, NothingHappened
from firmware.hal import Beep, CardInserted, Key, KeyPressed, KeysStuck, TamperDetected
from firmware.units import Millis
from tests.firmware.panel import HeardPanel
from tests.virtual_time import VirtualClock, run_virtually

ONE, TWO = KeyPressed(Key.D1), KeyPressed(Key.D2)


def test_take_gives_events_in_their_order_and_tells_each_taken_once() -> None:
    async def main() -> None:
        taken: list[str] = []
        queue = EventQueue(HeardPanel())
        assert queue.post(ONE, lambda: taken.append("one"))
        assert queue.post(TWO, lambda: taken.append("two"))
        assert taken == []
        assert await queue.take(Millis(1)) == ONE
        assert taken == ["one"]
        assert await queue.take(Millis(1)) == TWO
        assert taken == ["one", "two"]

    run_virtually(main())


def test_take_nothing_posted_ends_after_its_time() -> None:
    async def main() -> int:
        clock = VirtualClock()
        with pytest.raises(NothingHappened):
            await EventQueue(HeardPanel()).take(Millis(60_000))
        return clock.elapsed_ms()

    assert run_virtually(main()) == 60_000


def test_post_to_a_full_queue_is_refused_and_sounds_an_error() -> None:
    async def main() -> None:
        panel = HeardPanel()
        queue = EventQueue(panel)
        assert all(queue.post(ONE) for _ in range(EVENTS_MAX))
        assert panel.heard == []
        assert not queue.post(TWO)
        assert panel.heard == [Beep.ERROR]
        assert [await queue.take(Millis(1)) for _ in range(EVENTS_MAX)] == [ONE] * EVENTS_MAX

    run_virtually(main())


def test_tamper_is_taken_first_even_where_the_queue_is_full() -> None:
    async def main() -> None:
        queue = EventQueue(HeardPanel())
        assert all(queue.post(ONE) for _ in range(EVENTS_MAX))
        assert queue.post(TamperDetected())
        assert await queue.take(Millis(1)) == TamperDetected()
        assert await queue.take(Millis(1)) == TamperDetected()

    run_virtually(main())


def test_discard_keys_tells_them_taken_and_may_keep_digits() -> None:
    async def main() -> None:
        taken: list[str] = []
        queue = EventQueue(HeardPanel())
        queue.post(KeyPressed(Key.ENTER), lambda: taken.append("enter"))
        queue.post(ONE, lambda: taken.append("one"))
        queue.discard_keys(keep_digits=True)
        assert taken == ["enter"]
        queue.post(CardInserted("slot"))
        queue.discard_keys()
        assert taken == ["enter", "one"]
        assert await queue.take(Millis(1)) == CardInserted("slot")

    run_virtually(main())


def test_put_back_is_taken_first_and_not_told_again() -> None:
    async def main() -> None:
        taken: list[str] = []
        queue = EventQueue(HeardPanel())
        queue.post(ONE, lambda: taken.append("one"))
        queue.post(TWO)
        queue.put_back(await queue.take(Millis(1)))
        assert await queue.take(Millis(1)) == ONE
        assert await queue.take(Millis(1)) == TWO
        assert taken == ["one"]

    run_virtually(main())


def test_take_tells_the_panel_only_while_it_waits() -> None:
    async def main() -> None:
        panel = HeardPanel()
        queue = EventQueue(panel)
        queue.post(ONE)
        await queue.take(Millis(1))
        assert panel.attended == []
        with pytest.raises(NothingHappened):
            await queue.take(Millis(1))
        assert panel.attended == [True, False]

    run_virtually(main())


def test_cancel_that_waits_is_seen_and_not_taken() -> None:
    async def main() -> None:
        queue = EventQueue(HeardPanel())
        queue.post(ONE)
        waits = [queue.cancel_waits]
        queue.post(KeyPressed(Key.CANCEL))
        waits.append(queue.cancel_waits)
        queue.discard_keys()
        waits.append(queue.cancel_waits)
        assert waits == [False, True, False]

    run_virtually(main())


def test_opened_waits_for_the_enclosure_and_leaves_the_event_to_the_flow() -> None:
    async def main() -> None:
        queue = EventQueue(HeardPanel())
        opened = asyncio.ensure_future(queue.opened())
        assert queue.post(ONE)
        await VirtualClock().sleep(Millis(1_000))
        assert not opened.done()
        assert queue.post(TamperDetected())
        await opened
        assert await queue.take(Millis(1)) == TamperDetected()

    run_virtually(main())


def test_stuck_keys_are_a_state_that_no_flow_takes_and_only_idle_waits_for() -> None:
    async def main() -> None:
        queue = EventQueue(HeardPanel())
        asyncio.get_running_loop().call_later(1, queue.post, KeysStuck(frozenset({Key.D5})))
        asyncio.get_running_loop().call_later(3, queue.post, KeysStuck(frozenset()))
        clock = VirtualClock()
        with pytest.raises(NothingHappened):
            await queue.take(Millis(2_000))
        assert (clock.elapsed_ms(), set(queue.stuck_keys)) == (2_000, {Key.D5})
        with pytest.raises(NothingHappened):
            await queue.take(Millis(60_000), until_news=True)
        assert (clock.elapsed_ms(), set(queue.stuck_keys)) == (3_000, set())

    run_virtually(main())
