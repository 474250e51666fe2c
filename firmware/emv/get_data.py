"""GET DATA: the counters that a card tells only when it is asked. Source: Book 3 §6.5.7, §7.3."""

from __future__ import annotations

from typing import Final

from firmware.emv.errors import CardDataError
from firmware.emv.session import Session
from firmware.emv.tlv import parse_one, tag_bytes

ATC: Final = 0x9F36
LAST_ONLINE_ATC: Final = 0x9F13
PIN_TRY_COUNTER: Final = 0x9F17
LENGTHS: Final = {ATC: 2, LAST_ONLINE_ATC: 2, PIN_TRY_COUNTER: 1}


async def get_counter(s: Session, tag: int) -> int | None:
    """Ask the card for one of the counters above; None where it does not give it.

    Raises: CardDataError - it answers 9000 with something else (Book 3 §7.5); CardError - as `Commands.send`.
    """
    place = "answer to GET DATA"
    response = await s.commands.send("GET DATA", b"\x80\xca" + tag_bytes(tag))
    if not response.ok:
        return None
    value = parse_one(response.data, tag, place).value
    if len(value) != LENGTHS[tag]:
        raise CardDataError("the counter has the wrong length", place=place, tag=tag)
    return int.from_bytes(value, "big")
