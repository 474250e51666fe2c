"""Time and chance from the operating system."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import datetime, tzinfo

from drivers.place import Options, Place
from firmware.units import Millis


class SystemClock:
    """The hal's Clock on the system's clocks, with the time zone of the shop."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def now(self) -> datetime:
        """The time of day in the shop's zone."""
        return datetime.now(self._zone)

    def elapsed_ms(self) -> Millis:
        """Milliseconds on the monotonic clock."""
        return Millis(time.monotonic_ns() // 1_000_000)

    async def sleep(self, duration_ms: Millis) -> None:
        """Let `duration_ms` pass."""
        await asyncio.sleep(duration_ms / 1000)


class SystemEntropy:
    """The hal's Entropy on the kernel's generator."""

    def bytes(self, count: int) -> bytes:
        """Return `count` bytes of getrandom(2)."""
        assert 1 <= count <= 1024, count
        return os.urandom(count)


def stopwatch_ns() -> int:
    """Nanoseconds on the monotonic clock, for whoever measures what takes less than a millisecond."""
    return time.monotonic_ns()


def clock(options: Options, place: Place) -> SystemClock:
    """The clock that a board asks for. Raises: ConfigError."""
    place.take_nothing("clock", options)
    return SystemClock(place.site.zone)


def entropy(options: Options, place: Place) -> SystemEntropy:
    """The randomness that a board asks for. Raises: ConfigError."""
    place.take_nothing("entropy", options)
    return SystemEntropy()
