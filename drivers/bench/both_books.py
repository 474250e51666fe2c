"""The terminal's journal beside the acquirer's books: each transaction once, with what either says of it.

Owned here: when the two agree. What counts in one must count in the other, with the same amount; what is under way in
the journal, or approved offline and not yet told, is no disagreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

Row = Mapping[str, Any]

NEWEST: Final = 30
"""How many transactions are shown."""

_CASH: Final = frozenset({"cash_sale", "cash_void"})
_COUNTS_HERE: Final = frozenset({"completed", "done"})
_UNDER_WAY: Final = frozenset({"opened", "sent", "asked", "answered", "reversing", "unresolved"})
_COUNTS_THERE: Final = frozenset({"approved", "voided", "completed"})
_DEBITS: Final = frozenset({"sale", "completion", "completion_notice", "offline_sale", "cash_advance"})
_CREDITS: Final = frozenset({"void", "completion_void", "refund"})


class Mark(StrEnum):
    """What comes of the comparison of one transaction."""

    AGREE = "agree"
    OPEN = "open"
    """The terminal is not done with it."""
    WAITING = "waiting"
    """It counts here, and the acquirer has not been told yet: approved offline, its upload waits."""
    DIFFER = "differ"


def beside(journal: Sequence[Row], bookings: Sequence[Row]) -> list[dict[str, object]]:
    """The newest transactions by card, newest first. `journal` is oldest first, as are `bookings`.

    Bookings from before the oldest record that is given are left out, for there is nothing to compare them with.
    """
    records = {(int(row["batch"]), int(row["stan"])): row for row in journal if row["kind"] not in _CASH}
    booked = {(int(row["batch"]), int(row["stan"])): row for row in bookings}
    oldest = min(((int(row["batch"]), int(row["stan"])) for row in journal), default=None)
    known = [key for key in booked if key not in records and oldest is not None and key > oldest]
    newest = sorted([*records, *known], reverse=True)[:NEWEST]
    return [_shown(key, records.get(key), booked.get(key)) for key in newest]


def totals(bookings: Iterable[Row], batch: int) -> dict[str, int]:
    """What the acquirer has booked in a batch: amounts in minor units and counts, by the shop's gain and loss."""
    standing = [row for row in bookings if row["batch"] == batch and row["state"] in _COUNTS_THERE]
    sides = {
        name: [row["amount"] for row in standing if row["kind"] in kinds]
        for name, kinds in (("debit", _DEBITS), ("credit", _CREDITS))
    }
    return {"batch": batch} | {
        key: value
        for name, amounts in sides.items()
        for key, value in ((f"{name}_count", len(amounts)), (f"{name}_minor", sum(amounts)))
    }


def _shown(key: tuple[int, int], record: Row | None, booking: Row | None) -> dict[str, object]:
    here, there = record or {}, booking or {}
    return {
        "batch": key[0],
        "stan": f"{key[1]:06}",
        "kind": here.get("kind") or there["kind"],
        "time": here.get("opened_at"),
        "amount_minor": there["amount"] if _counts(booking) else here.get("approved_minor", there.get("asked")),
        "card": there.get("pan"),
        "code": there.get("code"),
        "journal": here.get("phase"),
        "acquirer": there.get("state"),
        "mark": _mark(record, booking).value,
    }


def _counts(booking: Row | None) -> bool:
    return booking is not None and booking["state"] in _COUNTS_THERE


def _mark(record: Row | None, booking: Row | None) -> Mark:
    if record is not None and record["phase"] in _UNDER_WAY:
        return Mark.OPEN
    counts_here = record is not None and record["phase"] in _COUNTS_HERE
    if record is None or booking is None or not counts_here or not _counts(booking):
        if record is not None and counts_here and booking is None and record["response"] is None:
            return Mark.WAITING
        return Mark.DIFFER if counts_here or _counts(booking) else Mark.AGREE
    return Mark.AGREE if booking["amount"] == record["approved_minor"] else Mark.DIFFER
