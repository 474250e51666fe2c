"""A message from a terminal of UnionPay's dialect, as far as the acquirer needs it.

Owned here: what of its fields is plainly wrong by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.bench.acquirer.books import Key
from firmware.host import tlv
from firmware.host.codec import Fields
from firmware.host.errors import BadAnswer

MAC_BYTES = 8
TOTALS_DIGITS = 62
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
    def names_batch(self) -> bool:
        """Whether it names its original with the batch."""
        return True

    @property
    def code(self) -> bytes:
        """Field 64, the MAC; empty where there is none."""
        return bytes.fromhex(self.fields.get("64", ""))

    @property
    def serial(self) -> bytes:
        """The key serial number; these keys have none."""
        return b""

    @property
    def totals(self) -> str:
        """Field 48 of a settlement: 62 digits. Raises: BadRequest."""
        told = self.fields.get("48", "")
        if len(told) != TOTALS_DIGITS or not told.isdecimal():
            raise BadRequest("30", "field 48 holds no totals")
        return told

    def settled(self, answer: str) -> Fields:
        """The fields of the answer to a settlement; `answer` is 62 digits with their flags."""
        return {"48": answer}

    @property
    def covered(self) -> bytes:
        """What its MAC covers."""
        return self.message[:-MAC_BYTES]

    @property
    def takes_part(self) -> bool:
        """Whether the terminal understands an approval of a part (60.6)."""
        return self.own[13:14] == "1"
