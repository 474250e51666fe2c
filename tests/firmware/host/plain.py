"""A second reader of plain ISO 8583:1987 messages, written from the standard's field list alone.

It shares no table and no code with the firmware. Everything is characters; bitmaps and bytes are hexadecimal digits.
"""

from __future__ import annotations

from typing import Final

LENGTHS: Final = """
3 6|4 12|7 10|11 6|12 6|13 4|14 4|15 4|22 3|23 3|25 2|26 2|37 12|38 6|39 2|41 8|42 15|49 3|52 16|53 16|64 16|66 1|70 3
74 10|76 10|86 16|88 16|90 42|97 17|128 16
"""
FIXED: Final = {
    int(number): int(length)
    for number, length in (entry.split() for entry in LENGTHS.strip().replace("\n", "|").split("|"))
}
LENGTH_DIGITS: Final = {2: 2, 32: 2, 35: 2, 44: 2, 48: 3, 54: 3, 55: 3, 60: 3, 62: 3, 63: 3, 110: 3}


def read_plain(message: bytes) -> dict[str, str]:
    """The message type and the fields."""
    text = message.decode("latin-1")
    fields = {"t": text[:4]}
    bitmap, at = text[4:20], 20
    if int(bitmap[0], 16) & 8:
        bitmap, at = text[4:36], 36
    bits = f"{int(bitmap, 16):0{4 * len(bitmap)}b}"
    for number in (place for place, bit in enumerate(bits, 1) if bit == "1" and place > 1):
        if number in FIXED:
            length = FIXED[number]
        else:
            wide = LENGTH_DIGITS[number]
            length = int(text[at : at + wide])
            at += wide
        fields[str(number)] = text[at : at + length]
        at += length
    assert at == len(text)
    return fields
