"""The list of deliberate bugs keeps up with the code: each has its place, and tests that exist."""

from __future__ import annotations

import pytest

from tests.sabotage.__main__ import ROOT
from tests.sabotage.deed import Deed
from tests.sabotage.deeds import DEEDS


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_deed_has_one_place_and_a_judge(deed: Deed) -> None:
    assert (ROOT / deed.path).read_text(encoding="utf-8").count(deed.before) == 1
    assert deed.before != deed.after
    assert (ROOT / deed.caught_by).exists()
