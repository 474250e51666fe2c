"""Patterns of strangers: the honest ones match, the others are told so at once."""

from __future__ import annotations

import signal
import time

import pytest

from drivers.bench.pattern import BadPattern, Pattern

SCREEN = "transactions\n交易查询 1/12\n" + "现金消费 1,234,567.89 凭证号 000012\n" * 6


@pytest.mark.parametrize("pattern", ["^transactions$", "交易成功|1/12", r"(\d+,)+\d+\.89", "(?i)TRANS"])
def test_honest_pattern_matches(pattern: str) -> None:
    assert Pattern(pattern).is_in(SCREEN)
    assert not Pattern(pattern).is_in("idle\n梅子果园商店")


@pytest.mark.parametrize(
    "pattern",
    [
        r"([\s\S]+)+Z",
        "(.|.|\n)(.|.|\n)" * 10 + ".*.*Z",
        "(.|\n)*" * 8 + "Z",
    ],
)
def test_pattern_with_more_ways_than_time_is_refused_at_once(pattern: str) -> None:
    began = time.process_time()
    with pytest.raises(BadPattern, match="too long to match"):
        Pattern(pattern).is_in(SCREEN)
    assert time.process_time() - began < 1
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert Pattern("^transactions$").is_in(SCREEN)
