"""What of a conversation with a card may be shown where the card is somebody's: its course, not its holder.

Owned here: of the answers, the objects that the terminal knows and that are not sensitive; of the commands, their
headers and the names that are selected. A lists of data objects may make the terminal repeat what the card said, so
the data of all other commands is hidden. Then every run of account number digits that is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from firmware.commands.emv.traced_card import HIDDEN, Exchange
from firmware.emv.errors import CardDataError
from firmware.emv.tags import is_sensitive
from firmware.emv.tlv import Tlv, parse

_SELECT: Final = "00A4"
_HEADER_AND_LC: Final = 10
"""CLA INS P1 P2 and Lc, in hex digits."""
_PAN: Final = 0x5A
_TRACK_2: Final = 0x57
_SHOWN_DIGITS_MAX: Final = 8
"""The first eight digits tell the issuer, not the card (ISO/IEC 7812-1)."""
_PAN_DIGITS_MAX: Final = 19


def masked_texts(exchanges: Sequence[Exchange]) -> list[tuple[str, str]]:
    """Command and answer of each exchange in hex, with `HIDDEN` for each byte that is not shown."""
    numbers = sorted({number for each in exchanges for number in _account_numbers(each.answer[:-2])})
    return [(_without(_command(each), numbers), _without(_answer(each), numbers)) for each in exchanges]


def _command(exchange: Exchange) -> str:
    text = exchange.command
    if text.startswith(_SELECT):
        return text
    return text[:_HEADER_AND_LC] + HIDDEN * (len(text[_HEADER_AND_LC:]) // 2)


def _answer(exchange: Exchange) -> str:
    if not exchange.command:
        return exchange.answer.hex().upper()  # the ATR names a kind of card
    data, status = exchange.answer[:-2], exchange.answer[-2:]
    try:
        shown = _objects(data, parse(data, "an answer"))
    except CardDataError:
        shown = HIDDEN * len(data)
    return shown + status.hex().upper()


def _objects(data: bytes, objects: Sequence[Tlv]) -> str:
    """Data that holds `objects`, and zeros between them, which are shown."""
    text, at = "", 0
    for each in objects:
        start = data.index(each.raw, at)
        head = each.raw[: len(each.raw) - len(each.value)]
        text += (data[at:start] + head).hex().upper() + _value(each)
        at = start + len(each.raw)
    return text + data[at:].hex().upper()


def _value(each: Tlv) -> str:
    if is_sensitive(each.tag):
        return HIDDEN * len(each.value)
    return _objects(each.value, each.children) if each.constructed else each.value.hex().upper()


def _account_numbers(data: bytes) -> Iterator[str]:
    try:
        objects = [each for top in parse(data, "an answer") for each in top.primitives()]
    except CardDataError:
        return
    for each in objects:
        if each.tag in (_PAN, _TRACK_2):
            yield each.value.hex().upper().partition("D")[0].rstrip("F")[:_PAN_DIGITS_MAX]


def _without(text: str, numbers: Sequence[str]) -> str:
    """The text without more digits of an account number in a row than are the issuer's, packed or as characters."""
    for number in numbers:
        for length in range(len(number), _SHOWN_DIGITS_MAX, -1):
            for start in range(len(number) - length + 1):
                run = number[start : start + length]
                text = text.replace(run, "*" * length)
                text = text.replace(run.encode().hex().upper(), HIDDEN * length)
    return text
