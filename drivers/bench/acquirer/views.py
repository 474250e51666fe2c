"""The books as those see them who look at them: tests, and visitors of the control API. No PIN, no key, no whole card.

Owned here: what counts as having happened - what was approved and not reversed - and how it is put into JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from drivers.bench.acquirer.books import Booking, Books
from drivers.bench.acquirer.settling import totals

BOOKINGS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Effective:
    """One transaction that happened, as the acquirer believes; `amount` in minor units."""

    terminal: str
    batch: int
    stan: int
    kind: str
    amount: int
    state: str


def effective(books: Books) -> list[Effective]:
    """Everything that was approved and not reversed, in order. A voided sale stands there, and so does its void."""
    return [
        Effective(each.terminal, each.batch, each.stan, each.kind, each.amount, each.state)
        for each in bookings(books)
        if each.stands
    ]


def bookings(books: Books) -> list[Booking]:
    """Every booking, in order, the declined and the reversed too."""
    return [Booking(**row) for row in books.rows("SELECT * FROM booking ORDER BY id")]


def batch_totals(books: Books, merchant: str, terminal: str, batch: int) -> str:
    """The 62 digits of a batch as the acquirer adds them up; flags are 0."""
    return totals(books.of_batch(merchant, terminal, batch), lambda booking: _domestic(books, booking))


def _domestic(books: Books, booking: Booking) -> bool:
    account = books.account(booking.pan)
    return account is None or account.organisation == "CUP"


def masked(number: str) -> str:
    """An account's number with its middle hidden where it is a card's; `hold:` and a card's in front of it too."""
    name, colon, digits = number.rpartition(":")
    if not digits.isdecimal() or name == "merchant":
        return number
    return f"{name}{colon}{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def as_json(books: Books) -> dict[str, Any]:
    """The whole of the books; of bookings the last ones."""
    latest = books.rows("SELECT * FROM booking ORDER BY id DESC LIMIT ?", BOOKINGS_MAX)
    return {
        "balanced": books.balanced(),
        "bookings": [{**row, "pan": masked(row["pan"])} for row in reversed(latest)],
        "accounts": [
            {**row, "number": masked(row["number"])}
            for row in books.rows(
                "SELECT number, name, kind, organisation, overdraft, balance, wrong_pins FROM account"
            )
        ],
        "terminals": books.rows(
            "SELECT merchant, terminal, batch, state, length(mac_key) > 0 AS signed_on, last_stan, serial FROM terminal"
        ),
        "reversals": books.rows("SELECT merchant, terminal, batch, stan, reason, code, booking FROM reversal"),
        "settlements": books.rows("SELECT * FROM settlement"),
        "findings": books.rows("SELECT terminal, kind, fact FROM finding ORDER BY id"),
    }
