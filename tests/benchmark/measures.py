"""What a measurement is, how it is printed and how it is written; no time is taken here."""

from __future__ import annotations

import json
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Final

COLUMNS: Final = "{:<46} {:>12} {:>12} {:>12}   {}"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number: the median of its runs where there are several, beside its target and its peer where it has them.

    `ratio` is this number divided by the peer's, which was measured on the same machine in the same run.
    """

    name: str
    value: float
    unit: str
    runs: int = 1
    target: float | None = None
    peer: str = ""
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the peer's number this one is."""
        return self.value / self.peer_value if self.peer_value else None


def timed_ms(work: Callable[[], object], runs: int) -> list[float]:
    """Call `work` once to warm up and `runs` times to measure; return milliseconds."""
    work()
    found = []
    for _ in range(runs):
        began = perf_counter_ns()
        work()
        found.append((perf_counter_ns() - began) / 1e6)
    return found


def median(values: Sequence[float]) -> float:
    """The middle value, which one slow run does not move."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of all values do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def table(measures: Iterable[Measure]) -> str:
    """All measures as a table for people."""
    rows = [COLUMNS.format("", "median", "target", "x peer", "peer")]
    for each in measures:
        target = "" if each.target is None else f"<= {each.target:g}"
        ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
        peer = "" if each.peer_value is None else f"{each.peer}: {each.peer_value:.3g} {each.unit}"
        rows.append(COLUMNS.format(each.name, f"{each.value:.4g} {each.unit}", target, ratio, peer))
    return "\n".join(row.rstrip() for row in rows)


def report(measures: Iterable[Measure]) -> str:
    """All measures as JSON for programs, with the machine they were taken on."""
    machine = {"python": platform.python_version(), "machine": platform.machine(), "system": sys.platform}
    rows = [
        {
            "name": each.name,
            "median": each.value,
            "unit": each.unit,
            "runs": each.runs,
            "target": each.target,
            "peer": each.peer or None,
            "peer_median": each.peer_value,
            "ratio": each.ratio,
        }
        for each in measures
    ]
    return json.dumps({"machine": machine, "measures": rows}, indent=2) + "\n"
