"""Store and forward: when an entry ends, and how much may wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from firmware.host.profile import OfflineLimits, Retries
from firmware.host.queue import (
    Fate,
    Kind,
    Limit,
    Unheard,
    Waiting,
    fate,
    limit_reached,
    tries_of,
)
from firmware.units import Millis, Money
from tests.firmware.host.questions import AT, CNY

RETRIES = Retries(reversal_tries=3, advice_tries=2, script_tries=1, pause=Millis(0))
LIMITS = OfflineLimits(count=2, total=Money(1_000, CNY), age=Millis(3_600_000))
NOT_SENT, NO_ANSWER = Unheard.NOT_SENT, Unheard.NO_ANSWER
SCRIPT, REVERSAL, ADVICE = Kind.SCRIPT_NOTICE, Kind.REVERSAL, Kind.ADVICE


def _waiting(number: int, kind: Kind, tries: int = 0, minor: int = 100) -> Waiting:
    return Waiting(number, kind, AT, tries, Money(minor, CNY) if kind is ADVICE else None)


@pytest.mark.parametrize(
    ("kind", "tries", "heard", "expected"),
    [
        (SCRIPT, 0, "00", Fate.ENDED),
        (SCRIPT, 0, "96", Fate.ENDED),
        (SCRIPT, 0, NO_ANSWER, Fate.ENDED),
        (SCRIPT, 0, NOT_SENT, Fate.KEPT),
        (REVERSAL, 0, "00", Fate.ENDED),
        (REVERSAL, 0, "12", Fate.ENDED),
        (REVERSAL, 0, "25", Fate.ENDED),
        (REVERSAL, 2, "25", Fate.ENDED),
        (REVERSAL, 0, "94", Fate.KEPT),
        (REVERSAL, 0, "96", Fate.KEPT),
        (REVERSAL, 1, NO_ANSWER, Fate.KEPT),
        (REVERSAL, 2, NO_ANSWER, Fate.GIVEN_UP),
        (REVERSAL, 2, "96", Fate.GIVEN_UP),
        (REVERSAL, 2, NOT_SENT, Fate.KEPT),
        (REVERSAL, 9, NOT_SENT, Fate.KEPT),
        (ADVICE, 0, "00", Fate.ENDED),
        (ADVICE, 0, "11", Fate.ENDED),
        (ADVICE, 0, "94", Fate.ENDED),
        (ADVICE, 1, "94", Fate.ENDED),
        (ADVICE, 0, "12", Fate.KEPT),
        (ADVICE, 0, "25", Fate.KEPT),
        (ADVICE, 0, NO_ANSWER, Fate.KEPT),
        (ADVICE, 1, NO_ANSWER, Fate.GIVEN_UP),
        (ADVICE, 1, "51", Fate.GIVEN_UP),
        (ADVICE, 1, NOT_SENT, Fate.KEPT),
    ],
)
def test_an_entry_ends_by_its_own_rules(kind: Kind, tries: int, heard: str | Unheard, expected: Fate) -> None:
    assert fate(_waiting(1, kind, tries), heard, RETRIES) is expected


def test_each_kind_has_its_own_number_of_tries() -> None:
    assert [tries_of(kind, RETRIES) for kind in Kind] == [1, 3, 2]


@pytest.mark.parametrize(
    ("queue", "minor", "minutes", "expected"),
    [
        ([], 1_000, 0, None),
        ([], 1_001, 0, Limit.TOTAL),
        ([(ADVICE, 400)], 600, 0, None),
        ([(ADVICE, 400)], 601, 0, Limit.TOTAL),
        ([(ADVICE, 1), (ADVICE, 1)], 1, 0, Limit.COUNT),
        ([(ADVICE, 1), (REVERSAL, 0), (SCRIPT, 0)], 1, 0, None),
        ([(ADVICE, 1)], 1, 59, None),
        ([(ADVICE, 1)], 1, 60, Limit.AGE),
        ([(REVERSAL, 0)], 1, 600, None),
    ],
)
def test_an_offline_approval_is_taken_within_count_sum_and_age(
    queue: list[tuple[Kind, int]], minor: int, minutes: int, expected: Limit | None
) -> None:
    entries = [_waiting(number, kind, minor=amount) for number, (kind, amount) in enumerate(queue)]
    assert limit_reached(entries, Money(minor, CNY), AT + timedelta(minutes=minutes), LIMITS) is expected


def test_an_advice_without_an_amount_adds_nothing_to_the_sum() -> None:
    entry = Waiting(1, ADVICE, AT)
    assert limit_reached([entry], Money(1_000, CNY), AT, LIMITS) is None
