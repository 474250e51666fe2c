"""How the tests share a machine: which of them keep to one process, and which run without their lines being counted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import structlog
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=(HealthCheck.too_slow,))
settings.load_profile("unhurried")
"""A machine that does something else meanwhile has found no mistake."""

HERE: Final = Path(__file__).parent

COUNTED: Final = tuple(HERE / each for each in ("firmware",))
"""They ask one part at a time, and must take every branch where money is concerned. All others count promises: being
counted would make them twice as long, and would let a branch pass for tested that is only passed through."""

GROUPS: Final = {
    "guest": (HERE / "hil" / "inside",),
    "pcscd": (HERE / "hil", HERE / "contract" / "test_card_reader.py"),
}
"""Tests that share one guest, and tests that would wait for each other on a service of which a machine has one; a test
is in the first group that it fits."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is collected, for pytest-cov and pytest-xdist."""
    for item in items:
        if not _within(item, COUNTED):
            item.add_marker(pytest.mark.no_cover)
        group = next((name for name, places in GROUPS.items() if _within(item, places)), None)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_runtest_setup() -> None:
    """Let each test begin with the log as it is before a terminal takes it over."""
    structlog.reset_defaults()


def _within(item: pytest.Item, places: tuple[Path, ...]) -> bool:
    return any(item.path.is_relative_to(place) for place in places)
