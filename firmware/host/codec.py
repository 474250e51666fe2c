"""Fields into bytes and back: pyiso8583 does the work, behind what it cannot know of a table.

Owned here: the specification that pyiso8583 wants, made from a field table; which filler nibbles are understood; and
that nothing but digits is taken for digits. A message is a dict: `t` the message type, else field numbers, all text,
bytes in hexadecimal digits.
"""

from __future__ import annotations

from binascii import a2b_hex
from collections.abc import Iterable
from typing import Any, Final

import iso8583

from firmware.host.errors import BadMessage
from firmware.host.field_table import TABLES, Field
from firmware.host.profile import AcquirerProfile, Family

MESSAGE_BYTES_MAX: Final = 8_192
Fields = dict[str, str]

_TEXT: Final = "latin-1"
"""Reads every byte; what a text means is for those who show it."""
_FILLERS: Final = ("0", "F")
_FILLER_ERROR: Final = "nibbles, expecting"
_LEFT_FILLED: Final = 23
_TRACK: Final = frozenset("0123456789ABCDEF=")
_FRAME_KEYS: Final = ("t", "p", "1")


class Codec:
    """Reads and writes the messages of one field table."""

    def __init__(self, profile: AcquirerProfile) -> None:
        table = TABLES[profile.family]
        self._packed = profile.family is Family.CUP
        make = _packed if self._packed else _plain
        self._specification = _frame_fields(packed=self._packed)
        self._specification.update({str(each.number): make(each, profile.filler) for each in table})
        # In characters a byte is two of them.
        self._specification["52"]["max_len"] = profile.security.pin_block_bytes * (1 if self._packed else 2)
        self._digits = frozenset(str(each.number) for each in table if each.kind == "n")
        self._variable = frozenset(str(each.number) for each in table if each.length_digits)
        self._octets = frozenset(str(each.number) for each in table if each.kind == "b")
        self._tracks = frozenset(str(each.number) for each in table if each.kind == "z")

    def encode(self, fields: Fields) -> bytes:
        """Return the message; fields that do not fit the table are a programmer's error."""
        try:
            message, _ = iso8583.encode(fields, self._specification)
        except iso8583.EncodeError as error:
            fact = f"field {error.field}: {error.msg}"
        else:
            return bytes(message)
        raise AssertionError(fact)

    def decode(self, message: bytes) -> Fields:
        """Return the fields of a message. Raises: BadMessage."""
        if len(message) > MESSAGE_BYTES_MAX:
            raise BadMessage(f"a message of more than {MESSAGE_BYTES_MAX} bytes")
        fact = ""
        data: bytes | None = message
        # Each round puts our filler for another one in one more field; where it is ours there is nothing to mend.
        while data is not None:
            try:
                fields, parts = iso8583.decode(data, self._specification)
            except iso8583.DecodeError as error:
                # The error holds the whole message; it must not travel on in the chain of causes.
                data, fact = self._mended(data, error), f"field {error.field}, byte {error.pos}: {error.msg}"
            except KeyError as error:
                data, fact = None, f"field {error} is not in the table"
            else:
                self._check(fields)
                if not self._packed:
                    self._check_characters(parts)
                return fields
        raise BadMessage(fact)

    def _mended(self, data: bytes, error: iso8583.DecodeError) -> bytes | None:
        """The message with the other filler replaced by ours in the field that could not be read; None where none is.

        Some hosts fill up with F, some with 0; pyiso8583 knows one.
        """
        specification = self._specification[error.field]
        whole = error.doc_dec[error.field]
        # The one error that a filler makes; where the data are cut off it says the same, and there are none.
        if _FILLER_ERROR not in error.msg or not whole:
            return None
        left = specification.get("left_pad")
        if (whole[0] if left else whole[-1]) not in _FILLERS:
            return None
        filled = left + whole[1:] if left else whole[:-1] + specification["right_pad"]
        return data[: error.pos] + bytes.fromhex(filled) + data[error.pos + len(whole) // 2 :]

    def _check(self, fields: Fields) -> None:
        if not fields["t"].isdecimal():
            raise BadMessage("the message type is not digits")
        digits = self._digits & fields.keys()
        if digits and not "".join([fields[key] for key in digits]).isdecimal():
            wrong = min((key for key in digits if not fields[key].isdecimal()), key=int, default="")
            raise BadMessage(f"field {wrong}: not digits")
        for key in self._tracks & fields.keys():
            if not set(fields[key]) <= _TRACK:
                raise BadMessage(f"field {key}: not the digits of a track")

    def _check_characters(self, parts: dict[str, dict[str, bytes]]) -> None:
        """Refuse bytes that are not two digits each, and lengths that pyiso8583 takes for numbers, such as `+5`."""
        for key in self._octets & parts.keys():
            if not _is_hex(parts[key]["data"]):
                raise BadMessage(f"field {key}: not bytes in hexadecimal digits")
        for key in self._variable & parts.keys():
            if not parts[key]["len"].isdigit():
                raise BadMessage(f"field {key}: its length is not digits")


def _is_hex(data: bytes) -> bool:
    """Whether the text is bytes in hexadecimal digits, and nothing between them."""
    try:
        return len(a2b_hex(data)) * 2 == len(data)
    except ValueError:
        return False


def numbers(fields: Iterable[str]) -> list[int]:
    """The field numbers of a message, in order."""
    return sorted(int(key) for key in fields if key not in _FRAME_KEYS)


def _frame_fields(*, packed: bool) -> dict[str, dict[str, Any]]:
    """Message type and bitmaps; the header is a matter of the frame."""
    encoding = "b" if packed else "ascii"
    bitmap = 8 if packed else 16
    return {
        "h": _fixed("b", 0),
        "t": _fixed(encoding, 2 if packed else 4),
        "p": _fixed(encoding, bitmap),
        "1": _fixed(encoding, bitmap),
    }


def _fixed(encoding: str, length: int) -> dict[str, Any]:
    return {"data_enc": encoding, "len_enc": "ascii", "len_type": 0, "max_len": length, "desc": ""}


def _packed(field: Field, filler: str) -> dict[str, Any]:
    """A field with digits packed two to a byte, and its length too."""
    specification: dict[str, Any] = {
        "data_enc": _TEXT if field.kind in ("an", "ans") else "b",
        "len_enc": "bcd",
        "len_type": (field.length_digits + 1) // 2,
        "max_len": field.most,
        "desc": field.en,
    }
    if field.kind in ("n", "z"):
        specification["len_count"] = "nibbles"
        if field.number == _LEFT_FILLED:
            specification["left_pad"] = "0"
        else:
            specification["right_pad"] = filler
    return specification


def _plain(field: Field, filler: str) -> dict[str, Any]:
    """A field in characters, bytes as two hexadecimal digits each."""
    del filler
    return {
        "data_enc": _TEXT,
        "len_enc": "ascii",
        "len_type": field.length_digits,
        "max_len": field.most * (2 if field.kind == "b" else 1),
        "desc": field.en,
    }
