"""What can be made to go wrong with the next answers, as values: set by tests, by the control API, or by an amount.

Owned here: the kinds of faults, what each means, and which question a fault takes. How a fault is played is up to those
who hold the wire.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

LATE_MS_MAX: Final = 600_000
TIMES_MAX: Final = 1_000_000


class FaultKind(StrEnum):
    """What goes wrong. `before` and `after` are said of the booking."""

    LATE = "late"
    """It books at once and answers late."""
    LATE_BEFORE = "late_before"
    """It books late, and answers then."""
    SILENT = "silent"
    """It books and never answers."""
    SILENT_BEFORE = "silent_before"
    """It does not hear the question."""
    DROP = "drop"
    """It books and hangs up."""
    DROP_BEFORE = "drop_before"
    """It hangs up without booking."""
    TWICE = "twice"
    """The answer comes twice."""
    GARBLE = "garble"
    """One byte in the middle of the answer is wrong."""
    CUT = "cut"
    """The answer ends in its middle."""
    WRONG_MAC = "wrong_mac"
    NO_MAC = "no_mac"
    WRONG_STAN = "wrong_stan"
    """The answer belongs to another question."""
    WRONG_AMOUNT = "wrong_amount"
    HALF_OPEN = "half_open"
    """From now on nothing is heard or said, and nobody hangs up."""
    DECLINE = "decline"
    """It declines with `code` and books nothing."""
    DEMAND = "demand"
    """The answer's header has `code` for its sixth digit."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `rows` are those of the message table that it waits for, none for any; it strikes `times` times."""

    kind: FaultKind
    rows: frozenset[str] = frozenset()
    times: int = 1
    late_ms: int = 0
    code: str = ""

    @classmethod
    def parse(cls, content: Any) -> Fault:
        """Read a fault from JSON. Raises: ValueError - it is none."""
        match content:
            case {"kind": str(kind), **rest}:
                pass
            case _:
                raise ValueError("a fault has a kind")
        rows, times, late, code = (rest.pop(key, default) for key, default in _DEFAULTS)
        if rest:
            raise ValueError(f"a fault has no {', '.join(map(str, rest))}")
        if not (isinstance(rows, list) and all(isinstance(row, str) for row in rows)):
            raise ValueError("rows is a list of names")
        if type(times) is not int or not 1 <= times <= TIMES_MAX:
            raise ValueError(f"times is a number from 1 to {TIMES_MAX}")
        if type(late) is not int or not 0 <= late <= LATE_MS_MAX:
            raise ValueError(f"late_ms is a number from 0 to {LATE_MS_MAX}")
        fault = cls(FaultKind(kind), frozenset(rows), times, late, str(code))
        wanted = {FaultKind.DECLINE: 2, FaultKind.DEMAND: 1}.get(fault.kind, 0)
        if len(fault.code) != wanted or not (fault.code.isascii() and (fault.code.isalnum() or not wanted)):
            raise ValueError("code is two characters of a decline, one digit of a demand, else nothing")
        if fault.kind is FaultKind.DEMAND and not fault.code.isdecimal():
            raise ValueError("the code of a demand is a digit")
        return fault


_DEFAULTS: Final[tuple[tuple[str, Any], ...]] = (("rows", []), ("times", 1), ("late_ms", 0), ("code", ""))


class Swarm:
    """Faults by chance, for simulations. Each swarm has some kinds only, so that rare meetings of two are met too.

    `percent` of the questions are struck, with anything that does not decide or ask by itself; what is half open is
    left to those who can mend it. The same `seed` gives the same faults.
    """

    def __init__(self, seed: int, percent: int = 20) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a simulation that repeats itself
        self._percent = percent
        self.kinds = tuple(self._chance.sample(_BY_CHANCE, self._chance.randint(1, len(_BY_CHANCE))))

    def take(self) -> Fault | None:
        """The fault that strikes the next question."""
        if self._chance.randrange(100) >= self._percent:
            return None
        kind = self._chance.choice(self.kinds)
        late_ms = self._chance.choice(_LATE_MS) if kind in (FaultKind.LATE, FaultKind.LATE_BEFORE) else 0
        return Fault(kind, late_ms=late_ms)


_BY_CHANCE: Final = tuple(
    kind for kind in FaultKind if kind not in (FaultKind.DECLINE, FaultKind.DEMAND, FaultKind.HALF_OPEN)
)
_LATE_MS: Final = (200, 5_000, 40_000, 90_000)


class Faults:
    """The faults that wait for their questions, in order; a swarm may strike where none waits."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self.swarm: Swarm | None = None

    def add(self, fault: Fault) -> None:
        """Let a fault wait behind the others."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Let everything go well."""
        self._waiting.clear()
        self.swarm = None

    @property
    def waiting(self) -> tuple[Fault, ...]:
        """Those that have not struck as often as they will."""
        return tuple(self._waiting)

    def take(self, row: str) -> Fault | None:
        """The first fault that waits for a question of `row`; one strike of it is used up."""
        for place, fault in enumerate(self._waiting):
            if not fault.rows or row in fault.rows:
                if fault.times > 1:
                    self._waiting[place] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[place]
                return fault
        return None if self.swarm is None else self.swarm.take()
