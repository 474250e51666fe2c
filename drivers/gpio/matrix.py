"""Which keys of a matrix are down, judged from what its scans see. Pure: no pin, no clock, no loop.

Owned here: a press counts once, when enough scans in a row have seen it; what may be a ghost does not count; and while
a PIN is typed, only a key that is down alone does. Without diodes, three keys on the corners of a rectangle let the
fourth corner seem down too; with two keys down, nothing can be mistaken.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from typing import Final

Place = tuple[int, int]
"""A key's place: row and column, from 0."""
SCANS: Final = 2
"""So many scans in a row must agree before a key has gone down or up."""
STUCK_MS: Final = 10_000
"""A key that is down for so long is not under a finger."""


def may_hold_ghosts(seen: AbstractSet[Place]) -> bool:
    """Whether one of the keys that seem down may be up: all four corners of some rectangle are seen."""
    rows: dict[int, set[int]] = {}
    for row, column in seen:
        rows.setdefault(row, set()).add(column)
    return any(len(one & other) >= 2 for one, other in combinations(rows.values(), 2))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one scan has changed: `pressed` keys that went down, in the order of their places; `stuck` newly stuck ones.

    `quiet` tells that every key is up, or stuck: nothing is under way.
    """

    pressed: tuple[Place, ...] = ()
    stuck: tuple[Place, ...] = ()
    quiet: bool = True


class Judge:
    """Judges scan after scan."""

    def __init__(self) -> None:
        self._down: dict[Place, int] = {}
        self._stuck: set[Place] = set()
        self._differing: dict[Place, int] = {}
        self._locked = False

    @property
    def stuck(self) -> AbstractSet[Place]:
        """The keys that are down for too long to be under a finger."""
        return frozenset(self._stuck)

    def lock(self) -> None:
        """Count no press until every key is up again, whatever is under way."""
        self._locked = True

    def judge(self, seen: AbstractSet[Place], now_ms: int, *, alone: bool = False) -> Judgement:
        """Judge what one scan has seen at `now_ms`, milliseconds that never go back.

        With `alone` a key counts only where no other is down, and after two were, none until all are up.
        """
        doubtful = may_hold_ghosts(seen)
        pressed = []
        for place in sorted(seen | self._down.keys() | self._differing.keys()):
            down = place in seen
            if down == (place in self._down) or (down and doubtful):
                self._differing.pop(place, None)
                continue
            self._differing[place] = self._differing.get(place, 0) + 1
            if self._differing[place] < SCANS:
                continue
            del self._differing[place]
            if down:
                self._down[place] = now_ms
                pressed.append(place)
            else:
                del self._down[place]
                self._stuck.discard(place)
        stuck = self._newly_stuck(self._down, now_ms)
        free = self._down.keys() - self._stuck
        if alone and len(free) > 1:
            self._locked = True
        counted = () if self._locked else tuple(pressed)
        quiet = not free and not self._differing
        if quiet:
            self._locked = False
        return Judgement(counted, stuck, quiet)

    def _newly_stuck(self, down: Mapping[Place, int], now_ms: int) -> tuple[Place, ...]:
        stuck = tuple(
            place for place, since in sorted(down.items()) if now_ms - since >= STUCK_MS and place not in self._stuck
        )
        self._stuck.update(stuck)
        return stuck
