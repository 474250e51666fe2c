"""Bytes of a terminal into a request, and an answer into bytes, in both dialects.

Owned here: which row of the message table a message is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from drivers.bench.acquirer.request import MAC_BYTES, REVERSAL, Request
from drivers.bench.acquirer.request_plain import PlainRequest, row_of
from firmware.host.codec import Codec, Fields
from firmware.host.errors import BadMessage
from firmware.host.frame import unwrap
from firmware.host.message_table import TABLES, Row
from firmware.host.profile import AcquirerProfile, Family


class Reader:
    """Reads the messages of one profile."""

    def __init__(self, profile: AcquirerProfile) -> None:
        self._profile = profile
        self._codec = Codec(profile)
        self._rows = _rows(profile)
        self._plain = profile.family is Family.ISO87

    def read(self, frame: bytes) -> Request:
        """Take a message apart. Raises: BadMessage."""
        outer = unwrap(frame, self._profile)
        fields = self._codec.decode(outer.message)
        for number in ("41", "42") if self._plain else ("41", "42", "60"):
            if number not in fields:
                raise BadMessage(f"no field {number}")
        if self._plain:
            return PlainRequest(fields, row_of(fields, self._rows), outer.tpdu, outer.header, outer.message)
        if len(fields["60"]) < 8:
            raise BadMessage("field 60 names no batch")
        return Request(fields, self._row(fields), outer.tpdu, outer.header, outer.message)

    def _row(self, fields: Fields) -> str:
        """The row's name; nothing where no row of the table fits."""
        if fields["t"] == "0400":
            return REVERSAL
        code, network = fields["60"][:2], fields["60"][8:11]
        for row in self._rows:
            if (
                row.mti == fields["t"]
                and row.code == code
                and (network in row.network.split() or not row.network)
                and fields.get("25", "") in (row.condition, fields.get("25", "") if not row.condition else "")
                and fields.get("3", "") in (row.processing, fields.get("3", "") if not row.processing else "")
            ):
                return row.name
        return ""

    def encode(self, fields: Fields, seal: Callable[[bytes], bytes] | None) -> bytes:
        """Write a message, with the code that `seal` makes of what is before it."""
        if seal is None:
            return self._codec.encode(fields)
        last = "128" if any(int(number) > 64 for number in fields if number != "t") else "64"
        length = 2 * MAC_BYTES if self._plain else MAC_BYTES
        covered = self._codec.encode({**fields, last: "0" * 2 * MAC_BYTES})[:-length]
        code = seal(covered)
        return covered + (code.hex().upper().encode() if self._plain else code)


def _rows(profile: AcquirerProfile) -> list[Row]:
    named = {str(transaction): codes for transaction, codes in profile.codes.items()}
    rows: list[Row] = []
    for row in TABLES[profile.family].values():
        codes = named.get(row.name)
        if row.name in ("transfer", "cash_advance") and codes is None:
            continue
        if row.name == "sign_on" and not row.network:
            rows.append(replace(row, network=profile.security.sign_on))
        elif codes is not None:
            rows.append(replace(row, processing=codes.processing, condition=codes.condition, code=codes.kind))
        else:
            rows.append(row)
    return rows
