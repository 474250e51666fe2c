"""The two tables fit together, and a table that does not is named."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import pytest

from firmware.journal.phases import DUTIES, EFFECTIVE, FINAL, FIRST, TRANSITIONS, Duty, Phase, flaws, reachable


def test_tables_as_shipped_have_no_flaw() -> None:
    assert flaws(TRANSITIONS, DUTIES) == []


def test_reachable_from_the_first_phase_is_every_phase() -> None:
    assert reachable(TRANSITIONS) == set(Phase)


def test_final_phases_are_those_that_nothing_follows() -> None:
    assert {Phase.DONE, Phase.DECLINED, Phase.REVERSED, Phase.ABANDONED} == FINAL
    assert FIRST not in FINAL


def test_effective_phases_never_lead_to_a_phase_without_money() -> None:
    assert all(following in EFFECTIVE for phase in EFFECTIVE for following in TRANSITIONS[phase])


def test_duties_match_what_was_promised() -> None:
    assert DUTIES == {
        Phase.OPENED: Duty.ABANDON,
        Phase.SENT: Duty.REVERSE,
        Phase.ASKED: Duty.TELL_UNKNOWN,
        Phase.ANSWERED: Duty.REVERSE,
        Phase.COMPLETED: Duty.OFFER_RECEIPT,
        Phase.REVERSING: Duty.SEND_REVERSAL,
        Phase.UNRESOLVED: Duty.KEEP_IN_SIGHT,
    }


def test_what_may_have_been_sent_is_never_abandoned() -> None:
    assert all(Phase.ABANDONED not in TRANSITIONS[phase] for phase in Phase if phase is not FIRST)


Transitions = dict[Phase, AbstractSet[Phase]]


@pytest.mark.parametrize(
    ("transitions", "duties", "flaw"),
    [
        ({Phase.OPENED: frozenset({Phase.DONE})}, {}, "completed is not in the table of transitions"),
        ({**TRANSITIONS, Phase.OPENED: frozenset({Phase.COMPLETED})}, DUTIES, "abandoned cannot be reached"),
        (TRANSITIONS, {Phase.OPENED: Duty.ABANDON}, "completed is not final and has no duty"),
        (TRANSITIONS, {**DUTIES, Phase.DONE: Duty.ABANDON}, "done is final and has a duty"),
    ],
)
def test_tables_with_a_flaw_are_named(transitions: Transitions, duties: Mapping[Phase, Duty], flaw: str) -> None:
    assert flaw in flaws(transitions, duties)
