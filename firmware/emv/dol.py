"""Data object lists: what the card asks for, and the bytes it gets.

Owned here: justification, padding and truncation by format, and zeros for what the terminal cannot give. Source: Book 3
§5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from firmware.emv.errors import CardDataError
from firmware.emv.tags import ELEMENTS, Format
from firmware.emv.tlv import TAG_BYTES_MAX, is_constructed

UNPREDICTABLE_NUMBER: Final = 0x9F37
UNPREDICTABLE_NUMBER_BYTES: Final = 4
VALUES_MAX: Final = 252
"""Bytes of all values together, as they fit one command's data with tag and length before them (83 81 FC)."""


@dataclass(frozen=True, slots=True)
class DolEntry:
    """One thing that the card asks for: a tag, and how many bytes of it (0 to 252)."""

    tag: int
    length: int


def parse_dol(data: bytes, place: str) -> tuple[DolEntry, ...]:
    """Read a list of tags and lengths, without values.

    Raises: CardDataError - an entry that is cut off, a tag of more than three bytes, a length of more than one byte, or
    more values than one command can carry. Source: Book 3 §5.4.
    """
    entries: list[DolEntry] = []
    at = 0
    while at < len(data):
        start, at = at, at + 1
        if data[start] & 0x1F == 0x1F:
            while at < len(data) and data[at] & 0x80 and at - start < TAG_BYTES_MAX:
                at += 1
            at += 1
        if at - start > TAG_BYTES_MAX:
            raise CardDataError("a tag in the list is longer than three bytes", place=place)
        if at >= len(data):
            raise CardDataError("the list is cut off", place=place)
        entries.append(DolEntry(int.from_bytes(data[start:at], "big"), data[at]))
        at += 1
    if sum(entry.length for entry in entries) > VALUES_MAX:
        raise CardDataError("the list asks for more than a command can carry", place=place)
    return tuple(entries)


def asks_for_unpredictable_number(entries: Iterable[DolEntry]) -> bool:
    """Whether a list asks for 9F37, and for the whole of it: over less, a signature could be one recorded before.

    Source: Book 2 §6.5.1.
    """
    return any(entry.tag == UNPREDICTABLE_NUMBER and entry.length >= UNPREDICTABLE_NUMBER_BYTES for entry in entries)


def fill_dol(entries: Iterable[DolEntry], get: Callable[[int], bytes | None]) -> bytes:
    """Put together the values that a list asks for, each exactly as long as asked; `get` finds a value by its tag."""
    return b"".join(_fitted(entry, get) for entry in entries)


def _fitted(entry: DolEntry, get: Callable[[int], bytes | None]) -> bytes:
    """One value at the length asked for, by the rules of Book 3 §5.4."""
    element = ELEMENTS.get(entry.tag)
    value = None if element is None or is_constructed(entry.tag) else get(entry.tag)
    if element is None or not value:
        # Unknown, constructed or absent; an object of no length counts as absent (Book 3 Annex B3).
        return bytes(entry.length)
    if element.format is Format.NUMERIC:
        # Numbers stand at the right: the leftmost bytes go, or zeros come before.
        return value[max(0, len(value) - entry.length) :].rjust(entry.length, b"\x00")
    padding = b"\xff" if element.format is Format.COMPRESSED_NUMERIC else b"\x00"
    return value[: entry.length].ljust(entry.length, padding)
