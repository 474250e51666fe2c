"""What `firmware.hal.StripeReader` says a stripe reader must do, asked of every reader that there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.bench.card_readers import BenchStripeReader
from drivers.bench.wire import StripeRead
from firmware.hal import StripeReader, StripeSwiped
from tests.contract.bench_wiring import Events, Outside, settled
from tests.virtual_time import run_virtually

TRACK2 = "6210948000000004=49122010000000000"
Swipe = Callable[[str | None], None]
Build = Callable[[], tuple[StripeReader, Swipe]]


def bench() -> tuple[StripeReader, Swipe]:
    outside = Outside()
    return BenchStripeReader(outside.harness), lambda track2: outside.say(StripeRead(track2))


every_reader = pytest.mark.parametrize("build", [bench])


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
