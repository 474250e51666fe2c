"""Questions into fields: what each field is filled with, and when it is left out.

Owned here: the field sources of UnionPay's dialect and how a question becomes a message; what ISO 8583:1987 fills
otherwise stands in `messages_iso87`. Source: terminals' message tables and captured messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from firmware.host.codec import Fields
from firmware.host.message_table import TABLES, Row
from firmware.host.profile import AcquirerProfile
from firmware.host.tlv import only
from firmware.host.values import Ask, CardData, Entry, Original, Transaction

ENTRY: Final[Mapping[Entry, str]] = {
    Entry.NONE: "00",
    Entry.KEYED: "01",
    Entry.STRIPE: "02",
    Entry.FALLBACK: "02",
    Entry.CHIP: "05",
}
"""Field 22, digits 1 and 2."""
SCRIPT_TAGS: Final = (0x9F33, 0x95, 0x9F37, 0x9F1E, 0x9F10, 0x9F26, 0x9F36, 0x82, 0xDF31, 0x9F1A, 0x9A)
"""What of the chip's data goes with a script's result, in this order."""
PIN_DIGITS_MAX: Final = "12"
UNKNOWN_ORGANISATION: Final = "000"
CHIP_ORGANISATION: Final = "CUP"

_PIN_BLOCK_DIGIT: Final = "2"
"""Field 53, digit 1: a PIN block that is bound to the card number (ANSI X9.8)."""
_FALLBACK_DIGIT: Final = "2"
"""Field 60.5: the stripe of a chip card."""
_SERIAL_NUMBER: Final = b"Sequence No"
_FULL_60: Final = ("0100", "0200", "0220")
"""The messages whose field 60 goes on after 60.3."""
_NO_STAN: Final = "000000"
_UNKNOWN_DATE: Final = "0000"


@dataclass(frozen=True, slots=True)
class Question:
    """What a field source may use: the question, its row, and whose terminal asks."""

    ask: Ask
    row: Row
    profile: AcquirerProfile
    terminal: str
    merchant: str

    @property
    def card(self) -> CardData | None:
        """The card, where there is one."""
        return self.ask.card

    @property
    def original(self) -> Original:
        """The transaction it is about; a question of this row without one is a programmer's error."""
        assert self.ask.original is not None, self.row.name
        return self.ask.original


Source = Callable[[Question], str | None]


def row_name(ask: Ask) -> str:
    """The row of a question."""
    if ask.transaction is Transaction.BATCH_UPLOAD:
        assert ask.upload is not None, "a batch upload names its kind"
        return f"upload_{ask.upload.kind}"
    return ask.transaction


def rows_of(profile: AcquirerProfile) -> dict[str, Row]:
    """The message table of an acquirer, with what its profile names itself."""
    rows = dict(TABLES[profile.family])
    for transaction, codes in profile.codes.items():
        rows[transaction] = replace(
            rows[transaction], processing=codes.processing, condition=codes.condition, code=codes.kind
        )
    sign_on = rows[Transaction.SIGN_ON]
    if not sign_on.network:
        rows[Transaction.SIGN_ON] = replace(sign_on, network=profile.security.sign_on)
    return rows


def compose(question: Question, sources: Iterable[tuple[str, Source]]) -> Fields:
    """Return what the sources give of a question, under the numbers of their fields; its MAC is not there yet."""
    fields = {"t": question.row.mti}
    for number, source in sources:
        value = source(question)
        if value is not None:
            fields[number] = value
    return fields


def sources_of(row: Row, sources: Mapping[int, Source]) -> tuple[tuple[str, Source], ...]:
    """The fields of a row, each with what fills it."""
    return tuple((str(number), sources[number]) for number in row.fields)


def card_number(q: Question) -> str | None:
    """Field 2: not beside a stripe, which holds it."""
    card = q.card
    if card is None or (card.track2 is not None and q.ask.entry is not Entry.CHIP):
        return None
    return card.pan.reveal()


def processing_code(q: Question) -> str | None:
    """Field 3; a script result has that of the transaction whose issuer sent the script."""
    if q.row.processing:
        return q.row.processing
    original = q.ask.original
    if original is None or original.transaction is None:
        return None
    codes = q.profile.codes.get(original.transaction)
    row = TABLES[q.profile.family][original.transaction]
    return (row.processing if codes is None else codes.processing) or None


def amount(q: Question) -> str | None:
    """Field 4, in minor units."""
    money = q.ask.amount
    if money is None:
        return None
    assert money.currency == q.profile.currency, "an amount in a currency that the acquirer does not book"
    return f"{money.minor:012}"


def trace_number(q: Question) -> str:
    """Field 11."""
    return str(q.ask.stan)


def expiry_date(q: Question) -> str | None:
    """Field 14: where field 2 is."""
    return q.card.expiry if q.card is not None and card_number(q) is not None else None


def entry_mode(q: Question) -> str | None:
    """Field 22: how the card was read, and whether a PIN was entered."""
    return ENTRY[q.ask.entry] + ("1" if q.ask.pin is not None else "2")


def card_sequence(q: Question) -> str | None:
    """Field 23: of a chip."""
    if q.card is None or q.card.sequence is None or q.ask.entry is not Entry.CHIP:
        return None
    return f"{q.card.sequence:03}"


def longest_pin(q: Question) -> str | None:
    """Field 26: with a PIN only."""
    return None if q.ask.pin is None else PIN_DIGITS_MAX


def track_2(q: Question) -> str | None:
    """Field 35, with D for the separator."""
    if q.card is None or q.card.track2 is None:
        return None
    return q.card.track2.reveal().replace("=", "D")


def pin_block(q: Question) -> str | None:
    """Field 52."""
    return None if q.ask.pin is None else q.ask.pin.reveal().hex().upper()


def security_control(q: Question) -> str | None:
    """Field 53: where there is a PIN or a track. Digits: PIN format, algorithm, whether tracks are enciphered."""
    pin, track = q.ask.pin is not None, q.card is not None and q.card.track2 is not None
    if not pin and not track:
        return None
    security = q.profile.security
    enciphered = "1" if track and security.tracks_enciphered else "0"
    return (_PIN_BLOCK_DIGIT if pin else "0") + security.pin_algorithm + enciphered + "0" * 13


def chip_data(q: Question) -> str | None:
    """Field 55; with a script's result, what proves that result."""
    if q.card is None or not q.card.chip:
        return None
    chip = q.card.chip
    if q.row.name == Transaction.SCRIPT_NOTICE:
        chip = only(chip, SCRIPT_TAGS)
    return chip.hex().upper()


def own_data(q: Question) -> str:
    """Field 60: message code, batch, network management code, and what the terminal can do."""
    row, ask = q.row, q.ask
    text = f"{row.code}{ask.batch:06}{_network(q)}"
    fallback = _FALLBACK_DIGIT if ask.entry is Entry.FALLBACK else "0"
    if row.name in ("script_notice", "upload_offline_sale"):
        return text + q.profile.capability + fallback
    if row.mti in _FULL_60 and row.network:
        return text + q.profile.capability + fallback + str(int(q.profile.partial_approval))
    return text


def _network(q: Question) -> str:
    """Field 60.3; of two codes, the one that tells how the settlement came out."""
    codes = q.row.network.split()
    if len(codes) < 2:
        return q.row.network
    assert q.ask.upload is not None, q.row.name
    return codes[0] if q.ask.upload.balanced else codes[1]


def original_data(q: Question) -> str:
    """Field 61."""
    return "".join(_PARTS_OF_61[part](q) for part in q.row.original)


_PARTS_OF_61: Final[Mapping[str, Callable[[Question], str]]] = {
    "b": lambda q: f"{q.original.batch:06}",
    "s": lambda q: _NO_STAN if q.original.stan is None else str(q.original.stan),
    "d": lambda q: q.original.date or _UNKNOWN_DATE,
    "m": lambda q: "00" + (q.original.institution or "").rjust(11, "0"),
    "z": lambda _q: "0" * 16,
}


def text_as_digits(q: Question) -> str | None:
    """Field 48: totals and records."""
    return q.ask.text.decode("ascii") if q.row.text == 48 and q.ask.text else None


def text_as_bytes(q: Question) -> str | None:
    """Field 62; at sign-on the terminal's serial number behind its name and length."""
    text = q.ask.text
    if not text:
        return None
    if q.row.name == Transaction.SIGN_ON:
        text = b"%s%02d%s" % (_SERIAL_NUMBER, len(text), text)
    return text.hex().upper()


def operator_or_organisation(q: Question) -> str:
    """Field 63: the operator in management messages, else the card's organisation."""
    if q.row.mti in ("0800", "0820", "0500"):
        return f"{q.profile.operator} "
    if q.row.name == Transaction.OFFLINE_SALE:
        return q.ask.organisation or CHIP_ORGANISATION
    return q.ask.organisation or UNKNOWN_ORGANISATION


CUP: Final[Mapping[int, Source]] = {
    2: card_number,
    3: processing_code,
    4: amount,
    11: trace_number,
    14: expiry_date,
    22: entry_mode,
    23: card_sequence,
    25: lambda q: q.row.condition,
    26: longest_pin,
    32: lambda q: q.original.institution,
    35: track_2,
    37: lambda q: q.original.rrn,
    38: lambda q: q.original.authorisation,
    41: lambda q: q.terminal,
    42: lambda q: q.merchant,
    48: text_as_digits,
    49: lambda q: f"{q.profile.currency.number:03}",
    52: pin_block,
    53: security_control,
    55: chip_data,
    60: own_data,
    61: original_data,
    62: text_as_bytes,
    63: operator_or_organisation,
}
