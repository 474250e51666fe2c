"""Tags and values as acquirers write them in fields 46, 55 and 62: one flat level, bounded.

The card's own reader stands in `firmware.emv`, which this package does not know; templates are not opened here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from firmware.host.errors import BadAnswer

OBJECTS_MAX: Final = 256


def read(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each object in `data`. Raises: BadAnswer - a tag, length or value that is cut off."""
    at = 0
    for _ in range(OBJECTS_MAX):
        if at >= len(data):
            return
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if at + length > len(data):
            raise BadAnswer("a data object goes past the end")
        yield tag, data[at : at + length]
        at += length
    if at < len(data):
        raise BadAnswer("too many data objects")


def find(data: bytes, tag: int) -> bytes:
    """The value of the first object with `tag`; nothing where there is none. Raises: BadAnswer."""
    return next((value for each, value in read(data) if each == tag), b"")


def write(tag: int, value: bytes) -> bytes:
    """One data object; at most 255 bytes of value."""
    length = bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


def only(data: bytes, tags: Iterable[int]) -> bytes:
    """The objects of `data` that have one of `tags`, in the order of `tags`. Raises: BadAnswer."""
    values = dict(read(data))
    return b"".join(write(tag, values[tag]) for tag in tags if tag in values)


def _tag(data: bytes, at: int) -> tuple[int, int]:
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        end += 1
        if end - 1 < len(data) and data[end - 1] & 0x80:
            end += 1
    if end > len(data):
        raise BadAnswer("a tag is cut off")
    return int.from_bytes(data[at:end], "big"), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    head = data[at : at + 1]
    if head < b"\x80":
        count, end = head, at + 1
    else:
        wide = head[0] & 0x7F
        if wide not in (1, 2):
            raise BadAnswer("the length of a data object is not one of one to three bytes")
        count, end = data[at + 1 : at + 1 + wide], at + 1 + wide
    if not head or end > len(data):
        raise BadAnswer("the length of a data object is cut off")
    return int.from_bytes(count, "big"), end
