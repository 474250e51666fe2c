"""Any message as a named table that may be shown: no card number, track, PIN block or key in it.

Owned here: what is shown of each field, and how a frame is recognised whose length prefix or headers are missing. For
people and tests; the terminal itself never reads through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from firmware.host import tlv
from firmware.host.answers import readable
from firmware.host.codec import Codec, Fields, numbers
from firmware.host.errors import BadAnswer, BadMessage
from firmware.host.field_table import TABLES, Field, Shown
from firmware.host.frame import Frame, head, unwrap
from firmware.host.message_table import Row
from firmware.host.messages import rows_of
from firmware.host.profile import AcquirerProfile, Family
from firmware.host.reversal import MESSAGE_TYPE
from firmware.host.settlement import TOTALS_DIGITS
from firmware.log import mask_text
from firmware.units import Pan

LENGTH_BYTES: Final = 2
MESSAGES_MAX: Final = 1_000
TagName = Callable[[int], str | None]
"""The name of a tag whose value may be shown; None for all others."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; an inner one tells about a part of the field above."""

    label: str
    name: str
    value: str
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """One message as lines; `title` names the transaction in both languages."""

    title: str
    lines: tuple[Line, ...]


def frames(data: bytes) -> list[bytes]:
    """The frames in `data`: behind length prefixes where all of them fit, else all of it as one."""
    parts: list[bytes] = []
    at = 0
    while at < len(data) and len(parts) < MESSAGES_MAX:
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(data[start - LENGTH_BYTES : start], "big")
        parts.append(data[start:at])
    return parts if at == len(data) and all(parts) else [data]


def decode(frame: bytes, profile: AcquirerProfile, tag_name: TagName) -> Decoded:
    """Return what a frame or a bare message says, masked. Raises: BadMessage."""
    outer, fields = _opened(frame, profile)
    table = {str(each.number): each for each in TABLES[profile.family]}
    lines: list[Line] = []
    if outer.tpdu:
        lines.append(Line("TPDU", "传输协议数据单元 · transport header", outer.tpdu))
    if outer.header:
        lines.append(Line("head", "报文头 · header", outer.header))
        lines.append(Line("  6", "处理要求 · demand", outer.demand, inner=True))
    lines.append(Line("0", "消息类型 · message type", fields["t"]))
    for number in numbers(fields):
        field, value = table[str(number)], fields[str(number)]
        lines.append(Line(str(number), f"{field.zh} · {field.en}", _shown(field, value, profile)))
        lines.extend(_inside(fields, field.number, profile, tag_name))
    return Decoded(_title(fields, profile), tuple(lines))


def _opened(frame: bytes, profile: AcquirerProfile) -> tuple[Frame, Fields]:
    """The frame with its headers, or else a bare message."""
    codec = Codec(profile)
    try:
        outer = unwrap(frame, profile)
        return outer, codec.decode(outer.message)
    except BadMessage as framed:
        fact = str(framed)
    if not head(profile):
        raise BadMessage(fact)
    try:
        return Frame("", "", frame), codec.decode(frame)
    except BadMessage:
        # Of the two errors, the one with the headers is what people mean.
        pass
    raise BadMessage(fact)


def _title(fields: Fields, profile: AcquirerProfile) -> str:
    """The row of the message table that fits best, and which way it goes."""
    message_type = fields["t"]
    answer = int(message_type[2]) % 2 == 1
    asked = f"{int(message_type) - 10:04}" if answer else message_type
    way = "应答 · answer" if answer else "请求 · question"
    reversal = asked == MESSAGE_TYPE
    for row in rows_of(profile).values():
        if (reversal or row.mti == asked) and _fits(row, fields, profile):
            zh, en = (f"冲正 {row.zh}", f"reversal of a {row.en}") if reversal else (row.zh, row.en)
            return f"{message_type} {zh} · {en}, {way}"
    return f"{message_type} {way}"


def _fits(row: Row, fields: Fields, profile: AcquirerProfile) -> bool:
    """Whether a message has the codes of a row; what it does not carry does not count."""
    if row.processing and fields.get("3", row.processing) != row.processing:
        return False
    if row.condition and fields.get("25", row.condition) != row.condition:
        return False
    if profile.family is Family.ISO87:
        return fields.get("70", "") == row.network and ("3" in fields) == bool(row.processing)
    code, network = fields.get("60", "")[:2], fields.get("60", "")[8:11]
    return code == row.code and (network in row.network.split() if row.network else not network)


def _shown(field: Field, value: str, profile: AcquirerProfile) -> str:
    if field.shown is Shown.CARD_NUMBER:
        return _masked_card(value)
    if field.shown is Shown.LENGTH:
        length = len(value) // 2 if field.kind == "b" else len(value)
        return f"**** ({length} {'bytes' if field.kind == 'b' else 'characters'})"
    if field.number == 55:
        return f"{len(value) // 2} bytes"
    if field.kind == "ans":
        return mask_text(readable(value, profile.charset))
    return value


def _masked_card(digits: str) -> str:
    try:
        return Pan(digits).masked()
    except ValueError:
        return "****"


def _inside(fields: Fields, number: int, profile: AcquirerProfile, tag_name: TagName) -> Iterator[Line]:
    """The parts of a field."""
    value = fields[str(number)]
    parts = _PARTS[profile.family].get(number)
    if parts is not None:
        yield from _cut(value, parts)
    elif number == 55:
        yield from _tags(bytes.fromhex(value), tag_name)
    elif number == 62 and fields.get("60", "")[8:11] in _PUBLIC_DOWNLOADS:
        # A control byte, then names of public keys and applications.
        data = bytes.fromhex(value)
        control = _control_bytes(data)
        yield Line("  ctl", "control", readable(data[:control].decode("latin-1"), "ascii"), inner=True)
        yield from _tags(data[control:], tag_name)
    elif number == 48 and len(value) == TOTALS_DIGITS:
        yield from _cut(value, _TOTALS)


def _control_bytes(data: bytes) -> int:
    """A list is asked for with three digits; every other text has one control byte, or none before a tag."""
    return 0 if data[:1] >= b"\x80" else min(len(data), 3 if data[1:3].isdigit() else 1)


def _cut(value: str, parts: tuple[tuple[str, str, int], ...]) -> Iterator[Line]:
    """A field of parts of fixed length, as far as it goes."""
    at = 0
    for label, name, length in parts:
        if at >= len(value):
            return
        yield Line(f"  {label}", name, value[at : at + length].rstrip(), inner=True)
        at += length


def _tags(data: bytes, tag_name: TagName) -> Iterator[Line]:
    """Data objects, tag by tag; what could name the card or its holder is not shown."""
    try:
        for tag, content in tlv.read(data):
            name = tag_name(tag)
            shown = content.hex().upper() if name is not None else f"**** ({len(content)} bytes)"
            yield Line(f"  {tag:X}", name or "", shown, inner=True)
    except BadAnswer:
        yield Line("  ?", "not data objects", "", inner=True)


_PUBLIC_DOWNLOADS: Final = ("370", "371", "372", "373", "380", "381", "382")
_SIDE: Final = (("debits, amount", 12), ("debits, number", 3), ("credits, amount", 12), ("credits, number", 3))
_TOTALS: Final = tuple(
    (f"48.{at}", f"{side}: {name}", length)
    for at, (side, name, length) in enumerate(
        ((side, *part) for side in ("domestic", "foreign") for part in (*_SIDE, ("flag", 1))), start=1
    )
)
_Parts = Mapping[int, tuple[tuple[str, str, int], ...]]
_PARTS: Final[Mapping[Family, _Parts]] = {
    Family.CUP: {
        22: (("22.1", "entry", 2), ("22.2", "1 with PIN, 2 without", 1)),
        53: (("53.1", "PIN format", 1), ("53.2", "algorithm", 1), ("53.3", "1: tracks enciphered", 1)),
        60: (
            ("60.1", "message code", 2),
            ("60.2", "batch", 6),
            ("60.3", "network management code", 3),
            ("60.4", "terminal capability", 1),
            ("60.5", "2: fallback to the stripe", 1),
            ("60.6", "1: partial approval", 1),
            ("60.7", "account type", 3),
        ),
        61: (("61.1", "original batch", 6), ("61.2", "original trace number", 6), ("61.3", "original date", 4)),
    },
    Family.ISO87: {
        90: (
            ("90.1", "original message type", 4),
            ("90.2", "original trace number", 6),
            ("90.3", "original date and time", 10),
            ("90.4", "acquiring institution", 11),
        ),
    },
}
