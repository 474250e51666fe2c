"""Settlement and batch upload: the acquirer's totals against the terminal's, and each record against its booking.

Owned here: what counts as debit and credit, when totals balance, and that the batch ends with the end message of the
upload and not before. Every message may come twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from drivers.bench.acquirer.books import Booking, Key
from drivers.bench.acquirer.case import Case, Verdict
from drivers.bench.acquirer.request import BadRequest

BATCH_LAST: Final = 999_998
_DEBITS: Final = frozenset({"sale", "completion", "completion_notice", "offline_sale", "cash_advance"})
_CREDITS: Final = frozenset({"void", "completion_void", "refund"})
_SIDE: Final = 31
_RECORD: Final = 40
_RECORDS_MAX: Final = 8
_BALANCED_END: Final = "207"
_UNBALANCED_END: Final = "202"


def totals(bookings: Iterable[Booking], is_domestic: Callable[[Booking], bool]) -> str:
    """The 62 digits of a batch: amounts and counts of debits and credits, domestic and foreign; flags are 0."""
    sums = [[0, 0, 0, 0], [0, 0, 0, 0]]
    for each in bookings:
        if each.stands and each.kind in _DEBITS | _CREDITS:
            side, at = sums[0 if is_domestic(each) else 1], 0 if each.kind in _DEBITS else 2
            side[at] += each.amount
            side[at + 1] += 1
    return "".join(f"{debit:012}{debits:03}{credit:012}{returns:03}0" for debit, debits, credit, returns in sums)


def totals_of(case: Case, batch: int) -> str:
    """The acquirer's totals of a batch of the terminal that asks."""
    return totals(case.books.of_batch(case.request.merchant, case.request.terminal, batch), _domestic(case))


def _domestic(case: Case) -> Callable[[Booking], bool]:
    if not case.request.names_batch:
        return lambda _booking: True

    def domestic(booking: Booking) -> bool:
        account = case.books.account(booking.pan)
        return account is None or account.organisation == "CUP"

    return domestic


def settle(case: Case) -> Verdict:
    """Compare totals (0500). The answer has no field 39, but flags, and the acquirer's totals where they differ."""
    request, books = case.request, case.books
    told = request.totals
    before = books.settlement(request.merchant, request.terminal, request.batch)
    if before is None and request.batch != case.enrolled.batch:
        return Verdict("77")
    if before is not None and (before["ended"] or before["told"] == told):
        if before["told"] != told:
            case.note("totals", f"batch {request.batch:06} is over, and is told anew")
        return Verdict("", request.settled(before["answer"]))
    ours = totals_of(case, request.batch)
    flags = ["1" if told[at : at + 30] == ours[at : at + 30] else "2" for at in (0, _SIDE)]
    chosen = [told if flag == "1" else ours for flag in flags]
    answer = chosen[0][:30] + flags[0] + chosen[1][_SIDE:-1] + flags[1]
    if flags != ["1", "1"]:
        case.note("totals", f"batch {request.batch:06}: told {told}, booked {ours}")
    books.keep_settlement(request.merchant, request.terminal, request.batch, told, answer)
    books.keep_terminal(replace(case.enrolled, state="settling"))
    return Verdict("", request.settled(answer))


def upload(case: Case) -> Verdict:
    """Take one message of the batch upload (0320)."""
    request = case.request
    before = case.books.settlement(request.merchant, request.terminal, request.batch)
    if before is None:
        return Verdict("77")
    if before["ended"]:
        return Verdict("00")
    _UPLOADS[request.row](case)
    return Verdict("00")


def _stripe_list(case: Case) -> None:
    text = case.request.fields.get("48", "")
    count = int(text[:2]) if len(text) >= 2 else 0
    if not 1 <= count <= _RECORDS_MAX or len(text) != 2 + count * _RECORD:
        raise BadRequest("30", "field 48 holds no records")
    for at in range(2, len(text), _RECORD):
        record = text[at : at + _RECORD]
        _compare(case, int(record[2:8]), record[8:28].lstrip("0"), int(record[28:]))


def _one(case: Case) -> None:
    """One transaction in a message: its trace number in 11, its amount in 4, the card in 2 where it is told."""
    fields = case.request.fields
    _compare(case, case.request.key.stan, fields.get("2", ""), int(fields.get("4", "0")))


def _compare(case: Case, stan: int, pan: str, amount: int) -> None:
    key = _key(case, stan)
    case.books.note_uploaded(key)
    booking = case.books.find(key)
    if booking is None or not booking.stands:
        case.note("upload", f"{stan:06} is not booked")
        return
    same = booking.amount == amount and pan.lstrip("0") in ("", booking.pan)
    case.books.set_uploaded(booking.id, "ok" if same else "differs")
    if not same:
        case.note("upload", f"{stan:06} is booked with another amount or card")


def _declined(case: Case) -> None:
    """A chip that declined: nothing may be booked for it."""
    key = _key(case, case.request.key.stan)
    case.books.note_uploaded(key)
    booking = case.books.find(key)
    if booking is not None and booking.stands:
        case.note("upload", f"{key.stan:06} was declined by the card, and is booked")


def _end(case: Case) -> None:
    """The upload is over: what it left out is noted, and the next batch begins."""
    request, books = case.request, case.books
    text = request.fields.get("48", "")
    if len(text) != 4:
        raise BadRequest("30", "field 48 holds no number of records")
    received = books.uploaded(request.merchant, request.terminal, request.batch)
    if int(text) != received:
        case.note("upload", f"{int(text)} records announced, {received} received")
    code = request.network or _end_code(case)
    if code != _BALANCED_END:
        for each in books.of_batch(request.merchant, request.terminal, request.batch):
            if each.stands and not each.uploaded and each.kind in _DEBITS | _CREDITS:
                case.note("upload", f"{each.stan:06} is missing")
    books.end_settlement(request.merchant, request.terminal, request.batch, code)
    following = 1 if request.batch >= BATCH_LAST else request.batch + 1
    books.keep_terminal(replace(case.enrolled, state="open", batch=following))


def _end_code(case: Case) -> str:
    """How the batch ends where the message does not say: as it was settled."""
    request = case.request
    kept = case.books.settlement(request.merchant, request.terminal, request.batch)
    balanced = kept is not None and kept["answer"][30] + kept["answer"][61] == "11"
    return _BALANCED_END if balanced else _UNBALANCED_END


def _key(case: Case, stan: int) -> Key:
    return Key(case.request.merchant, case.request.terminal, case.request.batch, stan)


_UPLOADS: Final[Mapping[str, Callable[[Case], None]]] = {
    "upload_stripe_list": _stripe_list,
    "upload_offline_notice": _one,
    "upload_offline_sale": _one,
    "upload_refund": _one,
    "upload_completion_notice": _one,
    "upload_chip_approved": _one,
    "upload_chip_declined": _declined,
    "upload_end": _end,
}
ROWS: Final = frozenset(_UPLOADS)
"""The rows of the batch upload."""
