"""The acquirer's time beside the terminal's: how far the two clocks are apart.

Owned here: fields 12 and 13 name no year, so the day is taken that is nearest; clocks that are years apart on the same
day of the year look alike. Nothing here sets a clock: an answer to a sign-on has no MAC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from firmware.host.values import Answer


def apart(ours: datetime, answer: Answer) -> timedelta | None:
    """How far the terminal's clock is ahead of the acquirer's, negative where it is behind; None where nothing is told.

    `ours` is the terminal's time in the shop's zone, whose local time an acquirer tells.
    """
    if answer.time is None:
        return None
    here = ours.replace(tzinfo=None)
    return min((here - each for each in _candidates(here, answer.time, answer.date)), key=abs, default=None)


def _candidates(here: datetime, time: str, date: str | None) -> Iterator[datetime]:
    """The moments that the two fields may mean; none where they name no time of day or no day."""
    if date is None:
        days = [f"{here + timedelta(days=days):%Y%m%d}" for days in (-1, 0, 1)]
    else:
        days = [f"{year:04}{date}" for year in (here.year - 1, here.year, here.year + 1)]
    for day in days:
        try:
            yield datetime.fromisoformat(f"{day}T{time}")
        except ValueError:
            continue
