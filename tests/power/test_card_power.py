"""Cut the power at the effects of card sales: here at some of each, `make sim` cuts at every one."""

from __future__ import annotations

import pytest

from tests.power.card_cuts import WORKLOADS, run_cut

STEP = 83
"""Odd, so that both sides of effects are met; where it begins differs by workload."""


@pytest.mark.parametrize("workload", WORKLOADS)
def test_power_cut_at_an_effect_of_a_card_sale_keeps_every_promise(workload: str) -> None:
    effects, ended = run_cut(workload, None)
    assert ended is WORKLOADS[workload][2]
    assert effects > 100
    for cut_at in range(1 + list(WORKLOADS).index(workload), effects + 1, STEP):
        run_cut(workload, cut_at)
