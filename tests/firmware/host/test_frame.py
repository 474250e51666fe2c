"""TPDU and header around a message."""

from __future__ import annotations

import pytest

from firmware.host.errors import BadMessage
from firmware.host.frame import Frame, answered_tpdu, head, unwrap
from firmware.host.values import Demand
from tests.firmware.host.questions import PROFILES

CUP, PLAIN = PROFILES["cup"], PROFILES["plain87"]


def test_the_answer_has_the_addresses_changed_round() -> None:
    assert answered_tpdu("6000031234") == "6012340003"
    assert answered_tpdu("") == ""


def test_a_frame_is_taken_apart() -> None:
    frame = unwrap(bytes.fromhex("6000000003 603103311003") + b"message", CUP)
    assert frame == Frame("6000000003", "603103311003", b"message")
    assert frame.demand is Demand.SIGN_ON
    assert "message" not in repr(frame)
    assert Frame("", "603104", b"").demand is Demand.CA_KEYS


def test_without_headers_all_is_message() -> None:
    assert head(PLAIN) == b""
    frame = unwrap(b"0800", PLAIN)
    assert (frame.message, frame.demand) == (b"0800", Demand.NOTHING)


@pytest.mark.parametrize(
    ("frame", "fact"),
    [
        ("", "shorter"),
        ("6000030000603100311003", "shorter"),
        ("6100030000603100311003" + "0200", "TPDU"),
        ("600003000060310031100A" + "0200", "header"),
    ],
)
def test_what_is_no_frame_is_refused(frame: str, fact: str) -> None:
    with pytest.raises(BadMessage, match=fact):
        unwrap(bytes.fromhex(frame), CUP)
