"""The terminal's clock beside the acquirer's, as an answer to a sign-on or to an echo test has told it.

Owned here: where they differ by more than the profile allows, a person is told, once after the work in which it shows
and on the idle screen from then on. The terminal sets no clock: such an answer has no MAC, and what time it is decides
when a batch is settled and how old an offline approval is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from firmware.flows.dialogue import show, tell
from firmware.hal import Beep
from firmware.host.acquirer_time import apart
from firmware.host.values import Answer, Transaction
from firmware.log import LogEvent, log
from firmware.terminal import Terminal, TimeTold

TELLS_TIME: Final = frozenset({Transaction.SIGN_ON, Transaction.ECHO})
"""Whose answers tell the acquirer's time, and never that of an earlier transaction."""
SCREEN: Final = "clock_differs"
_ONE_MS: Final = timedelta(milliseconds=1)


def hear_time(t: Terminal, answer: Answer) -> None:
    """Keep the time that an answer tells."""
    now = t.devices.clock.now().astimezone(t.parameters.zone)
    ahead = apart(now, answer)
    if ahead is None or t.acquirer is None:
        return
    t.acquirer.time_told = TimeTold(now - ahead, t.devices.clock.elapsed_ms())
    if clock_differs(t):
        log.warning(LogEvent.CLOCK_DIFFERS, ahead_s=ahead // timedelta(seconds=1))


def clock_differs(t: Terminal) -> bool:
    """Whether the terminal's clock is further from the acquirer's now than it may be; no where nothing was told."""
    if t.acquirer is None or t.acquirer.time_told is None:
        return False
    apart_now = t.devices.clock.now() - t.acquirer.time_told.now(t.devices.clock)
    return abs(apart_now) > t.acquirer.dialect.profile.clock_ms * _ONE_MS


async def tell_clock(t: Terminal) -> None:
    """Say once that the clocks differ, and again where they did not meanwhile. Raises: Tampered."""
    if t.acquirer is None:
        return
    known, t.acquirer.clock_known_wrong = t.acquirer.clock_known_wrong, clock_differs(t)
    if t.acquirer.clock_known_wrong and not known:
        await tell(t, SCREEN, Beep.ERROR, **_both(t))


def show_clock(t: Terminal) -> None:
    """Show both clocks, which differ."""
    show(t, SCREEN, **_both(t))


def _both(t: Terminal) -> dict[str, str]:
    assert t.acquirer is not None, "a terminal without an acquirer has one clock"
    assert t.acquirer.time_told is not None, "there is nothing to tell"
    clock, zone = t.devices.clock, t.parameters.zone
    times = {"ours": clock.now(), "theirs": t.acquirer.time_told.now(clock)}
    return {name: f"{time.astimezone(zone):%m-%d %H:%M}" for name, time in times.items()}
