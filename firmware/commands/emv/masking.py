"""What of a conversation with a card may be shown where the card is somebody's: its course, not its holder.

Owned here: of an answer, the objects that the terminal knows and that are not sensitive, where they stand in the
template that belongs there; what cannot be read is hidden whole. Of a command, its header and the name that is
selected: a list of data objects may make the terminal repeat what the card said. And of all that is left no run of
digits that could be an account number, since a card that is out of order may give it under any tag.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from firmware.commands.emv.traced_card import HIDDEN, Exchange
from firmware.emv.candidates import PSE
from firmware.emv.errors import CardDataError
from firmware.emv.tags import ELEMENTS, Format, is_sensitive
from firmware.emv.tlv import Tlv, parse

MASKED: Final = "****"
"""What stands for a value that is its holder's alone."""
_SELECT: Final = "A4"
_GET_DATA: Final = "CA"
_GET_RESPONSE: Final = "C0"
_FORMATS_1_AND_2: Final = frozenset({0x80, 0x77})
_TEMPLATES: Final = {
    _SELECT: frozenset({0x6F}),
    "B2": frozenset({0x70}),
    "A8": _FORMATS_1_AND_2,
    "AE": _FORMATS_1_AND_2,
    "88": _FORMATS_1_AND_2,
}
"""What answers SELECT, READ RECORD, GET PROCESSING OPTIONS, GENERATE AC and INTERNAL AUTHENTICATE (Book 3 §6.5)."""
_HEADER_AND_LC: Final = 10
"""CLA INS P1 P2 and Lc, in hex digits."""
_CHARACTERS: Final = frozenset({Format.ALPHABETIC, Format.ALPHANUMERIC, Format.ALPHANUMERIC_SPECIAL})
_ACCOUNT_NUMBER: Final = re.compile("[1-9][0-9]{11,}")
"""Packed or as characters, whose codes are 30 to 39; the zeros of an RID do not begin one (ISO/IEC 7812-1)."""


def masked_texts(exchanges: Sequence[Exchange]) -> list[tuple[str, str]]:
    """Command and answer of each exchange in hex, with a `*` for each digit that is not shown."""
    texts = []
    asked = ""
    for each in exchanges:
        if _instruction(each.command) != _GET_RESPONSE:
            asked = each.command
        texts.append((_command(each.command), _answer(each, asked)))
    return texts


def open_value(tag: int, value: str, *, testing: bool) -> str:
    """The value of an open tag, in hex, without what could be an account number, unless the card is a test card."""
    if testing or value == MASKED:
        return value
    if tag not in ELEMENTS or ELEMENTS[tag].format not in _CHARACTERS:
        return _without_numbers(value)
    return MASKED if _ACCOUNT_NUMBER.search(bytes.fromhex(value).decode("latin-1")) else value


def open_text(text: str, *, testing: bool) -> str:
    """A name that the card gave, without what could be an account number, unless the card is a test card."""
    return text if testing else _without_numbers(text)


def _instruction(command: str) -> str:
    return command[2:4]


def _command(text: str) -> str:
    header, data = text[:_HEADER_AND_LC], text[_HEADER_AND_LC:]
    if _instruction(text) != _SELECT:
        return header + HIDDEN * (len(data) // 2)
    # The characters of the one name that every terminal knows are digits enough.
    return text if data.startswith(PSE.hex().upper()) else _without_numbers(text)


def _answer(exchange: Exchange, asked: str) -> str:
    """The answer to the command `asked`, which for T=0 may be one before GET RESPONSE."""
    if not exchange.command:
        return exchange.answer.hex().upper()  # The ATR names a kind of card.
    data, status = exchange.answer[:-2], exchange.answer[-2:]
    return _data(data, asked) + status.hex().upper()


def _data(data: bytes, asked: str) -> str:
    hidden = HIDDEN * len(data)
    try:
        objects = parse(data, "an answer")
    except CardDataError:
        return hidden
    expected = _TEMPLATES.get(_instruction(asked), frozenset())
    if _instruction(asked) == _GET_DATA:
        expected = frozenset({int(asked[4:8], 16)})
    return _objects(data, objects) if all(each.tag in expected for each in objects) else hidden


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
    if each.constructed:
        return _objects(each.value, each.children)
    if ELEMENTS[each.tag].format in _CHARACTERS:
        return _text(each.value)
    return _without_numbers(each.value.hex().upper())


def _text(value: bytes) -> str:
    """Characters, such as those of a label, in hex; hidden where they are none, or digits enough."""
    characters = value.decode("latin-1")
    if characters.isprintable() and not _ACCOUNT_NUMBER.search(characters):
        return value.hex().upper()
    return HIDDEN * len(value)


def _without_numbers(text: str) -> str:
    return _ACCOUNT_NUMBER.sub(lambda number: "*" * len(number[0]), text)
