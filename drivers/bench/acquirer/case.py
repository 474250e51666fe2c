"""One question as those who judge it see it: the request, who asks, with which card, and the books.

Owned here: what every card must show - that it is known and not expired, that chip and PIN are right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from drivers.bench.acquirer.books import Account, Books, Enrolled
from drivers.bench.acquirer.ciphers import WorkingKeys, clear_track, pin_of
from drivers.bench.acquirer.issuing import Chip, Issuing
from drivers.bench.acquirer.request import BadRequest, Request
from firmware.host.codec import Fields

PIN_TRIES: Final = 3
_PIN_WANTED: Final = frozenset({"balance", "cash_advance", "transfer"})
"""What no account does without its PIN."""
_PIN_BLOCK: Final = "2"
_ENCIPHERED: Final = "1"


@dataclass(slots=True)
class Card:
    """The card of a question."""

    pan: str
    expiry: str
    entry: str
    chip: Chip | None


@dataclass(slots=True)
class Verdict:
    """What is answered: field 39, further fields, and the sixth digit of the header."""

    code: str
    fields: Fields = field(default_factory=dict)
    demand: str = "0"
    fault: str = ""


@dataclass(slots=True)
class Case:
    """What a judge has at hand."""

    request: Request
    books: Books
    issuing: Issuing
    enrolled: Enrolled
    now: datetime
    keys: WorkingKeys
    """The keys of this question: those of the terminal's sign-on, or derived for it alone."""

    @property
    def day(self) -> str:
        """Today, YYYYMMDD."""
        return f"{self.now:%Y%m%d}"

    def note(self, kind: str, fact: str) -> None:
        """Note what is odd about this question."""
        self.books.note_finding(self.request.terminal, kind, fact)


def card_of(case: Case) -> Card:
    """The card of a request, as far as the message itself can be right or wrong. Raises: BadRequest."""
    fields = case.request.fields
    entry = fields.get("22", "")
    track = _track(case)
    pan = fields.get("2", track.partition("D")[0])
    if "35" in fields and (track.partition("D")[0] != pan):
        raise BadRequest("30", "fields 2 and 35 name two cards")
    if not (pan.isdecimal() and 12 <= len(pan) <= 19):
        raise BadRequest("14", "no card number")
    if entry[2:3] != ("1" if "52" in fields else "2"):
        raise BadRequest("30", "field 22 and field 52 do not agree on a PIN")
    if ("52" in fields) != ("26" in fields):
        raise BadRequest("30", "fields 26 and 52 go together")
    expiry = fields.get("14", track.partition("D")[2][:4])
    chip = None
    if entry.startswith("05") and "55" in fields:
        chip = Chip(pan, int(fields.get("23", "0")), case.request.chip)
    return Card(pan, expiry, entry, chip)


def _track(case: Case) -> str:
    """Track 2 in clear, with D for its separator."""
    fields = case.request.fields
    digits = fields.get("35", "").replace("=", "D")
    if not digits:
        return ""
    control = fields.get("53", "")
    enciphered = control[2:3] == _ENCIPHERED
    if enciphered != bool(case.keys.track):
        raise BadRequest("30", "field 53 does not say how the track is protected")
    return clear_track(digits, case.keys) if enciphered else digits


def account_of(case: Case, card: Card) -> Account | str:
    """The account of a card that may be used, or the code that says why not."""
    account = case.books.account(card.pan)
    if account is None or account.kind not in ("debit", "credit"):
        return "14"
    if card.expiry and card.expiry != account.expiry:
        return "54"
    if account.expiry < f"{case.now:%y%m}":
        return "54"
    return account


def check_chip(case: Case, card: Card, *, cryptogram: int) -> str:
    """The code of what is wrong with a chip's cryptogram, which must be of kind 9F27 `cryptogram`; "" where right."""
    if card.entry[:2] != "05":
        return ""
    if card.chip is None:
        case.note("chip", "a chip without field 55")
        return "30"
    tags = card.chip.tags
    if tags.get(0x9F27) != bytes([cryptogram]):
        case.note("chip", "not the cryptogram that this message carries")
        return "59"
    if tags.get(0x9F02, b"").hex() != case.request.fields.get("4", "0" * 12):
        case.note("chip", "another amount than field 4")
        return "59"
    if not card.chip.genuine:
        case.note("chip", "the cryptogram is not genuine")
        return "59"
    return ""


def check_pin(case: Case, account: Account) -> str:
    """The code of what is wrong with the PIN; "" where right, or where none is needed."""
    fields = case.request.fields
    if "52" not in fields:
        return "55" if case.request.row in _PIN_WANTED and account.pin else ""
    if fields.get("53", "")[:1] != _PIN_BLOCK:
        case.note("pin", "field 53 does not say how the PIN block is made")
        return "99"
    wrong = account.wrong_pins if account.wrong_on == case.day else 0
    if wrong >= PIN_TRIES:
        return "75"
    pin = pin_of(bytes.fromhex(fields["52"]), account.number, case.keys)
    if pin is None:
        case.note("pin", "no PIN block of this card under this key")
        return "99"
    right = pin == account.pin
    case.books.count_wrong_pin(account.number, 0 if right else wrong + 1, case.day)
    if right:
        return ""
    return "75" if wrong + 1 >= PIN_TRIES else "55"
