"""What a transaction gives to others, as sets of tags by purpose: issuer, clearing, receipt, and a tester's report.

Owned here: which tags belong to which purpose, and that a report never shows what is the cardholder's alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from firmware.emv.application_names import application_name
from firmware.emv.cryptogram import Cryptogram, claimed_kind
from firmware.emv.session import Session
from firmware.emv.tags import is_sensitive
from firmware.emv.tlv import encode, tag_bytes
from firmware.units import Pan, Track2

FIELD_55: Final = (
    *(0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x5F2A, 0x82, 0x9F1A, 0x9F03, 0x9F33),
    *(0x9F34, 0x9F35, 0x9F1E, 0x84, 0x9F09, 0x9F41),
)
"""What the issuer needs to check an ARQC, in the order of the acquirer's message. Source: Book 4 §12.1.1, table 9."""
CLEARING: Final = (*FIELD_55, 0x8A, 0x9F5B, 0x5F24, 0x5F34)
"""What proves a finished transaction: the final cryptogram, why it was given, what became of scripts (rule 26), and
what a later message about the card must name."""


REVERSAL: Final = (0x95, 0x9F1E, 0x9F10, 0x9F36)
SCRIPT_NOTICE: Final = (0x9F33, 0x95, 0x9F37, 0x9F1E, 0x9F10, 0x9F26, 0x9F36, 0x82, 0x9F1A, 0x9A)
"""What the issuer learns of a transaction that did not end as it had said, and of its scripts."""


RESULTS_MAX: Final = 15 * 5
"""The bytes of script results that a message has room for: field 55 holds 255 in all. Of more scripts than these the
issuer hears nothing; who sends so many expects no answer to each."""
_TRACK2: Final = re.compile(r"(?=.{1,37}$)[0-9]{8,19}D[0-9]+")


class CvmLine(StrEnum):
    """What a receipt says of the cardholder's verification."""

    ONLINE_PIN = "online_pin"
    OFFLINE_PIN = "offline_pin"
    SIGNATURE = "signature"
    NO_CVM = "no_cvm"
    NONE = "none"
    """Not done, or failed."""


_LINES: Final = {
    0x01: CvmLine.OFFLINE_PIN,
    0x02: CvmLine.ONLINE_PIN,
    0x03: CvmLine.OFFLINE_PIN,
    0x04: CvmLine.OFFLINE_PIN,
    0x05: CvmLine.OFFLINE_PIN,
    0x1E: CvmLine.SIGNATURE,
    0x1F: CvmLine.NO_CVM,
}
_WITH_SIGNATURE: Final = frozenset({0x03, 0x05, 0x1E})


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What a receipt of a chip transaction shows; registers and cryptograms in hex, empty where there is none."""

    aid: str
    label: str
    pan: str
    """Masked."""
    sequence_number: str
    """5F34: two digits, empty where the card has none."""
    cryptogram_kind: Cryptogram | None
    cryptogram: str
    cid: str
    atc: str
    tvr: str
    tsi: str
    response_code: str
    """8A: two characters, empty where there is none yet."""
    cvm: CvmLine
    needs_signature: bool
    """Whether the paper must have a line to sign on."""


@dataclass(frozen=True, slots=True)
class CardOfSession:
    """The card of a chip transaction: number, expiry YYMM, sequence number (5F34), and track 2 equivalent data (57)."""

    pan: Pan
    expiry: str
    sequence: int | None
    track2: Track2 | None


def field_55(s: Session) -> bytes:
    """The chip's data in an authorisation request; what there is none of is left out."""
    return _encode(s, FIELD_55)


def clearing_data(s: Session) -> bytes:
    """The chip's data in an upload, an advice or a reversal; after `process` or `complete` has ended."""
    return _encode(s, CLEARING)


def session_pan(s: Session) -> Pan:
    """The card number, for the upload of an approval. Raises: CardDataError - the card gave none."""
    return Pan(s.store.require(0x5A, "the card's records").hex().rstrip("fF"))


def session_card(s: Session) -> CardOfSession:
    """The card as a message names it, after its records were read. Raises: CardDataError - it gave no number."""
    return CardOfSession(
        session_pan(s),
        (s.store.card(0x5F24) or b"").hex()[:4],
        sequence_number(s.store.card(0x5F34)),
        _track2(s.store.card(0x57)),
    )


def sequence_number(value: bytes | None) -> int | None:
    """The PAN sequence number of a 5F34; None where there is none, or what is no number of two digits."""
    return int(value.hex()) if value is not None and len(value) == 1 and value.hex().isdecimal() else None


def _track2(equivalent: bytes | None) -> Track2 | None:
    """Track 2 equivalent data as a track; None where the card gave none, or none that could be one."""
    text = (equivalent or b"").hex().upper().rstrip("F")
    return Track2(text) if _TRACK2.fullmatch(text) else None


def reversal_data(s: Session) -> bytes:
    """The chip's data in a reversal: what the card had decided when it ended, and what became of scripts (DF31)."""
    return _encode(s, REVERSAL) + (encode(0xDF31, s.script_results[:RESULTS_MAX]) if s.script_results else b"")


def script_data(s: Session) -> bytes:
    """The chip's data in the notice that tells the issuer what became of its scripts."""
    return _encode(s, SCRIPT_NOTICE) + encode(0xDF31, s.script_results[:RESULTS_MAX])


def receipt_facts(s: Session) -> ReceiptFacts:
    """What to print of the transaction, whatever it came to. Source: Book 4 §11.4, and what acquirers ask beyond it."""
    rule, _, result = s.cvm_results
    failed = result == 0x01
    method = rule & 0x3F
    return ReceiptFacts(
        aid=_hex(s, 0x84),
        label=_name(s),
        pan=_masked_pan(s),
        sequence_number=_hex(s, 0x5F34),
        cryptogram_kind=claimed_kind(s),
        cryptogram=_hex(s, 0x9F26),
        cid=_hex(s, 0x9F27),
        atc=_hex(s, 0x9F36),
        tvr=s.tvr.to_data().hex().upper(),
        tsi=s.tsi.to_data().hex().upper(),
        response_code=(s.store.get(0x8A) or b"").decode("ascii", "replace"),
        cvm=CvmLine.NONE if failed else _LINES.get(method, CvmLine.NONE),
        needs_signature=not failed and method in _WITH_SIGNATURE,
    )


def masked_tags(s: Session, *, testing: bool) -> dict[str, str]:
    """Every data object by its tag, both in hex; what is sensitive as `****`, unless the card is under a test CA."""
    tags = sorted(s.store.snapshot().items(), key=lambda item: tag_bytes(item[0]))
    return {f"{tag:X}": value.hex().upper() if testing or not is_sensitive(tag) else "****" for tag, value in tags}


def _encode(s: Session, tags: tuple[int, ...]) -> bytes:
    values = ((tag, s.store.get(tag)) for tag in tags)
    return b"".join(encode(tag, value[:RESULTS_MAX] if tag == 0x9F5B else value) for tag, value in values if value)


def _hex(s: Session, tag: int) -> str:
    return (s.store.get(tag) or b"").hex().upper()


def _name(s: Session) -> str:
    return application_name(
        s.store.card(0x84) or b"",
        label=s.store.card(0x50),
        preferred=s.store.card(0x9F12),
        code_table=s.store.card(0x9F11),
        supported=s.parameters.terminal.additional_capabilities,
    )


def _masked_pan(s: Session) -> str:
    digits = (s.store.card(0x5A) or b"").hex().rstrip("f")
    try:
        return Pan(digits).masked()
    except ValueError:
        # A card without a proper number: its transaction has ended, and its paper shows none of it.
        return ""
