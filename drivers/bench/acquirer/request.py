"""A message from a terminal, taken apart as far as the acquirer needs it.

Owned here: which row of the message table a message is, and what of its fields is plainly wrong by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from drivers.bench.acquirer.books import Key
from firmware.host import tlv
from firmware.host.codec import Codec, Fields
from firmware.host.errors import BadAnswer, BadMessage
from firmware.host.frame import unwrap
from firmware.host.message_table import TABLES, Row
from firmware.host.profile import AcquirerProfile

MAC_BYTES = 8
REVERSAL = "reversal"


class BadRequest(Exception):
    """A message that is readable, but not what its row wants; holds the response code."""

    def __init__(self, code: str, fact: str) -> None:
        super().__init__(fact)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """One message: its fields, its row's name, and its bytes without headers."""

    fields: Fields
    row: str
    tpdu: str
    header: str
    message: bytes

    @property
    def type(self) -> str:
        """The message type, such as 0200."""
        return self.fields["t"]

    @property
    def merchant(self) -> str:
        """Field 42."""
        return self.fields.get("42", "")

    @property
    def terminal(self) -> str:
        """Field 41."""
        return self.fields.get("41", "")

    @property
    def own(self) -> str:
        """Field 60."""
        return self.fields.get("60", "")

    @property
    def batch(self) -> int:
        """Field 60.2; 0 where there is none."""
        digits = self.own[2:8]
        return int(digits) if len(digits) == 6 else 0

    @property
    def network(self) -> str:
        """Field 60.3."""
        return self.own[8:11]

    @property
    def key(self) -> Key:
        """What its booking is found by."""
        return Key(self.merchant, self.terminal, self.batch, int(self.fields.get("11", "0")))

    @property
    def amount(self) -> int:
        """Field 4, minor units. Raises: BadRequest."""
        amount = int(self.fields.get("4", "0"))
        if not amount:
            raise BadRequest("13", "no amount")
        return amount

    @property
    def original(self) -> Key:
        """What field 61 names. Raises: BadRequest."""
        text = self.fields.get("61", "")
        if len(text) < 12:
            raise BadRequest("30", "field 61 names no original")
        return Key(self.merchant, self.terminal, int(text[:6]), int(text[6:12]))

    @property
    def original_date(self) -> str:
        """The date in field 61, MMDD; nothing where it has none or does not know."""
        date = self.fields.get("61", "")[12:16]
        return "" if date == "0000" else date

    @property
    def chip(self) -> Mapping[int, bytes]:
        """Field 55 by tag. Raises: BadRequest."""
        try:
            return dict(tlv.read(bytes.fromhex(self.fields.get("55", ""))))
        except BadAnswer as error:
            raise BadRequest("30", f"field 55: {error}") from None

    @property
    def text(self) -> bytes:
        """Field 62."""
        return bytes.fromhex(self.fields.get("62", ""))

    @property
    def sealed(self) -> bool:
        """Whether it carries a MAC."""
        return "64" in self.fields

    @property
    def covered(self) -> bytes:
        """What its MAC covers."""
        return self.message[:-MAC_BYTES]

    @property
    def takes_part(self) -> bool:
        """Whether the terminal understands an approval of a part (60.6)."""
        return self.own[13:14] == "1"


class Reader:
    """Reads the messages of one profile."""

    def __init__(self, profile: AcquirerProfile) -> None:
        self._profile = profile
        self._codec = Codec(profile)
        self._rows = _rows(profile)

    def read(self, frame: bytes) -> Request:
        """Take a message apart. Raises: BadMessage."""
        outer = unwrap(frame, self._profile)
        fields = self._codec.decode(outer.message)
        for number in ("41", "42", "60"):
            if number not in fields:
                raise BadMessage(f"no field {number}")
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

    def encode(self, fields: Fields) -> bytes:
        """Write a message."""
        return self._codec.encode(fields)


def _rows(profile: AcquirerProfile) -> list[Row]:
    named = {str(transaction): codes for transaction, codes in profile.codes.items()}
    rows: list[Row] = []
    for row in TABLES[profile.family].values():
        codes = named.get(row.name)
        if row.name in ("transfer", "cash_advance") and codes is None:
            continue
        if row.name == "sign_on":
            rows.append(replace(row, network=profile.security.sign_on))
        elif codes is not None:
            rows.append(replace(row, processing=codes.processing, condition=codes.condition, code=codes.kind))
        else:
            rows.append(row)
    return rows
