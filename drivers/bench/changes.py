"""What has happened in the world, in order: every change has a number, and those who watch can catch up.

The history is bounded. Who has fallen behind it starts again from a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HISTORY_MAX: Final = 512
"""How many changes are kept for those who catch up."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `name` says of what (`screen`, `lights`, ...), `data` holds the new parts of the snapshot, as JSON.

    What happens and is over, such as a beep or a key, is a change too, though no snapshot holds it.
    """

    seq: int
    name: str
    data: Mapping[str, object]


class Changes:
    """The history of changes, and the signal that there is a new one."""

    def __init__(self) -> None:
        self._history: deque[Change] = deque(maxlen=HISTORY_MAX)
        self._seq = 0
        self._signal = asyncio.Event()

    @property
    def seq(self) -> int:
        """The number of the newest change; 0 before the first."""
        return self._seq

    def publish(self, name: str, data: Mapping[str, object]) -> None:
        """Add a change and wake everybody who waits for one."""
        self._seq += 1
        self._history.append(Change(self._seq, name, data))
        signal, self._signal = self._signal, asyncio.Event()
        signal.set()

    def after(self, seq: int) -> list[Change] | None:
        """The changes that follow number `seq`; None where they are no longer all known, or `seq` never was."""
        if not self._seq - len(self._history) <= seq <= self._seq:
            return None
        return [change for change in self._history if change.seq > seq]

    async def newer(self, seq: int) -> None:
        """Wait until there is a change after number `seq`; the caller sets the time-out."""
        while self._seq <= seq:
            await self._signal.wait()
