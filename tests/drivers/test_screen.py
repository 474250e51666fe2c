"""A screen behind a thread: the newest frame wins, ten a second at most, and what failed comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event

import pytest

from drivers.screen import CLOSE_S, PACE_S, RETRY_S, SET_UP_AGAIN_S, Screen
from firmware.hal.errors import DeviceMissing, DisplayFailed
from firmware.surfaces import Entry, EntryKind, Frame
from tests.virtual_time import run_virtually


class GlassOnPaper:
    """Writes down what is done to it, and when; fails while it is told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.times: list[float] = []
        self.failing: Exception | None = None
        self.connections = 0

    def connect(self) -> GlassOnPaper:
        self._maybe_fail()
        self.connections += 1
        return self

    def set_up(self) -> None:
        self._maybe_fail()
        self.done.append("set up")

    def draw(self, frame: Frame) -> None:
        self._maybe_fail()
        self.done.append(frame.title)
        self.times.append(asyncio.get_event_loop().time())

    def close(self) -> None:
        self.done.append("closed")
        self._maybe_fail()

    def _maybe_fail(self) -> None:
        if self.failing is not None:
            raise self.failing


def titled(number: object) -> Frame:
    return Frame("page", str(number))


def typed(text: str) -> Frame:
    return Frame("amount", text, entry=Entry(text, EntryKind.AMOUNT))


def played(scene: Callable[[Screen, GlassOnPaper], object]) -> GlassOnPaper:
    glass = GlassOnPaper()

    async def whole() -> None:
        screen = Screen(glass.connect, 20, chinese=False)
        await scene(screen, glass)  # type: ignore[misc]
        await screen.close()

    run_virtually(whole())
    return glass


def test_frame_is_drawn_upon_a_screen_that_is_set_up() -> None:
    async def scene(screen: Screen, _glass: GlassOnPaper) -> None:
        screen.show(titled(1))

    assert played(scene).done == ["set up", "1", "closed"]


def test_frames_faster_than_the_pace_are_dropped_but_for_the_newest() -> None:
    async def scene(screen: Screen, _glass: GlassOnPaper) -> None:
        for number in range(50):
            screen.show(titled(number))
            await asyncio.sleep(PACE_S / 10)

    glass = played(scene)
    assert glass.done[-2] == "49"
    assert 5 <= len(glass.times) <= 7
    assert all(later - sooner >= PACE_S * 0.99 for sooner, later in zip(glass.times, glass.times[1:], strict=False))


def test_what_is_typed_is_echoed_at_once_however_fast() -> None:
    async def scene(screen: Screen, _glass: GlassOnPaper) -> None:
        for number in range(10):
            screen.show(typed(str(number)))
            await asyncio.sleep(PACE_S / 10)

    assert played(scene).done == ["set up", *map(str, range(10)), "closed"]


def test_same_frame_again_is_not_drawn() -> None:
    async def scene(screen: Screen, _glass: GlassOnPaper) -> None:
        for _ in range(3):
            screen.show(titled(1))
            await asyncio.sleep(1)

    assert played(scene).done == ["set up", "1", "closed"]


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), DeviceMissing("no pins")])
def test_failure_is_told_once_and_the_newest_frame_shown_when_the_screen_is_back(error: Exception) -> None:
    async def scene(screen: Screen, glass: GlassOnPaper) -> None:
        screen.show(titled(1))
        await asyncio.sleep(1)
        glass.failing = error
        screen.show(titled(2))
        await asyncio.sleep(1)
        with pytest.raises(DisplayFailed, match="display: "):
            screen.show(titled(3))
        screen.show(titled(4))
        await asyncio.sleep(10)
        screen.show(titled(5))
        await asyncio.sleep(10)
        seen = [screen.failed]
        glass.failing = None
        await asyncio.sleep(2 * RETRY_S)
        seen.append(screen.failed)
        assert seen == [True, False]
        assert glass.done == ["set up", "1", "closed", "set up", "5"]

    assert played(scene).connections == 2


def test_second_failure_is_told_again() -> None:
    told = []

    async def scene(screen: Screen, glass: GlassOnPaper) -> None:
        for number in range(2):
            glass.failing = OSError(19, "No such device")
            screen.show(titled(f"{number} lost"))
            await asyncio.sleep(1)
            with pytest.raises(DisplayFailed) as error:
                screen.show(titled(f"{number} missed"))
            told.append(error.value)
            glass.failing = None
            await asyncio.sleep(2 * RETRY_S)

    assert played(scene).done == ["set up", "0 missed", "closed", "set up", "1 missed", "closed"]
    assert len(set(told)) == 2


def test_screen_that_is_not_there_at_first_is_found_later() -> None:
    async def scene(screen: Screen, glass: GlassOnPaper) -> None:
        glass.failing = DisplayFailed("no such file")
        screen.show(titled(1))
        await asyncio.sleep(30)
        glass.failing = None
        await asyncio.sleep(RETRY_S)

    assert played(scene).done == ["set up", "1", "closed"]


def test_frame_after_a_minute_is_drawn_upon_a_screen_set_up_anew() -> None:
    async def scene(screen: Screen, _glass: GlassOnPaper) -> None:
        for number in range(3):
            screen.show(titled(number))
            await asyncio.sleep(0.6 * SET_UP_AGAIN_S)

    assert played(scene).done == ["set up", "0", "1", "set up", "2", "closed"]


def test_screen_at_rest_wakes_nobody() -> None:
    async def whole() -> None:
        screen = Screen(GlassOnPaper().connect, 20, chinese=False)
        screen.show(titled(1))
        await asyncio.get_running_loop().create_future()

    with pytest.raises(AssertionError, match="nothing is scheduled"):
        run_virtually(whole())


def test_mistake_of_the_program_is_not_hidden() -> None:
    async def scene(screen: Screen, glass: GlassOnPaper) -> None:
        glass.failing = AssertionError("a bug")
        screen.show(titled(1))
        await asyncio.sleep(1)
        with pytest.raises(AssertionError, match="a bug"):
            screen.show(titled(2))
        glass.failing = None

    assert played(scene).done == []


def test_close_of_a_failing_screen_ends_in_bounded_time() -> None:
    async def whole() -> float:
        glass = GlassOnPaper()
        glass.failing = OSError(5, "Input/output error")
        screen = Screen(glass.connect, 20, chinese=False)
        screen.show(titled(1))
        await screen.close()
        await screen.close()
        return asyncio.get_running_loop().time()

    assert run_virtually(whole()) <= 2 * CLOSE_S


class HeldGlass(GlassOnPaper):
    """Draws only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = Event()

    def draw(self, frame: Frame) -> None:
        self.let.wait(5)
        self.done.append(frame.title)


def test_loop_goes_on_while_the_wire_is_slow() -> None:
    async def whole() -> list[str]:
        glass = HeldGlass()
        screen = Screen(glass.connect, 20, chinese=False)
        for number in range(3):
            screen.show(titled(number))
            await asyncio.sleep(0)
        assert "0" not in glass.done
        glass.let.set()
        await screen.close()
        return glass.done

    assert asyncio.run(whole())[-2:] == ["2", "closed"]
