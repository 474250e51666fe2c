"""Measurements of the acquirer's messages: build and read, beside bare pyiso8583 on the same fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter_ns
from typing import Final

import iso8583

from firmware.host.frame import unwrap
from firmware.host.values import Ask, Reason
from tests.benchmark.measures import Measure, median
from tests.firmware.host.questions import ACQUIRERS, DIALECTS, INSERTED, PROFILES, QUESTIONS, SERIAL

RUNS: Final = 200
CALLS: Final = 20
"""One message takes a few tens of microseconds: each run is the mean of some."""
MESSAGES: Final = ("sale", "sign_on")
PEER: Final = "bare pyiso8583"
TARGET_RATIO: Final = 1.5


def measure_host() -> Iterator[Measure]:
    """Time each message in both dialects; a MAC is taken as given, for it is measured with the keys."""
    for profile in PROFILES:
        for name in MESSAGES:
            yield from _message(profile, name, QUESTIONS[name])
    yield from _reversal()


def _message(profile: str, name: str, question: Ask) -> Iterator[Measure]:
    dialect, acquirer = DIALECTS[profile], ACQUIRERS[profile]
    frame = dialect.build(question, _mac)
    answer = acquirer.answer(frame)
    yield _beside(
        f"message built: {profile} {name}", lambda: dialect.build(question, _mac), _bare_encode(profile, frame)
    )
    yield _beside(
        f"message read: {profile} {name}", lambda: dialect.read(answer, question, _right), _bare_decode(profile, answer)
    )


def _reversal() -> Iterator[Measure]:
    dialect = DIALECTS["cup"]
    kept = dialect.stored(QUESTIONS["sale"])

    def build() -> bytes:
        return dialect.reversal(kept, Reason.NO_ANSWER, _mac, chip=INSERTED.chip, key_serial=SERIAL)

    yield _beside("message built: cup reversal", build, _bare_encode("cup", build()))


def _bare_encode(profile: str, frame: bytes) -> Callable[[], object]:
    codec = ACQUIRERS[profile].codec
    fields = codec.decode(unwrap(frame, PROFILES[profile]).message)
    specification = codec._specification
    return lambda: iso8583.encode(fields, specification)


def _bare_decode(profile: str, frame: bytes) -> Callable[[], object]:
    message = unwrap(frame, PROFILES[profile]).message
    specification = ACQUIRERS[profile].codec._specification
    return lambda: iso8583.decode(message, specification)


def _beside(name: str, ours: Callable[[], object], bare: Callable[[], object]) -> Measure:
    """The two take turns, so that a busy machine slows both alike."""
    own: list[float] = []
    peer: list[float] = []
    for _ in range(RUNS):
        own.append(_microseconds(ours))
        peer.append(_microseconds(bare))
    bare_median = median(peer)
    return Measure(name, median(own), "us", RUNS, TARGET_RATIO * bare_median, PEER, bare_median)


def _microseconds(work: Callable[[], object]) -> float:
    began = perf_counter_ns()
    for _ in range(CALLS):
        work()
    return (perf_counter_ns() - began) / CALLS / 1e3


def _mac(_data: bytes) -> bytes:
    return bytes(8)


def _right(_data: bytes, _code: bytes) -> bool:
    return True
