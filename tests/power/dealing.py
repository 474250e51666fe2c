"""Which of all the cuts a run makes: every one of them takes longer than a gate may."""

from __future__ import annotations

import os
from typing import Final

EVERY: Final = os.environ.get("TILLBERRY_CUTS") == "every"
"""`make sim` sets this; the gate makes one hand of each deal."""


def dealt(effects: int, hands: int, hand: int, step: int = 1) -> range:
    """The effects, from 1, that fall to one of so many hands; all of them where every cut is wanted."""
    assert 0 <= hand < hands, hand
    return range(1, effects + 1, step) if EVERY else range(1 + hand * step, effects + 1, hands * step)
