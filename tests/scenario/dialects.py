"""Which acquirer the scenarios of a day are played with: each of them in UnionPay's dialect, some in the plain one too.

A module that is played in both says `pytestmark = BOTH`, and opens its acquirer here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers.bench.acquirer.in_memory import PARAMS, InMemoryAcquirer
from firmware.host.profile import FOLDER, load_profile

CUP = "cup"
PLAIN = "plain87"
BOTH = pytest.mark.usefixtures("dialect")
FIRST_VOUCHER = "2"
"""The number of the first sale by card, as it is typed: the sign-on before it has taken 1."""
_spoken = [CUP]


def speaking(name: str) -> Iterator[None]:
    """Let acquirers speak that dialect, until the test is over."""
    _spoken.append(name)
    yield
    _spoken.pop()


def spoken() -> str:
    """The name of the profile."""
    return _spoken[-1]


def open_acquirer(name: str = "") -> InMemoryAcquirer:
    """An acquirer of the profile that is spoken now, or of the one that is named."""
    return InMemoryAcquirer.open(profile=load_profile(PARAMS / FOLDER / f"{name or spoken()}.toml"))
