"""How a printer's answers are told apart."""

from __future__ import annotations

import pytest

from drivers.escpos.status import (
    BLOCK_MAX,
    AutomaticStatus,
    FlowControl,
    JobCompleted,
    RealTimeStatus,
    Report,
    StatusParser,
    TransmittedStatus,
)


@pytest.mark.parametrize(
    ("data", "reports"),
    [
        (b"\x12", [RealTimeStatus(0x12)]),
        (b"\x7e\x16", [RealTimeStatus(0x7E), RealTimeStatus(0x16)]),
        (b"\x14\x00\x0f\x00", [AutomaticStatus(b"\x14\x00\x0f\x00")]),
        (b"\x0c", [TransmittedStatus(0x0C)]),
        (b"\x13\x11", [FlowControl(ready=False), FlowControl(ready=True)]),
        (b"\x37\x22 !0A\x00", [JobCompleted(b" !0A")]),
        (b"\x16\x37\x22abcd\x00\x12", [RealTimeStatus(0x16), JobCompleted(b"abcd"), RealTimeStatus(0x12)]),
    ],
)
def test_answers_are_told_apart_by_their_fixed_bits(data: bytes, reports: list[Report]) -> None:
    parser = StatusParser()
    assert parser.feed(data) == reports
    assert parser.skipped == 0


@pytest.mark.parametrize(
    ("data", "reports", "skipped"),
    [
        (b"\xff\x80\x12", [RealTimeStatus(0x12)], 2),
        (b"\x14\x00\x12", [RealTimeStatus(0x12)], 2),
        (b"\x37\x22ab\x12", [RealTimeStatus(0x12)], 4),
        (b"\x37\x25\x00\x12", [RealTimeStatus(0x12)], 3),
        (b"\x37" * (BLOCK_MAX + 1) + b"\x12", [RealTimeStatus(0x12)], BLOCK_MAX + 1),
    ],
)
def test_garbage_is_skipped_and_counted(data: bytes, reports: list[Report], skipped: int) -> None:
    parser = StatusParser()
    assert parser.feed(data) == reports
    assert parser.skipped == skipped


@pytest.mark.parametrize(
    ("value", "facts"),
    [(0x12, (False, False)), (0x1E, (True, False)), (0x72, (False, True)), (0x7E, (True, True))],
)
def test_paper_sensor_is_read(value: int, facts: tuple[bool, bool]) -> None:
    status = RealTimeStatus(value)
    assert (status.paper_near_end, status.paper_out) == facts
