"""A screen that takes time to draw, behind a `show` that takes none: one thread draws, and the newest frame wins.

Owned here: at most ten frames a second, but what was typed is echoed at once; a screen that fails is told once and
tried again until it is back, and then shows the newest frame. Screens on a bus of wires may lose power or bits without
a word, so that every minute one frame is drawn upon a screen that is set up anew. Nothing wakes while nothing changes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from firmware.hal.errors import DeviceError, DisplayFailed
from firmware.surfaces import Frame

PACE_S: Final = 0.1
RETRY_S: Final = 1.0
SET_UP_AGAIN_S: Final = 60.0
CLOSE_S: Final = 2.0
"""How long the last frame may take when the terminal ends; a wire that hangs is left behind."""


class Glass(Protocol):
    """What frames are drawn on; called from one thread, one call at a time. Every call may raise DeviceError."""

    def set_up(self) -> None:
        """Set the screen up from whatever state it is in; what it shows is then unknown."""
        ...

    def draw(self, frame: Frame) -> None:
        """Make the screen show `frame`; send all of it after `set_up`, else what has changed."""
        ...

    def close(self) -> None:
        """Let go of the wires; what the screen shows may stay."""
        ...


class Screen:
    """The hal's Display over a `Glass`; `connect` makes one, again after each failure."""

    def __init__(self, connect: Callable[[], Glass], columns: int, *, chinese: bool) -> None:
        self._connect = connect
        self._columns = columns
        self._chinese = chinese
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="screen")
        self._glass: Glass | None = None
        self._set_up_s = 0.0
        self._newest: Frame | None = None
        self._drawn: Frame | None = None
        self._changed = asyncio.Event()
        self._rested = asyncio.Event()
        self._drawing: asyncio.Task[None] | None = None
        self._failure: DisplayFailed | None = None
        self._told = False

    @property
    def columns(self) -> int:
        """Half-width cells in a line."""
        return self._columns

    @property
    def chinese(self) -> bool:
        """Whether Chinese can be shown."""
        return self._chinese

    @property
    def failed(self) -> bool:
        """Whether the last drawing failed."""
        return self._failure is not None

    def show(self, frame: Frame) -> None:
        """Leave the frame to the thread. Raises: DisplayFailed - once for each time that the screen fails."""
        self._newest = frame
        self._changed.set()
        self._rested.clear()
        if self._drawing is None:
            self._drawing = asyncio.get_running_loop().create_task(self._draw_for_ever())
        elif self._drawing.done() and not self._drawing.cancelled():
            self._drawing.result()
        if self._failure is not None and not self._told:
            self._told = True
            raise self._failure

    async def close(self) -> None:
        """Draw the last frame where the screen works, and let go."""
        if self._drawing is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._rested.wait()
        self._drawing.cancel()
        await asyncio.wait({self._drawing})
        self._drawing = None
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await loop.run_in_executor(self._worker, self._let_go)
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _draw_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._newest is None or (self._newest == self._drawn and self._failure is None):
                self._rested.set()
                continue
            if not echoes(self._drawn, self._newest) and await self._newer_within(next_s - loop.time()):
                continue
            next_s = loop.time() + PACE_S
            frame = self._newest
            try:
                await loop.run_in_executor(self._worker, self._draw, frame, loop.time())
            except DisplayFailed as error:
                self._fail(error)
                await asyncio.sleep(RETRY_S)
                self._changed.set()
            else:
                self._drawn, self._failure, self._told = frame, None, False
                self._changed.set()

    async def _newer_within(self, wait_s: float) -> bool:
        """Wait so long; True as soon as there is a newer frame."""
        if wait_s <= 0:
            return False
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _fail(self, error: DisplayFailed) -> None:
        if self._failure is None:
            self._failure = error
        self._rested.set()

    def _draw(self, frame: Frame, now_s: float) -> None:
        """Draw in the thread. Raises: DisplayFailed; then the next drawing begins with a new connection."""
        try:
            if self._glass is None:
                self._glass = self._connect()
                self._set_up(self._glass, now_s)
            elif now_s - self._set_up_s >= SET_UP_AGAIN_S:
                self._set_up(self._glass, now_s)
            self._glass.draw(frame)
        except (DeviceError, OSError) as error:
            self._let_go()
            raise error if isinstance(error, DisplayFailed) else DisplayFailed(f"display: {error}") from error

    def _set_up(self, glass: Glass, now_s: float) -> None:
        glass.set_up()
        self._set_up_s = now_s

    def _let_go(self) -> None:
        glass, self._glass = self._glass, None
        if glass is not None:
            with contextlib.suppress(DeviceError, OSError):
                glass.close()


def echoes(before: Frame | None, now: Frame) -> bool:
    """Whether `now` only shows what was typed since `before`: a finger waits for that."""
    return before is not None and before.text_id == now.text_id and before.entry != now.entry
