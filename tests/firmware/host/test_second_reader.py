"""What the firmware writes, readers made from the field lists alone read the same."""

from __future__ import annotations

import pytest

from firmware.host.frame import unwrap
from firmware.host.values import Ask
from tests.firmware.host.packed import read_packed
from tests.firmware.host.plain import read_plain
from tests.firmware.host.questions import ACQUIRERS, DIALECTS, PROFILES, QUESTIONS, mac, offered

READERS = {"cup": read_packed, "plain87": read_plain}


@pytest.mark.parametrize(
    ("profile", "question"),
    [
        pytest.param(profile, question, id=f"{profile}-{name}")
        for profile in PROFILES
        for name, question in offered(PROFILES[profile])
    ],
)
def test_questions_and_answers_read_the_same(profile: str, question: Ask) -> None:
    frame = DIALECTS[profile].build(question, mac)
    for each in (frame, ACQUIRERS[profile].answer(frame)):
        message = unwrap(each, PROFILES[profile]).message
        ours = ACQUIRERS[profile].codec.decode(message)
        for bitmap in ("p", "1"):
            ours.pop(bitmap, None)
        assert ours == READERS[profile](message)


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
