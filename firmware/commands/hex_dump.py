"""Bytes from what people paste: hexadecimal digits in any usual layout, with offsets and text columns or without.

Owned here: how messages stand in a text. A blank line ends one, a line that begins with `#` is a remark.
"""

from __future__ import annotations

import re
from typing import Final

from firmware.errors import TillberryError

TEXT_MAX: Final = 4 * 1024 * 1024

_OFFSET: Final = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{3,16})(:(?=\s)|(?=\s)|$)")
_PREFIX_OR_COMMA: Final = re.compile(r"0[xX]|[,;]")
_BYTES: Final = re.compile(r"[0-9A-Fa-f]{2}(\s+[0-9A-Fa-f]{2}){0,31}\s*")
_HEX: Final = frozenset("0123456789abcdefABCDEF")


class NotHex(TillberryError):
    """A text that holds something else than hexadecimal digits, or half a byte."""

    exit_status = 2


def dumped_messages(text: str) -> list[bytes]:
    """Return the messages of a text. Raises: NotHex."""
    messages: list[bytes] = []
    current = _Dump()
    for number, line in enumerate([*text.splitlines(), ""], 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if stripped:
            current.add(stripped, number)
            continue
        if current.data:
            messages.append(bytes(current.data))
        current = _Dump()
    return messages


class _Dump:
    """The bytes of one message, line by line; whether its lines have offsets shows in the first."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._with_offsets = False

    def add(self, line: str, number: int) -> None:
        """Take in one line. Raises: NotHex."""
        digits = self._digits(line)
        if len(digits) % 2 or not set(digits) <= _HEX:
            raise NotHex(f"line {number}: not whole bytes in hexadecimal digits")
        self.data += bytes.fromhex(digits)

    def _digits(self, line: str) -> str:
        """The digits of a line without its offset and its column of text."""
        offset = _OFFSET.match(line)
        if offset is not None and int(offset[1], 16) == len(self.data) and (self._with_offsets or not self.data):
            rest = line[offset.end() :].strip()
            # A column of text follows after blanks: two where the offset has a colon, else three or a bar.
            columns = re.split(r"\s{2,}|\t" if offset[2] else r"\s{3,}|\t|\|", rest)
            if offset[2] or _BYTES.fullmatch(columns[0]) or self._with_offsets:
                self._with_offsets = True
                return re.sub(r"\s", "", columns[0])
        return re.sub(r"[\s:]", "", _PREFIX_OR_COMMA.sub("", line))
