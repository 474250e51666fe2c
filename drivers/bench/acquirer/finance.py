"""Payments and what takes them back: the judge of each row of the message table that moves money.

Owned here: what is refused and with which code, and which postings each kind makes. Source: the matching rules of an
acquirer's front end: a void wants the same day, card, amount and terminal; a completion comes within 29 days and for at
most 115 percent; refunds together stay within their original.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from drivers.bench.acquirer.books import Account, Booking
from drivers.bench.acquirer.case import Card, Case, Verdict, account_of, card_of, check_chip, check_pin
from drivers.bench.acquirer.issuing import APPROVING, Rule

COMPLETION_DAYS: Final = 29
COMPLETION_PERCENT: Final = 115
_ARQC: Final = 0x80
_TC: Final = 0x40
_OFFLINE_APPROVALS: Final = (b"Y1", b"Y3")
_CRYPTOGRAM_NOT_NEEDED: Final = frozenset({"refund", "void", "preauth_void", "completion", "completion_void"})
"""Here a chip may be read only for its number; a cryptogram that asks the issuer is checked all the same."""


class Refused(Exception):
    """A question that the books do not allow; holds the response code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def judge(case: Case) -> Verdict:
    """Judge a question that moves money or asks for a balance, and book it. Raises: BadRequest."""
    books, request = case.books, case.request
    if books.find(request.key) is not None:
        return Verdict("94")
    if books.reversed_before(request.key):
        case.note("late", "a question that came after its own reversal")
        return Verdict("94")
    _watch_order(case)
    card = card_of(case)
    amount = 0 if request.row == "balance" else request.amount
    rule = case.issuing.rule(request.row, amount, card.pan)
    found = account_of(case, card)
    code, original, approved = "00", None, amount
    if isinstance(found, str):
        code = found
    else:
        try:
            code, original, approved = _decide(case, card, found, rule, amount)
        except Refused as refusal:
            code = refusal.code
    verdict = _answered(case, card, found, code, rule)
    if request.row != "balance":
        _book(case, card, verdict, original, approved if code in APPROVING else 0)
        if code in APPROVING:
            verdict.fields["4"] = f"{approved:012}"
            verdict.fault = rule.fault
    elif isinstance(found, Account) and code == "00":
        verdict.fields["54"] = _balance(found)
    return verdict


def _decide(case: Case, card: Card, account: Account, rule: Rule, amount: int) -> tuple[str, Booking | None, int]:
    """The code, the original and the amount of an approval. Raises: Refused, BadRequest."""
    row = case.request.row
    needs_chip = row not in _CRYPTOGRAM_NOT_NEEDED or (card.chip is not None and card.chip.asks)
    if row == "completion_notice":
        needs_chip = False
    for wrong in (
        check_chip(case, card, cryptogram=_TC if row == "offline_sale" else _ARQC) if needs_chip else "",
        check_pin(case, account),
    ):
        if wrong:
            raise Refused(wrong)
    if rule.code not in APPROVING:
        raise Refused(rule.code)
    if rule.part < 100:
        if not case.request.takes_part or amount < 2:
            raise Refused("51")
        amount = amount * rule.part // 100
    original = _JUDGES[row](case, card, account, amount)
    return rule.code, original, amount


def _watch_order(case: Case) -> None:
    """Trace numbers of what is online go upwards; those of notices were given earlier."""
    if case.request.type == "0220" or case.request.row == "offline_sale":
        return
    stan, last = case.request.key.stan, case.enrolled.last_stan
    if stan <= last and last - stan < 500_000:
        case.note("order", f"trace number {stan:06} after {last:06}")


def _nothing(case: Case, card: Card, account: Account, amount: int) -> None:
    del case, card, account, amount


def _pays(case: Case, card: Card, account: Account, amount: int) -> None:
    """The card's account must have it."""
    del case, card
    if account.available < amount:
        raise Refused("51")


def _offline(case: Case, card: Card, account: Account, amount: int) -> None:
    """What a chip approved is paid whether the account has it or not."""
    del account, amount
    if card.chip is None or card.chip.tags.get(0x8A) not in _OFFLINE_APPROVALS:
        case.note("chip", "an offline approval without Y1 or Y3")
        raise Refused("30")


def _transfer(case: Case, card: Card, account: Account, amount: int) -> None:
    _pays(case, card, account, amount)
    target = case.books.account(_target(case))
    if target is None or target.kind not in ("debit", "credit") or target.number == account.number:
        raise Refused("A3")


def _target(case: Case) -> str:
    return case.request.text.decode("latin-1").strip()


def _same(original: Booking | None, card: Card, kinds: tuple[str, ...]) -> Booking:
    """The original, if it stands and is of this card and kind."""
    if original is None or original.kind not in kinds or original.state != "approved":
        raise Refused("25")
    if original.pan != card.pan:
        raise Refused("14")
    return original


def _named(case: Case, card: Card) -> Booking | None:
    """The booking that field 61 names; without a trace number there, the one that fields 37 or 38 name."""
    fields, request = case.request.fields, case.request
    stan = request.original.stan
    if stan and (request.names_batch or "37" not in fields):
        return case.books.find(request.original)
    if "37" in fields:
        found = case.books.find_by_rrn(request.merchant, fields["37"])
        if found is not None and stan not in (0, found.stan):
            case.note("original", "the trace number and field 37 name two transactions")
            raise Refused("25")
        return found
    return case.books.find_by_authorisation(request.merchant, fields.get("38", ""), card.pan, request.original_date)


def _void(case: Case, card: Card, account: Account, amount: int) -> Booking:
    del account
    kinds = {
        "void": ("sale", "offline_sale"),
        "completion_void": ("completion", "completion_notice"),
        "preauth_void": ("preauth",),
    }[case.request.row]
    original = _same(_named(case, card), card, kinds)
    month_day = case.request.original_date
    if month_day and month_day != original.date[4:]:
        raise Refused("25")
    if case.request.row == "preauth_void":
        if case.request.fields.get("38") != original.authorisation:
            raise Refused("25")
    elif original.date != case.day or original.batch != case.enrolled.batch:
        raise Refused("25")
    rrn = case.request.fields.get("37")
    if rrn is not None and rrn != original.rrn:
        raise Refused("25")
    if original.amount != amount:
        raise Refused("64")
    if case.books.refunded(original.id):
        raise Refused("25")
    return original


def _refund(case: Case, card: Card, account: Account, amount: int) -> Booking:
    del account
    original = _same(_named(case, card), card, ("sale", "completion", "completion_notice", "offline_sale"))
    if case.request.original_date not in ("", original.date[4:]) or case.request.fields.get("37") != original.rrn:
        raise Refused("25")
    if case.books.refunded(original.id) + amount > original.amount:
        raise Refused("61")
    return original


def _completion(case: Case, card: Card, account: Account, amount: int) -> Booking:
    fields, books = case.request.fields, case.books
    month_day = case.request.original_date or f"{case.now:%m%d}"
    found = books.find_by_authorisation(case.request.merchant, fields.get("38", ""), card.pan, month_day)
    original = _same(found, card, ("preauth",))
    started = datetime.strptime(original.date, "%Y%m%d").date()  # noqa: DTZ007 - a date alone has no zone
    if (case.now.date() - started).days > COMPLETION_DAYS:
        raise Refused("22")
    if amount * 100 > original.amount * COMPLETION_PERCENT:
        raise Refused("64")
    if account.available + original.amount < amount:
        raise Refused("51")
    return original


_JUDGES: Final[Mapping[str, Callable[[Case, Card, Account, int], Booking | None]]] = {
    "balance": _nothing,
    "sale": _pays,
    "cash_advance": _pays,
    "preauth": _pays,
    "transfer": _transfer,
    "offline_sale": _offline,
    "void": _void,
    "preauth_void": _void,
    "completion_void": _void,
    "refund": _refund,
    "completion": _completion,
    "completion_notice": _completion,
}
ROWS: Final = frozenset(_JUDGES)
"""The rows that are judged here."""


def _balance(account: Account) -> str:
    """Field 54: account kind, balance kind 02 (available), currency, sign, amount."""
    kind = "30" if account.kind == "credit" else "10"
    sign = "C" if account.available >= 0 else "D"
    return f"{kind}02156{sign}{abs(account.available):012}"


def _answered(case: Case, card: Card, found: Account | str, code: str, rule: Rule) -> Verdict:
    number = case.books.bookings() + 1
    fields = {"32": "01020304", "37": f"{case.now:%y%m%d}{number:06}"[-12:], "44": "01020000   01030000   "}
    if code in APPROVING:
        fields["15"] = f"{case.now:%m%d}"
        if case.request.row != "balance":
            fields["38"] = f"{number:06}"[-6:]
    if isinstance(found, Account):
        fields["63"] = found.organisation
        if card.chip is not None and card.chip.asks and card.chip.genuine:
            fields["55"] = card.chip.answer(code, rule).hex().upper()
    return Verdict(code, fields, rule.demand if code in APPROVING else "0")


def _book(case: Case, card: Card, verdict: Verdict, original: Booking | None, approved: int) -> None:
    request, books = case.request, case.books
    booking = books.book({
        "merchant": request.merchant,
        "terminal": request.terminal,
        "batch": request.batch,
        "stan": request.key.stan,
        "kind": request.row,
        "pan": card.pan,
        "asked": request.amount,
        "amount": approved,
        "code": verdict.code,
        "state": "approved" if verdict.code in APPROVING else "declined",
        "rrn": verdict.fields["37"],
        "authorisation": verdict.fields.get("38", ""),
        "date": case.day,
        "entry": card.entry,
        "original": None if original is None else original.id,
        "uploaded": "",
    })  # fmt: skip
    if verdict.code in APPROVING:
        _post(case, booking, original)


def _post(case: Case, booking: Booking, original: Booking | None) -> None:
    books = case.books
    merchant, hold = f"merchant:{booking.merchant}", f"hold:{booking.pan}"
    for number, name, kind in ((merchant, merchant, "merchant"), (hold, "held", "hold")):
        books.open_account(Account(number, name, kind, "", "", "", 0, 0))
    match booking.kind:
        case "sale" | "cash_advance" | "offline_sale":
            books.move(booking.id, booking.pan, merchant, booking.amount)
        case "refund" | "void":
            books.move(booking.id, merchant, booking.pan, booking.amount)
        case "transfer":
            books.move(booking.id, booking.pan, _target(case), booking.amount)
        case "preauth":
            books.move(booking.id, booking.pan, hold, booking.amount)
        case "preauth_void":
            books.move(booking.id, hold, booking.pan, booking.amount)
        case "completion" | "completion_notice":
            assert original is not None, "a completion has an original"
            books.move(booking.id, hold, booking.pan, original.amount)
            books.move(booking.id, booking.pan, merchant, booking.amount)
        case "completion_void":
            assert original is not None, "a void has an original"
            assert original.original is not None, "a completion has an original"
            books.move(booking.id, merchant, booking.pan, booking.amount)
            books.move(booking.id, booking.pan, hold, books.booking(original.original).amount)
    if original is not None:
        _change_original(case, booking.kind, original)


def _change_original(case: Case, kind: str, original: Booking) -> None:
    if kind in ("void", "preauth_void", "completion_void"):
        case.books.set_state(original.id, "voided")
    elif kind in ("completion", "completion_notice"):
        case.books.set_state(original.id, "completed")
    if kind == "completion_void":
        assert original.original is not None, "a completion has an original"
        case.books.set_state(original.original, "approved")
