"""Reversals: a booking is taken back as if it had never been, however often it is asked for.

Owned here: a reversal finds its question by merchant, terminal, batch and trace number. One that is repeated is
answered as if it were the first; one without its question is remembered, so that a question that comes late is refused.
"""

from __future__ import annotations

from drivers.bench.acquirer.books import Booking
from drivers.bench.acquirer.case import Case, Verdict

UNKNOWN = "25"


def reverse(case: Case) -> Verdict:
    """Judge a reversal and post it."""
    request, books = case.request, case.books
    booking = books.find(request.key)
    code = _code(case, booking)
    if code == "00" and booking is not None and booking.stands:
        books.undo(booking.id)
        books.set_state(booking.id, "reversed")
        _restore(case, booking)
    reason = request.fields.get("39", "")
    books.note_reversal(request.key, reason, code, None if booking is None else booking.id)
    return Verdict(code)


def _code(case: Case, booking: Booking | None) -> str:
    fields = case.request.fields
    if fields.get("39") not in ("98", "A0", "06"):
        case.note("reversal", "no reason that is known")
    for number in ("35", "36", "26", "52"):
        if number in fields:
            case.note("reversal", f"field {number} was kept")
    if booking is None:
        return UNKNOWN
    if booking.state in ("reversed", "declined"):
        return "00"
    if booking.batch != case.enrolled.batch:
        case.note("reversal", f"of batch {booking.batch:06}, which is over")
        return UNKNOWN
    if booking.asked != int(fields.get("4", "0")):
        return "64"
    if fields.get("2", booking.pan) != booking.pan:
        return "14"
    if booking.state != "approved" or case.books.refunded(booking.id):
        case.note("reversal", f"of a {booking.kind} that is {booking.state} or refunded")
        return UNKNOWN
    if booking.kind in ("refund", "completion_notice", "offline_sale", "transfer"):
        case.note("reversal", f"of a {booking.kind}, which is never reversed")
        return "12"
    return "00"


def _restore(case: Case, booking: Booking) -> None:
    """Put the original of what is reversed back to where it was."""
    if booking.original is None:
        return
    original = case.books.booking(booking.original)
    case.books.set_state(original.id, "approved")
    if booking.kind == "completion_void":
        assert original.original is not None, "a completion has an original"
        case.books.set_state(original.original, "completed")
