"""What `firmware.hal.Display` says a display must do, asked of every display that there is."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.devices import BenchDisplay
from drivers.bench.wire import FrameShown
from firmware.hal import Display
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey, Tone
from tests.contract.bench_wiring import Outside, settled
from tests.panels.wired import WIRED
from tests.virtual_time import run_virtually

Shows = Callable[[Frame], bool]
"""Whether the display shows this frame, as far as it can show it at all."""


def bench() -> tuple[Display, Shows]:
    outside = Outside()

    def shows(frame: Frame) -> bool:
        frames = [message.frame for message in outside.heard if isinstance(message, FrameShown)]
        return bool(frames) and frames[-1] == frame

    return BenchDisplay(outside.harness, 37, chinese=True), shows


def real(name: str) -> tuple[Display, Shows]:
    wired = WIRED[name]()
    return wired.screen, wired.shows


every_display = pytest.mark.parametrize(
    "build", [bench, *(partial(real, name) for name in WIRED)], ids=["bench", *WIRED]
)
Build = Callable[[], tuple[Display, Shows]]

texts = st.text(max_size=80).filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text))
frames = st.builds(
    Frame,
    text_id=st.text("abc_", min_size=1, max_size=20),
    title=texts,
    lines=st.lists(st.builds(Line, texts, st.sampled_from(Align), st.booleans(), st.booleans()), max_size=12).map(
        tuple
    ),
    entry=st.none() | st.builds(Entry, texts, st.sampled_from(EntryKind)),
    soft_keys=st.lists(st.builds(SoftKey, st.sampled_from(["F1", "F2"]), texts), max_size=4).map(tuple),
    tone=st.sampled_from(Tone),
    clock=st.sampled_from(["", "09:26"]),
)


@every_display
def test_display_asked_for_its_size_answers(build: Build) -> None:
    async def scene() -> None:
        display, _shows = build()
        assert 8 <= display.columns <= 80
        assert display.chinese in {True, False}
        assert not display.failed
        await display.close()

    run_virtually(scene())


@every_display
@settings(max_examples=30)
@given(frame=frames)
def test_any_frame_shown_is_seen(build: Build, frame: Frame) -> None:
    async def scene() -> None:
        display, shows = build()
        display.show(frame)
        await settled()
        assert shows(frame)
        await display.close()

    run_virtually(scene())


@every_display
def test_frames_shown_fast_leave_the_newest_within_5_ms_each(build: Build) -> None:
    async def scene() -> None:
        display, shows = build()
        frame = Frame("count", "数", tuple(Line(f"第{number}行") for number in range(8)))
        display.show(frame)
        slowest = 0.0
        for number in range(50):
            start = time.process_time()
            display.show(Frame("count", f"{number}", frame.lines))
            slowest = max(slowest, time.process_time() - start)
        await settled()
        assert shows(Frame("count", "49", frame.lines))
        assert slowest < 0.005
        await display.close()

    run_virtually(scene())


@every_display
def test_display_closed_keeps_its_last_frame_and_may_be_closed_again(build: Build) -> None:
    async def scene() -> None:
        display, shows = build()
        display.show(Frame("bye", "Bye 再见"))
        await display.close()
        await display.close()
        await settled()
        assert shows(Frame("bye", "Bye 再见"))

    run_virtually(scene())
