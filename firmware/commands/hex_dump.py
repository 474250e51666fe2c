"""Bytes from what people paste: hexadecimal digits in any usual layout, with offsets and text columns or without.

Owned here: how messages stand in a text. A blank line ends one, a line that begins with `#` is a remark.
"""

from __future__ import annotations

import re
from typing import Final

from firmware.errors import TillberryError

TEXT_MAX: Final = 4 * 1024 * 1024

_OFFSET: Final = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{2,16})(:|(?=\s)|$)")
_PREFIX_OR_COMMA: Final = re.compile(r"0[xX]|[,;]")
_ROW_BYTES: Final = 16
_HEX: Final = frozenset("0123456789abcdefABCDEF")


class NotHex(TillberryError):
    """A text that holds something else than hexadecimal digits, or half a byte."""

    exit_status = 2


def dumped_messages(text: str) -> list[bytes]:
    """Return the messages of a text. Raises: NotHex."""
    messages: list[bytes] = []
    current = bytearray()
    for number, line in enumerate([*text.splitlines(), ""], 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if stripped:
            current += _row(stripped, len(current), number)
        elif current:
            messages.append(bytes(current))
            current.clear()
    return messages


def _row(line: str, so_far: int, number: int) -> bytes:
    """The bytes of one line, of which the message has `so_far`."""
    digits = _digits(line, so_far)
    if len(digits) % 2 or not set(digits) <= _HEX:
        raise NotHex(f"line {number}: not whole bytes in hexadecimal digits")
    return bytes.fromhex(digits)


def _digits(line: str, so_far: int) -> str:
    """The digits of a line without its offset and its text column."""
    offset = _OFFSET.match(line)
    if offset is not None and int(offset[1], 16) == so_far:
        rest = line[offset.end() :].strip()
        if offset[2] == ":":
            # A column of text follows after two blanks.
            return re.sub(r"\s", "", re.split(r"\s{2,}|\t|\|", rest)[0])
        cells = rest.split("|")[0].split()[:_ROW_BYTES]
        if len(offset[1]) > 2 and cells and all(len(cell) == 2 for cell in cells[:1]):
            return "".join(_leading_bytes(cells))
    return re.sub(r"[\s:]", "", _PREFIX_OR_COMMA.sub("", line))


def _leading_bytes(cells: list[str]) -> list[str]:
    """The cells up to the first that is no byte: there the column of text begins."""
    end = next((at for at, cell in enumerate(cells) if len(cell) != 2 or not set(cell) <= _HEX), len(cells))
    return cells[:end]
