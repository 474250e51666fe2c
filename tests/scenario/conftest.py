"""The fixture by which a module of scenarios is played in both dialects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenario.dialects import CUP, PLAIN, speaking


@pytest.fixture(params=[CUP, PLAIN])
def dialect(request: pytest.FixtureRequest) -> Iterator[None]:
    yield from speaking(request.param)
