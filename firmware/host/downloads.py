"""Downloads: what is asked for and what comes in field 62, for CA keys and applications.

A list is asked for as often as the acquirer says that more follows; then each entry is fetched by its name. Values
are as the acquirer sent them; whether a key is right and a parameter is sane, the kernel's parameters decide.
Source: terminals' download code. The control byte `2` says that more follows, `1` and `3` that there is data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from firmware.host import tlv
from firmware.host.errors import BadAnswer

RECEIVED_MAX: Final = 99
_RID: Final = 0x9F06
_INDEX: Final = 0x9F22
_EXPIRY: Final = 0xDF05
WITH_DATA: Final = b"1"
"""The control byte of an answer that holds what was asked for."""
_NOTHING: Final = b"0"
_MORE: Final = b"2"
_WITH_DATA: Final = (WITH_DATA, b"2", b"3")


@dataclass(frozen=True, slots=True)
class KeyName:
    """A CA key in the acquirer's list; `expiry` as it came, YYYYMMDD in packed digits or in characters."""

    rid: bytes
    index: int
    expiry: bytes = b""


@dataclass(frozen=True, slots=True)
class DownloadedKey:
    """A CA key as it came."""

    rid: bytes
    index: int
    expiry: bytes
    hash_algorithm: int
    key_algorithm: int
    modulus: bytes = field(repr=False)
    exponent: bytes = field(repr=False)
    checksum: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DownloadedAid:
    """The parameters of one application as they came; None for those that did not.

    `partial_match` is the application selection indicator, amounts are minor units.
    """

    aid: bytes
    partial_match: bool | None
    version: bytes | None
    tac_default: bytes | None
    tac_online: bytes | None
    tac_denial: bytes | None
    floor_limit: int | None
    random_threshold: int | None
    random_maximum_percent: int | None
    random_target_percent: int | None
    default_ddol: bytes | None
    online_pin: bool | None
    cash_limit: int | None
    contactless_floor_limit: int | None
    contactless_limit: int | None
    contactless_cvm_limit: int | None


def list_question(received: int) -> bytes:
    """The text of a question for a list, of which `received` entries are here already."""
    return b"1%02d" % min(received, RECEIVED_MAX)


def key_question(name: KeyName) -> bytes:
    """The text of a question for one CA key."""
    return tlv.write(_RID, name.rid) + tlv.write(_INDEX, bytes([name.index]))


def aid_question(aid: bytes) -> bytes:
    """The text of a question for the parameters of one application."""
    return tlv.write(_RID, aid)


def more_follows(payload: bytes) -> bool:
    """Whether the list goes on."""
    return payload[:1] == _MORE


def key_list(payload: bytes) -> tuple[KeyName, ...]:
    """Read one part of the list of CA keys. Raises: BadAnswer."""
    return tuple(
        KeyName(entry[_RID], _number(entry, _INDEX), entry.get(_EXPIRY, b""))
        for entry in _entries(payload)
        if _INDEX in entry
    )


def aid_list(payload: bytes) -> tuple[bytes, ...]:
    """Read one part of the list of applications. Raises: BadAnswer."""
    return tuple(entry[_RID] for entry in _entries(payload))


def ca_key(payload: bytes) -> DownloadedKey | None:
    """Read a downloaded CA key; None where the acquirer has none. Raises: BadAnswer."""
    entry = _only(payload)
    if entry is None:
        return None
    return DownloadedKey(
        rid=entry[_RID],
        index=_number(entry, _INDEX),
        expiry=entry.get(_EXPIRY, b""),
        hash_algorithm=_number(entry, 0xDF06),
        key_algorithm=_number(entry, 0xDF07),
        modulus=_required(entry, 0xDF02),
        exponent=_required(entry, 0xDF04),
        checksum=entry.get(0xDF03, b""),
    )


def aid_parameters(payload: bytes) -> DownloadedAid | None:
    """Read the parameters of one application; None where the acquirer has none. Raises: BadAnswer."""
    entry = _only(payload)
    if entry is None:
        return None
    return DownloadedAid(
        aid=entry[_RID],
        partial_match=entry[0xDF01] == b"\0" if 0xDF01 in entry else None,
        version=entry.get(0x9F08),
        tac_default=entry.get(0xDF11),
        tac_online=entry.get(0xDF12),
        tac_denial=entry.get(0xDF13),
        floor_limit=_binary(entry, 0x9F1B),
        random_threshold=_binary(entry, 0xDF15),
        random_maximum_percent=_digits(entry, 0xDF16),
        random_target_percent=_digits(entry, 0xDF17),
        default_ddol=entry.get(0xDF14),
        online_pin=None if 0xDF18 not in entry else bool(_binary(entry, 0xDF18)),
        cash_limit=_digits(entry, 0x9F7B),
        contactless_floor_limit=_digits(entry, 0xDF19),
        contactless_limit=_digits(entry, 0xDF20),
        contactless_cvm_limit=_digits(entry, 0xDF21),
    )


Entry = dict[int, bytes]


def _entries(payload: bytes) -> list[Entry]:
    """The entries behind the control byte; each begins with 9F06."""
    control, data = payload[:1], payload[1:]
    if control == _NOTHING:
        return []
    if control not in _WITH_DATA:
        raise BadAnswer("a download begins with no control byte that is known")
    entries: list[Entry] = []
    for tag, value in tlv.read(data):
        if tag == _RID:
            entries.append({})
        if not entries or tag in entries[-1]:
            raise BadAnswer("the entries of a download do not begin with 9F06, or have something twice")
        entries[-1][tag] = value
    return entries


def _only(payload: bytes) -> Entry | None:
    entries = _entries(payload)
    if len(entries) > 1:
        raise BadAnswer("a download of more than was asked for")
    return entries[0] if entries else None


def _required(entry: Entry, tag: int) -> bytes:
    if not entry.get(tag):
        raise BadAnswer(f"a download without {tag:X}")
    return entry[tag]


def _number(entry: Entry, tag: int) -> int:
    value = _required(entry, tag)
    if len(value) != 1:
        raise BadAnswer(f"{tag:X} of a download is not one byte")
    return value[0]


def _binary(entry: Entry, tag: int) -> int | None:
    return int.from_bytes(entry[tag], "big") if tag in entry else None


def _digits(entry: Entry, tag: int) -> int | None:
    if tag not in entry:
        return None
    text = entry[tag].hex()
    if not text.isdecimal():
        raise BadAnswer(f"{tag:X} of a download is not digits")
    return int(text)
