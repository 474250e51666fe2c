"""The answer to reset of a contact card, ISO/IEC 7816-3 section 8.2: what the card says of itself at power-up."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.errors import TillberryError

LONGEST = 33
"""TS and at most 32 characters after it (section 8.2.1)."""

_DIRECT = 0x3B
_INVERSE = 0x3F
_T15_GLOBAL = 15


class BadAtr(TillberryError):
    """The answer to reset breaks ISO/IEC 7816-3; the sentence names the rule and holds none of the bytes."""


@dataclass(frozen=True, slots=True)
class Atr:
    """One answer to reset, read."""

    inverse: bool
    """True for the inverse convention (TS = 3F), False for the direct one (TS = 3B)."""
    protocols: tuple[int, ...]
    """The transmission protocols offered, in the card's order; the first is its default. T=15 is none, and left out."""
    historical: bytes
    """The historical bytes T1 to TK, 0 to 15 of them."""


def parse_atr(data: bytes) -> Atr:
    """Read an answer to reset, whole. Raises: BadAtr."""
    if not 2 <= len(data) <= LONGEST:
        raise BadAtr(f"the answer to reset has {len(data)} bytes, not 2 to {LONGEST}")
    if data[0] not in (_DIRECT, _INVERSE):
        raise BadAtr("the answer to reset names no convention in TS")
    historical_count = data[1] & 0x0F
    offered, place = _interface_bytes(data)
    end = place + historical_count
    # TCK is there unless T=0 alone is offered (section 8.2.5).
    checked = any(protocol != 0 for protocol in offered)
    if len(data) != end + checked:
        raise BadAtr("the answer to reset is not as long as T0 and TD say")
    if checked and _exclusive_or(data[1:]) != 0:
        raise BadAtr("the answer to reset fails its check byte TCK")
    protocols = tuple(dict.fromkeys(protocol for protocol in offered if protocol != _T15_GLOBAL))
    return Atr(inverse=data[0] == _INVERSE, protocols=protocols or (0,), historical=data[place:end])


def _interface_bytes(data: bytes) -> tuple[list[int], int]:
    """Walk TA, TB, TC and TD of each round; returns the T of each TD, and where the historical bytes start."""
    offered: list[int] = []
    present = data[1] >> 4
    place = 2
    while True:
        place += present.bit_count()
        if place > len(data):
            raise BadAtr("the answer to reset ends within its interface bytes")
        if not present & 0x8:
            return offered, place
        following = data[place - 1]
        offered.append(following & 0x0F)
        present = following >> 4


def _exclusive_or(data: bytes) -> int:
    result = 0
    for byte in data:
        result ^= byte
    return result
