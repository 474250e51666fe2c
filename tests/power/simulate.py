"""`python -m tests.power.simulate`: run the simulation over many seeds, or replay one.

Prints what was reached in all; ends with status 1 where a seed broke a promise, naming the command that replays it, or
where something that should happen sometimes never did.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from multiprocessing import Pool
from typing import Final

from firmware.log import configure
from tests.power.simulation import simulate

SOMETIMES: Final = (
    "fault.power",
    "fault.clock",
    "fault.fingers",
    "fault.silence",
    "fault.FullError",
    "fault.IOError",
    "fault.printer.paper_out",
    "fault.printer.cover",
    "fault.printer.offline",
    "fault.printer.near_end",
    "gave_up.StorageFailed",
    "phase.done",
    "phase.abandoned",
    "screen.approved",
    "screen.voided",
    "screen.offer_receipt",
    "screen.power_failed",
    "screen.storage_full",
    "screen.storage_failed",
    "screen.printer_out_of_paper",
    "screen.printer_cover_open",
    "screen.printer_offline",
    "screen.already_voided",
)
"""What some seed must reach, or the simulation has stopped testing it."""


ENOUGH: Final = 100
"""So many seeds reach all of it; a run of fewer does not complain of what it missed."""


class _Nowhere(io.TextIOBase):
    """Takes the log of thousands of days and keeps none of it."""

    def write(self, text: str) -> int:
        return len(text)


def run_seed(seed: int) -> tuple[int, Counter[str], str]:
    """Run one seed quietly: the seed, what it reached, and the traceback of its failure or an empty text."""
    configure(service=True, stream=_Nowhere())
    try:
        report = simulate(seed)
    except BaseException:  # noqa: BLE001 - whatever went wrong is the finding
        return seed, Counter(), traceback.format_exc()
    return seed, report.reached + Counter(sales=report.sales), ""


def never(reached: Counter[str]) -> list[str]:
    """What should happen sometimes and did not."""
    return [name for name in SOMETIMES if not reached[name]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="replay this one seed, with its log")
    args = parser.parse_args(arguments)
    if args.seed is not None:
        simulate(args.seed)
        return 0
    began = time.monotonic()
    reached: Counter[str] = Counter()
    failures = 0
    with Pool() as pool:
        for seed, counts, failure in pool.imap_unordered(run_seed, range(args.first, args.first + args.seeds), 8):
            reached += counts
            if failure:
                failures += 1
                sys.stdout.write(f"seed {seed} failed\n{failure}\n")
    for name in sorted(reached):
        sys.stdout.write(f"{reached[name]:>10}  {name}\n")
    missing = never(reached) if args.seeds >= ENOUGH else []
    for name in missing:
        sys.stdout.write(f"never reached: {name}\n")
    took_s = time.monotonic() - began
    sys.stdout.write(f"{args.seeds} seeds, {reached['sales']} sales, {failures} failures, {took_s:.0f} s\n")
    return 1 if failures or missing else 0


if __name__ == "__main__":
    sys.exit(main())
