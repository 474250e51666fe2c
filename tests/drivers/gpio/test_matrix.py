"""What the judge makes of scans: presses that bounce, rollover, ghosts, keys that stick, one key alone for PINs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.gpio.matrix import SCANS, STUCK_MS, Judge, Place, may_hold_ghosts

PLACES = [(row, column) for row in range(4) for column in range(4)]
ONE, TWO, FOUR, FIVE = (0, 0), (0, 1), (1, 0), (1, 1)
"""The corners of a rectangle."""


def pressed(judge: Judge, scans: list[set[Place]], *, alone: bool = False, from_ms: int = 0) -> list[Place]:
    """The presses that scans of 10 ms come to."""
    found: list[Place] = []
    for number, seen in enumerate(scans):
        found += judge.judge(seen, from_ms + 10 * number, alone=alone).pressed
    return found


def test_press_counts_once_when_two_scans_agree() -> None:
    assert pressed(Judge(), [{ONE}]) == []
    assert pressed(Judge(), [{ONE}, {ONE}]) == [ONE]
    assert pressed(Judge(), [{ONE}] * 50 + [set()] * 2) == [ONE]


def test_switch_that_chatters_at_both_ends_is_one_press() -> None:
    chatter: list[set[Place]] = [{ONE}, set(), {ONE}, set()]
    assert pressed(Judge(), [*chatter, *[{ONE}] * 5, *chatter, set(), set()]) == [ONE]


def test_key_pressed_again_after_two_scans_up_counts_again() -> None:
    assert pressed(Judge(), [{ONE}, {ONE}, set(), set(), {ONE}, {ONE}]) == [ONE, ONE]


def test_next_key_may_go_down_before_the_last_is_up() -> None:
    assert pressed(Judge(), [{ONE}, {ONE}, {ONE, TWO}, {ONE, TWO}, {TWO}, {TWO}, set(), set()]) == [ONE, TWO]


def test_fourth_corner_of_a_rectangle_is_no_press_until_the_rectangle_is_gone() -> None:
    judge = Judge()
    all_corners = {ONE, TWO, FOUR, FIVE}
    assert pressed(judge, [{ONE, TWO}] * 2) == [ONE, TWO]
    assert pressed(judge, [all_corners] * 20) == []
    assert pressed(judge, [{ONE, FOUR}] * 2) == [FOUR]


def test_alone_two_keys_down_lock_until_all_are_up() -> None:
    judge = Judge()
    assert pressed(judge, [{ONE}, {ONE}, {ONE, TWO}, {ONE, TWO}, {TWO}, {TWO}], alone=True) == [ONE]
    assert pressed(judge, [{TWO, FOUR}, {TWO, FOUR}, {FOUR}, {FOUR}], alone=True) == []
    assert pressed(judge, [set(), set(), {FOUR}, {FOUR}], alone=True) == [FOUR]


def test_alone_two_keys_down_at_once_are_none() -> None:
    assert pressed(Judge(), [{ONE, TWO}] * 5, alone=True) == []


def test_locked_judge_counts_nothing_until_all_keys_are_up() -> None:
    judge = Judge()
    judge.judge({ONE}, 0)
    judge.lock()
    assert pressed(judge, [{ONE}, {ONE}, {ONE, TWO}, {TWO}, {TWO}], from_ms=10) == []
    assert pressed(judge, [set(), set(), {FOUR}, {FOUR}], from_ms=100) == [FOUR]


def test_key_that_sticks_is_told_once_and_disturbs_no_other() -> None:
    judge = Judge()
    judge.judge({ONE}, 0)
    judge.judge({ONE}, 10)
    assert judge.judge({ONE}, 9 + STUCK_MS).stuck == ()
    told = judge.judge({ONE}, 10 + STUCK_MS)
    assert (told.stuck, told.quiet, judge.stuck) == ((ONE,), True, {ONE})
    assert judge.judge({ONE}, 20 + STUCK_MS).stuck == ()
    assert pressed(judge, [{ONE, TWO}] * 2 + [{ONE}] * 2 + [{ONE, FOUR}] * 2, alone=True, from_ms=30 + STUCK_MS) == [
        TWO,
        FOUR,
    ]
    judge.judge(set(), 99_000)
    judge.judge(set(), 99_010)
    assert judge.stuck == frozenset()


def test_judge_is_quiet_only_when_nothing_is_under_way() -> None:
    judge = Judge()
    assert judge.judge(set(), 0).quiet
    assert not judge.judge({ONE}, 10).quiet
    assert not judge.judge({ONE}, 20).quiet
    assert not judge.judge(set(), 30).quiet
    assert judge.judge(set(), 40).quiet


def electrically_seen(down: set[Place]) -> set[Place]:
    """What a scan of a matrix without diodes sees: every crossing whose row and column are connected."""
    seen = set(down)
    while True:
        more = {
            (row, column)
            for row, column in PLACES
            if any((row, c) in seen and (r, c) in seen and (r, column) in seen for r, c in PLACES)
        }
        if more <= seen:
            return seen
        seen |= more


@given(st.sets(st.sampled_from(PLACES), max_size=6))
def test_keys_that_seem_down_and_are_not_are_always_doubted(down: set[Place]) -> None:
    seen = electrically_seen(down)
    assert may_hold_ghosts(seen) or seen == down


@given(st.lists(st.sets(st.sampled_from(PLACES), max_size=5), max_size=60), st.booleans())
def test_no_key_is_pressed_that_was_not_down_in_as_many_scans(fingers: list[set[Place]], alone: bool) -> None:
    judge = Judge()
    for number, down in enumerate(fingers):
        now = judge.judge(electrically_seen(down), 10 * number, alone=alone).pressed
        recent = fingers[max(0, number + 1 - SCANS) : number + 1]
        assert all(place in each for place in now for each in recent)
        assert not alone or len(now) <= 1
