"""Some seeds of the simulation on every run; `make sim` runs more."""

from __future__ import annotations

from collections import Counter

from tests.power.simulate import never_of_few, run_seed
from tests.power.simulation import simulate

SEEDS = 46


def test_simulation_seeds_keep_every_promise_and_reach_every_fault() -> None:
    reached: Counter[str] = Counter()
    for seed in range(SEEDS):
        _, counts, failure = run_seed(seed)
        assert not failure, failure
        reached += counts
    assert never_of_few(reached) == []


def test_simulation_same_seed_is_the_same_day() -> None:
    first, again = simulate(11), simulate(11)
    assert first.reached == again.reached
    assert first.business_ms == again.business_ms
