"""GET DATA gives a counter, or nothing, or a fault of the card."""

from __future__ import annotations

import asyncio

import pytest

from firmware.emv.errors import CardDataError
from firmware.emv.get_data import ATC, LAST_ONLINE_ATC, PIN_TRY_COUNTER, get_counter
from tests.firmware.emv.scripted import session


@pytest.mark.parametrize(
    ("tag", "command", "answer", "counter"),
    [
        (ATC, "80CA9F3600", "9F36020102 9000", 0x0102),
        (LAST_ONLINE_ATC, "80CA9F1300", "9F13020000 9000", 0),
        (PIN_TRY_COUNTER, "80CA9F1700", "9F170103 9000", 3),
        (PIN_TRY_COUNTER, "80CA9F1700", "6A88", None),
        (PIN_TRY_COUNTER, "80CA9F1700", "6D00", None),
    ],
)
def test_get_counter_answered_gives_number_or_none(tag: int, command: str, answer: str, counter: int | None) -> None:
    s, card = session(f"> {command}\n< {answer}")

    assert asyncio.run(get_counter(s, tag)) == counter
    card.check_finished()


@pytest.mark.parametrize(
    "answer", ["9000", "03 9000", "9F3601 9000", "9F36020003 9000", "9F17020003 9000", "9F1700 9000"]
)
def test_get_counter_answered_with_something_else_is_cards_fault(answer: str) -> None:
    s, _card = session(f"> 80CA9F1700\n< {answer}")

    with pytest.raises(CardDataError, match="answer to GET DATA"):
        asyncio.run(get_counter(s, PIN_TRY_COUNTER))
