"""What terminals download in field 62: CA keys, applications and parameters, made from the board's own files.

An `Offer` changes what is served, so that a download shows: another floor limit, the keys under another index; or so
that it is wrong.

Source: the coding that terminals' download code understands. A control byte, `2` where more follows and `1` where not,
then data objects; `0` alone where there is nothing.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from drivers.bench.acquirer.request import BadRequest
from firmware.errors import ConfigError
from firmware.host import tlv
from firmware.host.errors import BadAnswer

PART_BYTES_MAX: Final = 400
_RID: Final = 0x9F06
_INDEX: Final = 0x9F22
_NOTHING: Final = b"0"
_LAST: Final = b"1"
_MORE: Final = b"2"
_RSA: Final = b"\1"
_SHA1: Final = b"\1"
_PARAMETERS: Final = b"1260" + b"133" + b"180" + b"201" + b"210" + b"233"
"""Two digits of a name, then the value: waiting time 60 s, 3 tries, no tips, keyed cards, no automatic sign-off."""

Entry = dict[int, bytes]


@dataclass(frozen=True, slots=True)
class Offer:
    """What is served otherwise than the files say.

    `parameters` is the text of a parameter download, `floor_limit_minor` that of every application, `ca_index` the
    index of every CA key. With `endless` each list goes on for ever, with `wrong_checksum` each key has another's.
    """

    parameters: str = _PARAMETERS.decode()
    floor_limit_minor: int | None = None
    ca_index: int | None = None
    endless: bool = False
    wrong_checksum: bool = False

    @classmethod
    def parse(cls, content: Any) -> Offer:
        """Read an offer from JSON. Raises: ValueError - it is none."""
        if not isinstance(content, dict) or not set(content) <= {each.name for each in fields(cls)}:
            raise ValueError(f"an offer has {', '.join(each.name for each in fields(cls))}")
        offer = cls(**content)
        text, floor, index = (content.get(name) for name in ("parameters", "floor_limit_minor", "ca_index"))
        encoded = text.encode("gbk", "replace") if isinstance(text, str) else None
        if "parameters" in content and (encoded is None or len(encoded) > PART_BYTES_MAX):
            raise ValueError(f"parameters is a text of at most {PART_BYTES_MAX} bytes")
        if floor is not None and not (type(floor) is int and 0 <= floor <= 0xFFFFFFFF):
            raise ValueError("floor_limit_minor is an amount in minor units")
        if index is not None and not (type(index) is int and 0 <= index <= 0xFF):
            raise ValueError("ca_index is a number from 0 to 255")
        if not all(type(content.get(name, False)) is bool for name in ("endless", "wrong_checksum")):
            raise ValueError("endless and wrong_checksum are true or false")
        return offer

    def key(self, key: Entry) -> Entry:
        """A CA key as it is offered."""
        if self.ca_index is not None:
            key = {**key, _INDEX: bytes([self.ca_index])}
            key[0xDF03] = hashlib.sha1(key[_RID] + key[_INDEX] + key[0xDF02] + key[0xDF04]).digest()  # noqa: S324 - EMV's
        return {**key, 0xDF03: bytes(20)} if self.wrong_checksum else key

    def aid(self, aid: Entry) -> Entry:
        """An application as it is offered."""
        return aid if self.floor_limit_minor is None else {**aid, 0x9F1B: self.floor_limit_minor.to_bytes(4, "big")}


_PLAIN: Final[Mapping[str, bytes]] = {
    "ca_key_sm2": _NOTHING,
    "contactless": _NOTHING,
    "blacklist": _NOTHING,
    "ca_key_end": b"",
    "aid_end": b"",
    "contactless_end": b"",
    "blacklist_end": b"",
}
ROWS: Final = frozenset({"ca_key_list", "aid_list", "ca_key", "aid", "parameters", *_PLAIN})
"""The rows of the message table that are answered here."""


class Downloads:
    """The lists of one folder of parameters."""

    def __init__(self, params: Path) -> None:
        """Read the lists. Raises: ConfigError."""
        self.offer = Offer()
        try:
            keys = tomllib.loads((params / "ca_keys.toml").read_text("utf-8"))
            kernel = tomllib.loads((params / "emv.toml").read_text("utf-8"))
            self._keys = [_key(each) for each in keys["key"]]
            self._aids = [_aid(scheme, each) for scheme in kernel["scheme"] for each in scheme["applications"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{params}: what terminals download cannot be read: {error}") from error

    def answer(self, row: str, asked: bytes) -> bytes:
        """Field 62 of the answer to a question for a list, an entry, an end or parameters. Raises: BadRequest."""
        offer = self.offer
        if row == "parameters":
            return offer.parameters.encode("gbk")
        if row.startswith("ca_key"):
            entries = [offer.key(each) for each in self._keys]
            names: tuple[int, ...] = (_RID, _INDEX)
            listed = [{tag: key[tag] for tag in (*names, 0xDF05)} for key in entries]
        else:
            entries = [offer.aid(each) for each in self._aids]
            names = (_RID,)
            listed = [{_RID: aid[_RID]} for aid in entries]
        if row in ("ca_key_list", "aid_list"):
            return _endless(listed, asked) if offer.endless else _part(listed, asked)
        if row in ("ca_key", "aid"):
            return _entry(entries, asked, names)
        return _PLAIN[row]


def _key(key: Mapping[str, Any]) -> Entry:
    modulus = bytes.fromhex("".join(key["modulus"].split()))
    exponent = int(key["exponent"])
    return {
        _RID: bytes.fromhex(key["rid"]),
        _INDEX: bytes([key["index"]]),
        0xDF05: f"{key['expires']:%Y%m%d}".encode(),
        0xDF06: _SHA1,
        0xDF07: _RSA,
        0xDF02: modulus,
        0xDF04: exponent.to_bytes((exponent.bit_length() + 7) // 8, "big"),
        0xDF03: bytes.fromhex(key["checksum"]),
    }


def _aid(scheme: Mapping[str, Any], application: Mapping[str, Any]) -> Entry:
    return {
        _RID: bytes.fromhex(application["aid"]),
        0xDF01: b"\0" if application["partial_match"] else b"\1",
        0x9F08: bytes.fromhex(scheme["version"]),
        0xDF11: bytes.fromhex(scheme["tac_default"]),
        0xDF12: bytes.fromhex(scheme["tac_online"]),
        0xDF13: bytes.fromhex(scheme["tac_denial"]),
        0x9F1B: scheme["floor_limit_minor"].to_bytes(4, "big"),
        0xDF15: scheme["random_threshold_minor"].to_bytes(4, "big"),
        0xDF16: bytes.fromhex(f"{scheme['random_maximum_percent']:02}"),
        0xDF17: bytes.fromhex(f"{scheme['random_target_percent']:02}"),
        0xDF14: bytes.fromhex(scheme["default_ddol"]),
        0xDF18: b"\1",
        0x9F7B: bytes(6),
    }


def _written(entry: Entry) -> bytes:
    return b"".join(tlv.write(tag, value) for tag, value in entry.items())


def _part(entries: list[Entry], asked: bytes) -> bytes:
    """The next part of a list; the question tells how many entries came already."""
    if len(asked) != 3 or not asked.isdigit():
        raise BadRequest("30", "a list is asked for with three digits")
    data, received = b"", int(asked[1:])
    left = entries[received:]
    if not left:
        return _NOTHING
    while left and len(data) + len(_written(left[0])) <= PART_BYTES_MAX:
        data += _written(left.pop(0))
    return (_MORE if left else _LAST) + data


def _endless(entries: list[Entry], asked: bytes) -> bytes:
    """A part that says that more follow, with an entry that was not listed before."""
    received = int(asked[1:]) if asked[1:].isdigit() else 0
    more = {**entries[0], _RID: entries[0][_RID][:4] + received.to_bytes(2, "big")[1:] + entries[0][_RID][5:]}
    return _MORE + _written(more)


def _entry(entries: list[Entry], asked: bytes, names: tuple[int, ...]) -> bytes:
    try:
        wanted = dict(tlv.read(asked))
    except BadAnswer as error:
        raise BadRequest("30", str(error)) from None
    for entry in entries:
        if all(entry[name] == wanted.get(name) for name in names):
            return _LAST + _written(entry)
    return _NOTHING
