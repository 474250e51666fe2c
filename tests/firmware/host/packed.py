"""A second reader of UnionPay's messages, written from the field dictionary alone, to check the first against.

It shares no table and no code with the firmware: a number of the field, its kind, its length, and how long its length
is. It reads well-formed messages only.
"""

from __future__ import annotations

from typing import Final

DICTIONARY: Final = """
2 n 19 1|3 n 6 0|4 n 12 0|11 n 6 0|12 n 6 0|13 n 4 0|14 n 4 0|15 n 4 0|22 n 3 0|23 r 3 0|25 n 2 0|26 n 2 0|32 n 11 1
35 n 37 1|36 n 104 2|37 a 12 0|38 a 6 0|39 a 2 0|41 a 8 0|42 a 15 0|44 a 25 1|48 n 322 2|49 a 3 0|52 b 8 0|53 n 16 0
54 a 20 2|55 b 255 2|58 a 100 2|59 a 600 2|60 n 17 2|61 n 29 2|62 b 512 2|63 a 163 2|64 b 8 0
"""
FORMS: Final = {
    int(number): (kind, int(most), int(wide))
    for number, kind, most, wide in (
        entry.split() for line in DICTIONARY.split("\n") for entry in line.split("|") if entry
    )
}


def read_packed(message: bytes) -> dict[str, str]:
    """The message type and the fields: digits, text or hexadecimal digits."""
    bitmap = int.from_bytes(message[2:10], "big")
    fields = {"t": message[:2].hex()}
    at = 10
    for number in range(2, 65):
        if not bitmap >> (64 - number) & 1:
            continue
        kind, length, wide = FORMS[number]
        if wide:
            length = int(message[at : at + wide].hex())
            at += wide
        size = (length + 1) // 2 if kind in "nr" else length
        data = message[at : at + size]
        at += size
        if kind in "nr":
            digits = data.hex().upper()
            fields[str(number)] = digits[-length:] if kind == "r" else digits[:length]
        else:
            fields[str(number)] = data.decode("latin-1") if kind == "a" else data.hex().upper()
    assert at == len(message)
    return fields
