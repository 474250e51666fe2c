"""Gauges that are read off the loop when somebody asks, for a sensor may take a second; nothing is read at rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from firmware.hal import Readings

FRESH_S: Final = 5.0
"""Readings that are younger are not taken again."""
STALE_S: Final = 120.0
"""Readings that are older say nothing any more: the sensor hangs, or nobody has asked."""


class KernelGauges:
    """The hal's Gauges: `look` takes readings, and may block; it is called in a thread, one call at a time.

    Who asks after a long silence asks twice: the first time the readings are stale, and new ones are begun.
    """

    def __init__(self, look: Callable[[], Readings], fresh_s: float = FRESH_S) -> None:
        self._look = look
        self._fresh_s = fresh_s
        self._readings = Readings()
        self._taken_s: float | None = None
        self._looking: asyncio.Future[Readings] | None = None

    def read(self) -> Readings:
        """Return the newest readings, none where they are stale; new ones are on their way where they are not fresh."""
        loop = asyncio.get_running_loop()
        age_s = None if self._taken_s is None else loop.time() - self._taken_s
        if self._looking is None and (age_s is None or age_s >= self._fresh_s):
            self._looking = loop.run_in_executor(None, self._look)
            self._looking.add_done_callback(self._taken)
        return self._readings if age_s is not None and age_s <= STALE_S else Readings()

    def _taken(self, looking: asyncio.Future[Readings]) -> None:
        self._looking = None
        if not looking.cancelled():
            self._readings = looking.result()
            self._taken_s = looking.get_loop().time()
