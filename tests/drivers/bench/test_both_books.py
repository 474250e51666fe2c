"""The journal beside the acquirer's books: when they agree, and when somebody must look."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.bench.both_books import NEWEST, beside, totals


def record(
    stan: int,
    phase: str = "done",
    *,
    kind: str = "sale",
    amount: int = 1_200,
    approved: int | None = None,
    response: str | None = "00",
    batch: int = 1,
) -> dict[str, Any]:
    return {
        "batch": batch,
        "stan": f"{stan:06}",
        "kind": kind,
        "phase": phase,
        "amount_minor": amount,
        "approved_minor": amount if approved is None else approved,
        "response": response,
        "opened_at": "2026-11-23T10:29:56.019+08:00",
    }


def booking(stan: int, state: str = "approved", **other: Any) -> dict[str, Any]:
    amount = 0 if state == "declined" else 1_200
    booked = {"batch": 1, "stan": stan, "kind": "sale", "state": state, "amount": amount, "asked": 1_200, "code": "00"}
    return {**booked, "pan": "625094******0012", **other}


def mark(record: dict[str, Any] | None, booking: dict[str, Any] | None) -> object:
    earlier = record or globals()["record"](1, kind="cash_sale")
    rows = beside([earlier], [] if booking is None else [booking])
    return rows[0]["mark"] if rows else None


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        ("done", "approved"),
        ("completed", "voided"),
        ("declined", "declined"),
        ("reversed", "reversed"),
        ("reversed", None),
        ("declined", "reversed"),
        ("abandoned", None),
    ],
)
def test_books_that_tell_the_same_agree(phase: str, state: str | None) -> None:
    assert mark(record(7, phase), None if state is None else booking(7, state)) == "agree"


@pytest.mark.parametrize(
    ("phase", "state"),
    [("done", "declined"), ("done", "reversed"), ("declined", "approved"), ("reversed", "completed")],
)
def test_money_that_counts_on_one_side_only_differs(phase: str, state: str) -> None:
    assert mark(record(7, phase), booking(7, state)) == "differ"


@pytest.mark.parametrize("phase", ["opened", "sent", "asked", "answered", "reversing", "unresolved"])
def test_record_under_way_is_open_whatever_the_acquirer_says(phase: str) -> None:
    assert mark(record(7, phase), booking(7)) == "open"
    assert mark(record(7, phase), None) == "open"


def test_approval_that_the_acquirer_has_not_heard_of_waits_and_one_that_it_gave_must_be_booked() -> None:
    assert mark(record(7, response=None), None) == "waiting"
    assert mark(record(7, response="00"), None) == "differ"
    assert mark(record(7, response=None), booking(7)) == "agree"


def test_booking_that_the_journal_does_not_know_differs() -> None:
    assert mark(None, booking(7)) == "differ"
    assert mark(None, booking(7, "declined")) == "agree"


def test_amounts_must_be_the_same_and_a_part_is_measured_by_what_was_approved() -> None:
    assert mark(record(7, amount=1_201), booking(7)) == "differ"
    part = record(7, approved=600, response="10")
    assert mark(part, booking(7, amount=600, code="10")) == "agree"
    assert mark(part, booking(7, amount=601, code="10")) == "differ"
    assert mark(record(7), booking(7, amount=600, code="10")) == "differ"
    (row,) = beside([part], [booking(7, amount=600, code="10")])
    assert row["amount_minor"] == 600


def test_rows_are_the_newest_first_without_cash_and_without_what_is_older_than_the_journal_given() -> None:
    journal = [record(5), record(6, kind="cash_sale"), record(1, batch=2)]
    rows = beside(journal, [booking(3), booking(5), booking(1, batch=2)])
    assert [(row["batch"], row["stan"]) for row in rows] == [(2, "000001"), (1, "000005")]
    many = [record(stan) for stan in range(1, NEWEST + 20)]
    assert next(row["stan"] for row in beside(many, [])) == f"{NEWEST + 19:06}"
    assert len(beside(many, [])) == NEWEST


def test_books_without_a_journal_to_compare_show_nothing() -> None:
    assert beside([], [booking(1)]) == []


def test_totals_count_what_stands_in_the_batch_by_its_side() -> None:
    bookings = [
        booking(1),
        booking(2, "voided"),
        booking(3, kind="void"),
        booking(4, "reversed"),
        booking(5, kind="preauth"),
        booking(6, batch=2),
    ]
    assert totals(bookings, 1) == {
        "batch": 1,
        "debit_count": 2,
        "debit_minor": 2_400,
        "credit_count": 1,
        "credit_minor": 1_200,
    }
