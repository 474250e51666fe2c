"""The acquirer at the far end of a line in memory: for tests and for simulations on virtual time.

It is the outside world: it lives on when the terminal loses its power, and each new start of a terminal asks it for a
new channel.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from drivers.bench.acquirer.books import Books
from drivers.bench.acquirer.faults import Fault
from drivers.bench.acquirer.host import Host
from drivers.bench.acquirer.playing import play
from drivers.bench.host_link import FarEnd, LineFaults, SimulatedChannel
from firmware.host.profile import AcquirerProfile

PARAMS: Final = Path(__file__).parents[3] / "board" / "params"


class InMemoryAcquirer:
    """A host, and the line to it."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.far_end = FarEnd(self)

    @classmethod
    def open(
        cls,
        *,
        params: Path = PARAMS,
        seed: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        books: Books | None = None,
        profile: AcquirerProfile | None = None,
    ) -> InMemoryAcquirer:
        """An acquirer with new books; the same `seed` gives the same keys. `now` is the time that it writes down."""
        chance = random.Random(seed)  # noqa: S311 - keys of a test that repeats itself
        return cls(Host(params, books=books, profile=profile, now=now, chance=chance.randbytes))

    @property
    def books(self) -> Books:
        """What the acquirer believes happened."""
        return self.host.books

    def channel(self) -> SimulatedChannel:
        """A new terminal's end of the line."""
        return SimulatedChannel(self.far_end)

    def add_fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.host.faults.add(fault)

    def mend(self) -> None:
        """Let everything go well again, on the line too."""
        self.host.faults.clear()
        self.far_end.faults = LineFaults()

    async def __call__(self, frame: bytes) -> bytes | None:
        """Answer a message as the faults have it."""
        return await play(self.host, frame, self)

    async def wait(self, milliseconds: int) -> None:
        """Let time pass on the event loop's clock."""
        await asyncio.sleep(milliseconds / 1000)

    def hang_up(self) -> None:
        """End the connection."""
        self.far_end.hang_up()

    def go_deaf(self) -> None:
        """Hear and say nothing more, until mended."""
        self.far_end.faults = LineFaults(half_open=True)

    def say(self, message: bytes) -> None:
        """Send a message beside the answer."""
        self.far_end.say(message)
