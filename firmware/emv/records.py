"""Read application data: the records that the AFL names, and the part of them that is signed.

Source: Book 3 §10.2 (reading), §10.3 (what is signed), §7.2 and §7.5 (what must be there and what must not).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware.emv.digits import compressed, numeric
from firmware.emv.errors import CardDataError, CommandRefused
from firmware.emv.session import Session
from firmware.emv.tags import ELEMENTS
from firmware.emv.tlv import Tlv, parse_one

MANDATORY: Final = (0x5F24, 0x5A, 0x8C, 0x8D)
"""Expiry date, account number and the two lists for GENERATE AC. Source: Book 3 §7.2, table 26."""
_ENTRY: Final = 4
_SFI_LAST: Final = 30
_SFI_EMV_LAST: Final = 10
"""Files 1 to 10 are as the books say; 11 to 30 belong to payment systems and issuers (Book 1 §10.2, Book 3 §5.3)."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One record to read: its file, its number, and whether it is signed."""

    sfi: int
    number: int
    signed: bool

    @property
    def place(self) -> str:
        return f"record {self.number} of SFI {self.sfi}"


async def read_records(s: Session) -> None:
    """Read every record of the AFL and keep what the terminal knows of it.

    Reads `afl`; writes the card's objects into the store, and `static_data`: None where a record that should be signed
    cannot be. Raises: CardDataError - a bad AFL, a malformed record, an object twice, mandatory data missing or without
    meaning; CommandRefused - any status but 9000; CardError - as `Commands.send`. Source: Book 3 §10.2.
    """
    signed: list[bytes | None] = []
    # The whole AFL is checked before the first record is read.
    for record in list(_records(s.afl)):
        header = bytes([0x00, 0xB2, record.number, record.sfi << 3 | 0x04])
        answer = await s.commands.send("READ RECORD", header)
        if not answer.ok:
            raise CommandRefused("READ RECORD", answer.status)
        template = _template(record, answer.data)
        if template is not None:
            known = [each for each in template.primitives() if each.tag in ELEMENTS]
            s.store.add_from_card(known, record.place)
        if record.signed:
            signed.append(_signed_part(record, answer.data, template))
    parts = [part for part in signed if part is not None]
    s.static_data = b"".join(parts) if len(parts) == len(signed) else None
    _check_mandatory(s)


def _records(locator: bytes) -> Iterator[_Record]:
    """The records of an AFL in its order. Raises: CardDataError. Source: Book 3 §10.2, rule 7."""
    if not locator or len(locator) % _ENTRY:
        raise CardDataError("not entries of four bytes", place="AFL", tag=0x94)
    for at in range(0, len(locator), _ENTRY):
        file, first, last, signed = locator[at : at + _ENTRY]
        sfi = file >> 3
        if not (1 <= sfi <= _SFI_LAST and 1 <= first <= last and signed <= last - first + 1):
            raise CardDataError(f"entry {at // _ENTRY + 1} names no records", place="AFL", tag=0x94)
        for number in range(first, last + 1):
            yield _Record(sfi, number, signed=number < first + signed)


def _template(record: _Record, data: bytes) -> Tlv | None:
    """The template of a record; None for one that is not of the books and need not be understood.

    Raises: CardDataError - a record of SFI 1 to 10 that is malformed, or no template where none may be missing.
    """
    if record.sfi > _SFI_EMV_LAST or (record.signed and data[:1] != b"\x70"):
        # A proprietary file is coded as its owner likes (§10.2); a signed record without template fails the
        # authentication, not the transaction (§10.3, rule 8).
        return _template_if_any(record, data)
    return parse_one(data, 0x70, record.place)


def _template_if_any(record: _Record, data: bytes) -> Tlv | None:
    try:
        return parse_one(data, 0x70, record.place)
    except CardDataError:
        return None


def _signed_part(record: _Record, data: bytes, template: Tlv | None) -> bytes | None:
    """What of a record is signed: in SFI 1 to 10 the template's value, above all of it; None: it cannot be signed.

    Source: Book 3 §10.3.
    """
    if data[:1] != b"\x70" or template is None:
        return None
    return template.value if record.sfi <= _SFI_EMV_LAST else data


def _check_mandatory(s: Session) -> None:
    """Find what every card must give, and that account number and expiry date can be read."""
    for tag in MANDATORY:
        s.store.require(tag, "records")
    digits = compressed(s.store.require(0x5A, "records"), place="records", tag=0x5A)
    if not 12 <= len(digits) <= 19:
        raise CardDataError("an account number has 12 to 19 digits", place="records", tag=0x5A)
    numeric(s.store.require(0x5F24, "records"), 6, place="records", tag=0x5F24)
