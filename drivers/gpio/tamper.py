"""The enclosure's switch on a pin: closed to ground as long as the enclosure is shut, its pin pulled up.

So an opened enclosure, a loose plug and a cut wire all look the same. The switch is watched by its edges; an edge that
was lost is made good by `glance`, when the watchdog is fed: that costs no wake-up of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

from drivers.gpio.library import GpioLibrary, vendor_errors
from drivers.gpio.switch import LOOKS, LOOKS_MAX, SwitchJudge

LOOK_S: Final = 0.005
"""The time between two looks at a switch that moves."""
START_LOOK_S: Final = 0.001
"""The time between two looks at the start, which waits for them."""


class TamperSwitch:
    """Calls `opened` once, in the loop; `failed` when the pin can no longer be read."""

    def __init__(self, library: GpioLibrary, pin: int, failed: Callable[[Exception], None]) -> None:
        self._library = library
        self._pin = pin
        self._failed = failed
        self._opened: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        library.setup(pin, library.IN, pull_up_down=library.PUD_UP)

    def start(self, opened: Callable[[], None]) -> None:
        """Begin to watch; calls `opened` at once where it is open already. Raises: `vendor_errors`."""
        self._opened = opened
        self._loop = asyncio.get_running_loop()
        self._library.add_event_detect(self._pin, self._library.BOTH, callback=self._heard)
        if self._open_at_start():
            self._tell()

    def glance(self) -> None:
        """Look once, and more closely where the switch seems to be open."""
        if self._opened is None:
            return
        try:
            seen_open = self._seen_open()
        except vendor_errors() as error:
            self._failed(error)
            return
        if seen_open:
            self._look()

    def _look(self) -> None:
        """Look until it is sure, unless that is under way or told already."""
        if self._opened is not None and self._looking is None:
            self._looking = asyncio.ensure_future(self._look_until_sure())

    async def close(self) -> None:
        """Watch no more; the pin is the panel's to let go of."""
        self._opened = None
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        with contextlib.suppress(*vendor_errors()):
            self._library.remove_event_detect(self._pin)

    def _heard(self, _pin: int) -> None:
        """Look from the loop; called by the library in a thread of its own."""
        assert self._loop is not None, "an edge was heard before the start"
        with contextlib.suppress(RuntimeError):  # The loop is closed: the process is ending.
            self._loop.call_soon_threadsafe(self._look)

    async def _look_until_sure(self) -> None:
        judge = SwitchJudge()
        try:
            for _ in range(LOOKS_MAX):
                judged = judge.judge(seen_open=self._seen_open())
                if judged is not None:
                    break
                await asyncio.sleep(LOOK_S)
        except vendor_errors() as error:
            self._failed(error)
            return
        self._looking = None
        if judged:
            self._tell()

    def _open_at_start(self) -> bool:
        """Whether the enclosure is open already; waits for a few milliseconds where it seems to be."""
        for _ in range(LOOKS):
            if not self._seen_open():
                return False
            time.sleep(START_LOOK_S)
        return True

    def _seen_open(self) -> bool:
        return self._library.input(self._pin) == self._library.HIGH

    def _tell(self) -> None:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            opened()
