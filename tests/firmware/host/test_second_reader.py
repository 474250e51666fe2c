"""What the firmware writes, a reader made from the field dictionary alone reads the same."""

from __future__ import annotations

import pytest

from firmware.host.frame import unwrap
from firmware.host.values import Ask
from tests.firmware.host.packed import read_packed
from tests.firmware.host.questions import ACQUIRERS, DIALECTS, PROFILES, QUESTIONS, mac, offered

CUP = PROFILES["cup"]


@pytest.mark.parametrize("question", [pytest.param(each, id=name) for name, each in offered(CUP)])
def test_questions_and_answers_read_the_same(question: Ask) -> None:
    frame = DIALECTS["cup"].build(question, mac)
    for each in (frame, ACQUIRERS["cup"].answer(frame)):
        message = unwrap(each, CUP).message
        ours = ACQUIRERS["cup"].codec.decode(message)
        ours.pop("p")
        assert ours == read_packed(message)


def test_a_message_put_together_by_hand_is_what_is_built() -> None:
    """Sign-off, octet by octet: TPDU, header, 0820, bitmap 11 41 42 60, then the fields."""
    parts = (
        "6000030000 603100311003 0820 0020000000C00010",
        "000403",
        b"10000001".hex(),
        b"898110000000001".hex(),
        "0011 00 000024 002 0",
    )
    assert DIALECTS["cup"].build(QUESTIONS["sign_off"], None).hex() == "".join(parts).replace(" ", "").lower()
