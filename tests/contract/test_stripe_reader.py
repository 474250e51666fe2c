"""What `firmware.hal.StripeReader` says a stripe reader must do, asked of every reader that there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.bench.card_readers import BenchStripeReader
from drivers.bench.wire import StripeRead
from drivers.hid.typing import Typist
from drivers.stripe.reader import LineStripeReader
from firmware.hal import StripeReader, StripeSwiped
from tests.contract.bench_wiring import Events, Outside, settled
from tests.drivers.hid.test_typing import typed
from tests.hil.simulators.socket_line import SocketLine
from tests.virtual_time import run_virtually

TRACK2 = "6210948000000004=49122010000000000"
Swipe = Callable[[str | None], None]
Build = Callable[[], tuple[StripeReader, Swipe]]


def bench() -> tuple[StripeReader, Swipe]:
    outside = Outside()
    return BenchStripeReader(outside.harness), lambda track2: outside.say(StripeRead(track2))


def serial() -> tuple[StripeReader, Swipe]:
    line = SocketLine()
    return LineStripeReader(line.open), lambda track2: line.say(sent(track2).encode())


def hid() -> tuple[StripeReader, Swipe]:
    line, typist = SocketLine(), Typist()
    return LineStripeReader(line.open, typist.feed, typist.forget), lambda track2: line.say(typed(sent(track2)))


def sent(track2: str | None) -> str:
    """What a reader sends for a swipe, and for one that it could not read."""
    return ";E?\r" if track2 is None else f";{track2}?\r"


every_reader = pytest.mark.parametrize("build", [bench, serial, hid])


def tracks(events: Events) -> list[str | None]:
    """The clear tracks of the swipes that were posted."""
    swipes = [event for event in events.posted if isinstance(event, StripeSwiped)]
    assert len(swipes) == len(events.posted)
    return [None if swipe.track2 is None else swipe.track2.reveal() for swipe in swipes]


@every_reader
def test_every_swipe_is_posted_once_and_one_that_is_unreadable_without_a_track(build: Build) -> None:
    async def scene() -> None:
        reader, swipe = build()
        events = Events()
        reader.start(events)
        await settled()
        for track2 in (TRACK2, None, TRACK2):
            swipe(track2)
        await settled()
        assert tracks(events) == [TRACK2, None, TRACK2]
        assert TRACK2[:16] not in repr(events.posted)
        await reader.close()

    run_virtually(scene())


@every_reader
def test_swipe_after_close_is_not_posted(build: Build) -> None:
    async def scene() -> None:
        reader, swipe = build()
        events = Events()
        reader.start(events)
        await reader.close()
        await reader.close()
        swipe(TRACK2)
        await settled()
        assert events.posted == []

    run_virtually(scene())


def test_bench_swipe_before_the_start_is_gone() -> None:
    async def scene() -> None:
        reader, swipe = bench()
        swipe(TRACK2)
        await settled()
        events = Events()
        reader.start(events)
        await settled()
        assert events.posted == []

    run_virtually(scene())


def test_reader_unplugged_in_a_swipe_could_not_read_it_and_is_found_again() -> None:
    async def scene() -> None:
        line = SocketLine()
        reader, events = LineStripeReader(line.open), Events()
        reader.start(events)
        await settled()
        line.say(f";{TRACK2[:9]}".encode())
        await settled()
        line.unplug()
        for _ in range(60):
            await settled()
        line.plug()
        for _ in range(60):
            await settled()
        line.say(f";{TRACK2}?\r".encode())
        await settled()
        line.say(f";{TRACK2[:9]}".encode())
        for _ in range(20):
            await settled()
        assert tracks(events) == [None, TRACK2, None]
        await reader.close()
        line.hang_up()

    run_virtually(scene())
