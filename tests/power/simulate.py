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

from firmware.journal import Kind, Phase
from firmware.log import configure
from tests.power.books import BY_CARD
from tests.power.card_cuts import WORKLOADS, run_cut
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
    "fault.line",
    "fault.pull",
    "fault.tamper",
    "fault.acquirer.late",
    "fault.acquirer.late_before",
    "fault.acquirer.silent",
    "fault.acquirer.silent_before",
    "fault.acquirer.drop",
    "fault.acquirer.drop_before",
    "fault.acquirer.twice",
    "fault.acquirer.garble",
    "fault.acquirer.cut",
    "fault.acquirer.wrong_mac",
    "fault.acquirer.no_mac",
    "fault.acquirer.wrong_stan",
    "fault.acquirer.wrong_amount",
    "gave_up.Tampered",
    "fault.unplugged",
    *(f"phase.{phase}" for phase in Phase),
    *(f"{kind}.done" for kind in sorted(BY_CARD)),
    "storm.reversing",
    "storm.unresolved",
    "storm.notice",
    "notice.forwarded",
    "settled.by_hand",
    "settled.by_itself",
    "deed.balance",
    "deed.talk",
    "deed.look",
    "deed.settle_by_hand",
    "screen.partly_approved",
    "screen.unresolved",
    "screen.signed_on",
    "screen.line_ok",
    "screen.line_failed",
    "screen.chip_approved",
    "screen.stripe_approved",
    "screen.chip_refused",
    "screen.declined",
    "screen.enter_pin",
    "screen.insert_again",
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

RARE: Final = (
    "fault.acquirer.",
    "fault.FullError",
    "fault.IOError",
    "phase.unresolved",
    "phase.asked",
    "screen.already_voided",
    "screen.insert_again",
    "screen.line_failed",
    "screen.line_ok",
    "screen.partly_approved",
    "screen.unresolved",
    "settled.by_hand",
    "storm.",
    *(f"{kind}.done" for kind in sorted(BY_CARD - {Kind.SALE})),
)
"""The beginnings of what a few dozen seeds may miss."""

ENOUGH: Final = 200
"""So many seeds reach all of it; a run of fewer does not complain of what it missed."""


class _Nowhere(io.TextIOBase):
    """Takes the log of thousands of days and keeps none of it."""

    def write(self, text: str) -> int:
        return len(text)


def run_seed(seed: int) -> tuple[int, Counter[str], str]:
    """Run one seed quietly: the seed, what it reached, and the traceback of its failure or an empty text."""
    try:
        report = simulate(seed)
    except BaseException:  # noqa: BLE001 - whatever went wrong is the finding
        return seed, Counter(), traceback.format_exc()
    return seed, report.reached + Counter(sales=report.sales, card_sales=report.card_sales), ""


def never(reached: Counter[str]) -> list[str]:
    """What should happen sometimes and did not."""
    return [name for name in SOMETIMES if not reached[name]]


def never_of_few(reached: Counter[str]) -> list[str]:
    """As `never`, for a run of few seeds: what is rare does not count."""
    return [name for name in never(reached) if not name.startswith(RARE)]


def cut_quietly(task: tuple[str, int]) -> str:
    """Cut a card sale at one effect: the traceback of what broke, or an empty text."""
    configure(service=True, stream=_Nowhere())
    try:
        run_cut(*task)
    except BaseException:  # noqa: BLE001 - whatever went wrong is the finding
        return traceback.format_exc()
    return ""


def cut_everywhere(workloads: Sequence[str]) -> int:
    """Cut these card sales at every effect; 1 where a promise broke."""
    configure(service=True, stream=_Nowhere())
    tasks = [(name, at) for name in workloads for at in range(1, run_cut(name, None)[0] + 1)]
    failures = 0
    with Pool() as pool:
        for (name, at), failure in zip(tasks, pool.imap(cut_quietly, tasks, 8), strict=True):
            if failure:
                failures += 1
                replay = f"replay: python -m tests.power.simulate --workload {name} --at {at}"
                sys.stdout.write(f"{failure}{replay}\n")
    sys.stdout.write(f"{len(tasks)} cuts in {len(workloads)} card sales, {failures} failures\n")
    return 1 if failures else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="replay this one seed, with its log")
    parser.add_argument("--cuts", action="store_true", help="cut card sales at every effect, instead of seeds")
    parser.add_argument(
        "--workload", choices=WORKLOADS, help="one card sale: with --cuts at every effect, with --at at one"
    )
    parser.add_argument("--at", type=int, help="the effect to cut at")
    args = parser.parse_args(arguments)
    if args.cuts:
        return cut_everywhere(tuple(WORKLOADS) if args.workload is None else (args.workload,))
    if args.workload is not None:
        run_cut(args.workload, args.at)
        return 0
    if args.seed is not None:
        simulate(args.seed, sys.stdout)
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
    sys.stdout.write(
        f"{args.seeds} seeds, {reached['sales']} cash sales, {reached['card_sales']} card sales, "
        f"{reached['fault.power']} power cuts, {failures} failures, {took_s:.0f} s\n"
    )
    return 1 if failures or missing else 0


if __name__ == "__main__":
    sys.exit(main())
