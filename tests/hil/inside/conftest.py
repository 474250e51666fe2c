"""Tests that run inside the guest, each counted as any other: the first of a run boots it, with all that were chosen.

They take no fixtures, for those would be made on the machine and not in the guest.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.hil import guest

HERE: Final = Path(__file__).parent
INSIDE: Final = "TILLBERRY_GUEST" in os.environ
NOTE: Final = Path("/run/outbox/note")
PATIENCE_S: Final = 110.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the guest says of one test: how it ended, and why."""

    outcome: str
    why: str


RESULTS: Final = pytest.StashKey[dict[str, Told]]()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell the machine what happened; called in the guest and on the machine."""
    if INSIDE and (report.when == "call" or not report.passed):
        with NOTE.open("a") as file:
            file.write(json.dumps([report.nodeid, report.outcome, report.longreprtext]) + "\n")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Let a test be what it was in the guest."""
    if INSIDE:
        return None
    told = _results(pyfuncitem)[pyfuncitem.nodeid]
    if told.outcome == "skipped":
        pytest.skip(told.why)
    if told.outcome != "passed":
        pytest.fail(told.why, pytrace=False)
    return True


def _results(item: pytest.Function) -> dict[str, Told]:
    stash = item.session.stash
    if RESULTS not in stash:
        reason = guest.missing()
        if reason:
            assert "CI" not in os.environ, reason
            pytest.skip(reason)
        stash[RESULTS] = _run([each.nodeid for each in item.session.items if each.path.is_relative_to(HERE)])
    return stash[RESULTS]


def _run(chosen: list[str]) -> dict[str, Told]:
    options = ["-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={guest.TREE}", f"--confcutdir={HERE}"]
    program = [sys.executable, "-m", "pytest", "-v", "-W", "error", *options]
    try:
        ended = guest.run([*program, *(str(guest.TREE / each) for each in chosen)], PATIENCE_S)
    except guest.GuestFailed as error:
        return dict.fromkeys(chosen, Told("failed", str(error)))
    found: dict[str, Told] = {}
    for line in ended.note.splitlines():
        name, outcome, why = json.loads(line)
        if name not in found or found[name].outcome != "failed":
            found[name] = Told(outcome, why)
    missed = Told("failed", f"the guest did not come to it: {ended.output[-4_000:]}")
    return {name: found.get(name, missed) for name in chosen}
