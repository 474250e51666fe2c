"""How far the terminal's clock is from what fields 12 and 13 tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from firmware.host.acquirer_time import apart
from firmware.host.values import Action, Answer, Transaction


def told(time: str | None, date: str | None) -> Answer:
    return Answer(Transaction.SIGN_ON, None, "00", Action.APPROVED, time=time, date=date)


@pytest.mark.parametrize(
    ("ours", "time", "date", "ahead"),
    [
        ("2026-03-14T17:26:53", "172653", "0314", timedelta(0)),
        ("2026-03-14T17:26:53", "171000", "0314", timedelta(minutes=16, seconds=53)),
        ("2026-03-14T17:26:53", "172653", "0316", timedelta(days=-2)),
        ("2026-12-31T23:59:00", "000100", "0101", timedelta(minutes=-2)),
        ("2027-01-01T00:01:00", "235900", "1231", timedelta(minutes=2)),
        ("2026-03-14T23:59:00", "000100", None, timedelta(minutes=-2)),
        ("2026-03-15T00:01:00", "235900", None, timedelta(minutes=2)),
        ("2027-02-28T12:00:00", "120000", "0229", timedelta(days=-366)),
        ("2026-02-28T12:00:00", "120000", "0229", None),
        ("2026-03-14T17:26:53", "256199", "0314", None),
        ("2026-03-14T17:26:53", "172653", "0000", None),
        ("2026-03-14T17:26:53", None, "0314", None),
    ],
)
def test_clocks_are_apart_by_the_nearest_day(
    ours: str, time: str | None, date: str | None, ahead: timedelta | None
) -> None:
    assert apart(datetime.fromisoformat(ours).replace(tzinfo=UTC), told(time, date)) == ahead
