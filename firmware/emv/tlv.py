"""BER-TLV as cards use it: bytes into data objects and back, with limits on everything.

Source: Book 3 Annex B. Tags have one to three bytes, lengths one to three; zero bytes between objects are padding
(B1: '00' before, between and after objects is without meaning). Errors name the place, never the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware.emv.errors import CardDataError

DEPTH_MAX: Final = 6
OBJECTS_MAX: Final = 256
TAG_BYTES_MAX: Final = 3
LENGTH_MAX: Final = 0xFFFF
_CONSTRUCTED: Final = 0x20


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object: its tag as a number (0x9F02), its value, and the objects inside a constructed one.

    `raw` is the whole object as it came, tag and length included: signatures are over bytes, not over meanings.
    """

    tag: int
    value: bytes
    children: tuple[Tlv, ...]
    raw: bytes

    @property
    def constructed(self) -> bool:
        """Whether the object is a template (b6 of the first tag byte)."""
        return is_constructed(self.tag)

    def child(self, tag: int) -> Tlv | None:
        """The first object with `tag` directly inside, or None."""
        return next((each for each in self.children if each.tag == tag), None)

    def primitives(self) -> Iterator[Tlv]:
        """Every primitive object inside, at any depth, in order; the object itself where it is primitive."""
        if not self.constructed:
            yield self
        for each in self.children:
            yield from each.primitives()


def is_constructed(tag: int) -> bool:
    """Whether a tag is that of a template."""
    return bool(tag_bytes(tag)[0] & _CONSTRUCTED)


def tag_bytes(tag: int) -> bytes:
    """The tag as it stands in data: 0x9F02 as two bytes."""
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")


def encode(tag: int, value: bytes) -> bytes:
    """One data object, its length in the shortest form; at most 65535 bytes of value."""
    assert len(value) <= LENGTH_MAX, len(value)
    if len(value) < 0x80:
        length = bytes([len(value)])
    elif len(value) <= 0xFF:
        length = bytes([0x81, len(value)])
    else:
        length = b"\x82" + len(value).to_bytes(2, "big")
    return tag_bytes(tag) + length + value


def parse(data: bytes, place: str) -> tuple[Tlv, ...]:
    """Read all data objects in `data`, templates with what is inside them.

    Raises: CardDataError - a tag or length that is cut off or too long, a value past the end, templates nested deeper
    than 6, or more than 256 objects.
    """
    return _Reader(place).objects(data, 1)


def parse_one(data: bytes, tag: int, place: str) -> Tlv:
    """Read `data` as exactly one object with `tag`. Raises: CardDataError."""
    objects = parse(data, place)
    if len(objects) != 1 or objects[0].tag != tag:
        raise CardDataError("not the one template that belongs here", place=place, tag=tag)
    return objects[0]


class _Reader:
    """Counts the objects of one piece of data while it is read."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._count = 0

    def objects(self, data: bytes, depth: int) -> tuple[Tlv, ...]:
        if depth > DEPTH_MAX:
            raise CardDataError("templates are nested too deep", place=self._place)
        found: list[Tlv] = []
        at = 0
        while at < len(data):
            if data[at] == 0:
                at += 1
                continue
            item, at = self._object(data, at, depth)
            found.append(item)
        return tuple(found)

    def _object(self, data: bytes, start: int, depth: int) -> tuple[Tlv, int]:
        self._count += 1
        if self._count > OBJECTS_MAX:
            raise CardDataError("too many data objects", place=self._place)
        tag, at = self._tag(data, start)
        length, at = self._length(data, at, tag)
        end = at + length
        if end > len(data):
            raise CardDataError("the value goes past the end", place=self._place, tag=tag)
        value = data[at:end]
        children = self.objects(value, depth + 1) if is_constructed(tag) else ()
        return Tlv(tag, value, children, data[start:end]), end

    def _tag(self, data: bytes, at: int) -> tuple[int, int]:
        start = at
        if data[at] & 0x1F == 0x1F:
            at += 1
            while at < len(data) and data[at] & 0x80 and at - start < TAG_BYTES_MAX:
                at += 1
        at += 1
        if at > len(data):
            raise CardDataError("a tag is cut off", place=self._place)
        if at - start > TAG_BYTES_MAX:
            raise CardDataError("a tag is longer than three bytes", place=self._place)
        return int.from_bytes(data[start:at], "big"), at

    def _length(self, data: bytes, at: int, tag: int) -> tuple[int, int]:
        if at >= len(data):
            raise CardDataError("the length is missing", place=self._place, tag=tag)
        first = data[at]
        if first < 0x80:
            return first, at + 1
        count = first & 0x7F
        if count not in (1, 2):
            raise CardDataError("the length is not one of one to three bytes", place=self._place, tag=tag)
        if at + 1 + count > len(data):
            raise CardDataError("the length is cut off", place=self._place, tag=tag)
        return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count
