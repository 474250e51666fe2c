"""A message of ISO 8583:1987 as the acquirer sees it: other fields for the same facts, and the row that it must be.

Owned here: without message codes a row is known by its type, processing code and condition, an upload by its text.
"""

from __future__ import annotations

from typing import Final

from drivers.bench.acquirer.books import Key
from drivers.bench.acquirer.request import REVERSAL, BadRequest, Request
from firmware.host.codec import Fields
from firmware.host.message_table import ISO87, Row

_MAC_CHARACTERS: Final = 16
_LIST_END: Final = 4
_TOTALS: Final = (("88", 16, 12), ("76", 10, 3), ("86", 16, 12), ("74", 10, 3))
"""Debits and credits, amount and number: the field, its length, and how many digits a batch needs."""
_NO_FOREIGN: Final = "0" * 31


class PlainRequest(Request):
    """One message in ISO 8583:1987."""

    __slots__ = ()

    @property
    def batch(self) -> int:
        """Field 60; 0 where there is none."""
        return int(self.own) if len(self.own) == 6 and self.own.isdecimal() else 0

    @property
    def network(self) -> str:
        """Field 70."""
        return self.fields.get("70", "")

    @property
    def original(self) -> Key:
        """The trace number in field 90, in the batch of this message: the field names none. Raises: BadRequest."""
        return Key(self.merchant, self.terminal, self.batch, int(self._elements[4:10]))

    @property
    def original_date(self) -> str:
        """The date in field 90, MMDD; nothing where it does not know."""
        date = self._elements[10:14]
        return "" if date == "0000" else date

    @property
    def names_batch(self) -> bool:
        """It does not."""
        return False

    @property
    def _elements(self) -> str:
        text = self.fields.get("90", "")
        if len(text) != 42:
            raise BadRequest("30", "field 90 names no original")
        return text

    @property
    def code(self) -> bytes:
        """Field 64, or 128 in a message with fields above 64; empty where there is none."""
        return bytes.fromhex(self.fields.get("128", self.fields.get("64", "")))

    @property
    def covered(self) -> bytes:
        """What its MAC covers."""
        return self.message[:-_MAC_CHARACTERS]

    @property
    def serial(self) -> bytes:
        """Field 110: the key serial number."""
        return bytes.fromhex(self.fields.get("110", ""))

    @property
    def takes_part(self) -> bool:
        """No field says so: it is agreed on."""
        return True

    @property
    def totals(self) -> str:
        """Fields 88, 76, 86 and 74 as the digits of a batch; both kinds of cards together."""
        parts = [self.fields.get(number, "").rjust(length, "0") for number, length, _ in _TOTALS]
        return "".join(part[-digits:] for part, (_, _, digits) in zip(parts, _TOTALS, strict=True)) + "0" + _NO_FOREIGN

    def settled(self, answer: str) -> Fields:
        """The answer to a settlement: field 66 for the flag, and the totals."""
        fields, at = {"66": answer[30]}, 0
        for number, length, digits in _TOTALS:
            fields[number] = answer[at : at + digits].rjust(length, "0")
            at += digits
        return fields


def row_of(fields: Fields, named: list[Row]) -> str:
    """The name of a message's row among those of the profile; nothing where none fits."""
    if fields["t"] == "0400":
        return REVERSAL
    if fields["t"] == "0320":
        return _upload(fields)
    for row in named:
        if (
            row.mti == fields["t"]
            and row.network in ("", fields.get("70"))
            and row.processing in ("", fields.get("3"))
            and row.condition in ("", fields.get("25"))
        ):
            return row.name
    return ""


def _upload(fields: Fields) -> str:
    text = fields.get("48", "")
    if "4" not in fields:
        return "upload_end" if len(text) == _LIST_END else "upload_stripe_list"
    by_text = {"61": "upload_chip_approved", "71": "upload_chip_declined"}.get(text[:2])
    if by_text is not None:
        return by_text
    kinds = {(row.processing, row.condition): row.name for row in ISO87 if row.name in _ONE_RECORD}
    found = kinds.get((fields.get("3", ""), fields.get("25", "")), "")
    return "upload_offline_notice" if found == "upload_offline_sale" and "90" in fields else found


_ONE_RECORD: Final = ("upload_refund", "upload_completion_notice", "upload_offline_sale")
