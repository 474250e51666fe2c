"""The acquirer's books: accounts, bookings, postings, reversals and batches, in SQLite.

Owned here: money moves as two postings that sum to zero, an account's balance is the sum of its postings, and a booking
is found by merchant, terminal, batch and trace number. What may be booked, others decide.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any, Final

from firmware.errors import TillberryError

BANK: Final = "bank"
VERSION: Final = 1
"""Of the schema; `schema.sql` says it too."""
COUNTED: Final = ("approved", "voided", "completed")
"""The states of a booking that stands: a void is a booking of its own beside its original."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account; what may be spent is `balance` and `overdraft`, in minor units."""

    number: str
    name: str
    kind: str
    organisation: str
    pin: str
    expiry: str
    overdraft: int
    balance: int
    wrong_pins: int = 0
    wrong_on: str = ""

    @property
    def available(self) -> int:
        """What may still be spent."""
        return self.balance + self.overdraft


DERIVED: Final = b"derived"
"""What stands for the keys of a terminal that is signed on and derives them for each message."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A terminal as the acquirer knows it; no keys while it is signed off."""

    merchant: str
    terminal: str
    batch: int
    state: str
    pin_key: bytes
    mac_key: bytes
    track_key: bytes
    sm4: int
    last_stan: int
    serial: str

    @property
    def signed_on(self) -> bool:
        """Whether it has working keys."""
        return bool(self.mac_key)


@dataclass(frozen=True, slots=True)
class Key:
    """What a booking is found by."""

    merchant: str
    terminal: str
    batch: int
    stan: int


@dataclass(frozen=True, slots=True)
class Booking:
    """One transaction as the acquirer booked it; `amount` is what it approved, in minor units."""

    id: int
    merchant: str
    terminal: str
    batch: int
    stan: int
    kind: str
    pan: str
    asked: int
    amount: int
    code: str
    state: str
    rrn: str
    authorisation: str
    date: str
    entry: str
    original: int | None
    uploaded: str

    @property
    def stands(self) -> bool:
        """Whether it was approved and not reversed."""
        return self.state in COUNTED


_NEW_BOOKING: Final = [each.name for each in fields(Booking) if each.name != "id"]
_WHERE_BATCH: Final = "merchant = ? AND terminal = ? AND batch = ?"
_WHERE_KEY: Final = f"{_WHERE_BATCH} AND stan = ?"


class BooksUnusable(TillberryError):
    """The file of the books cannot be opened, or is none."""

    exit_status = 73


class Books:
    """The books in a file, or in memory where there is none; one thread."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the books. Raises: BooksUnusable."""
        schema = resources.files(__package__).joinpath("schema.sql").read_text("utf-8")
        try:
            self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
            version = self._database.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, VERSION):
                raise BooksUnusable(f"{path}: books of version {version}, where this acquirer keeps {VERSION}")
            self._database.executescript(schema)
        except sqlite3.Error as error:
            raise BooksUnusable(f"{path}: the acquirer's books cannot be opened: {error}") from error
        self._database.row_factory = sqlite3.Row
        self.open_account(Account(BANK, "the bank's own", "bank", "", "", "", 0, 0))

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Book what is done inside as a whole or not at all."""
        self._database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def rows(self, question: str, *values: object) -> list[dict[str, Any]]:
        """Every row that a SELECT finds, for those who look at the books."""
        return [dict(row) for row in self._database.execute(question, values)]

    def open_account(self, account: Account) -> None:
        """Open an account where there is none yet; its balance is posted from the bank."""
        balance, row = account.balance, [getattr(account, each.name) for each in fields(Account)]
        row[7] = 0
        marks = ", ".join("?" * len(row))
        done = self._database.execute(f"INSERT OR IGNORE INTO account VALUES ({marks})", row)  # noqa: S608 - marks only
        if done.rowcount and balance:
            self.move(None, BANK, account.number, balance)

    def account(self, number: str) -> Account | None:
        """The account of a card number, or of the acquirer's own."""
        row = self._database.execute("SELECT * FROM account WHERE number = ?", (number,)).fetchone()
        return None if row is None else Account(**row)

    def move(self, booking: int | None, giver: str, taker: str, amount: int) -> None:
        """Post `amount` minor units from one account to another; both are there."""
        self._post(booking, giver, -amount)
        self._post(booking, taker, amount)

    def undo(self, booking: int) -> None:
        """Post everything of a booking the other way round."""
        postings = self.rows(
            "SELECT account, SUM(amount) AS total FROM posting WHERE booking = ? GROUP BY account", booking
        )
        for each in postings:
            self._post(booking, each["account"], -each["total"])

    def _post(self, booking: int | None, account: str, amount: int) -> None:
        self._database.execute(
            "INSERT INTO posting (booking, account, amount) VALUES (?, ?, ?)", (booking, account, amount)
        )
        self._database.execute("UPDATE account SET balance = balance + ? WHERE number = ?", (amount, account))

    def count_wrong_pin(self, number: str, wrong: int, day: str) -> None:
        """Set how many wrong PINs an account has seen in a row on a day, YYYYMMDD."""
        self._database.execute("UPDATE account SET wrong_pins = ?, wrong_on = ? WHERE number = ?", (wrong, day, number))

    def balanced(self) -> bool:
        """Whether all postings sum to zero, and every balance is the sum of its postings."""
        return not self.rows(
            "SELECT number FROM account LEFT JOIN posting ON account = number GROUP BY number"
            " HAVING balance <> COALESCE(SUM(amount), 0)"
            " UNION ALL SELECT 'all' FROM posting GROUP BY NULL HAVING SUM(amount) <> 0"
            " UNION ALL SELECT booking FROM posting GROUP BY booking HAVING SUM(amount) <> 0"
        )

    def terminal(self, merchant: str, terminal: str) -> Enrolled | None:
        """What is known of a terminal."""
        row = self._database.execute(
            "SELECT * FROM terminal WHERE merchant = ? AND terminal = ?", (merchant, terminal)
        ).fetchone()
        return None if row is None else Enrolled(**row)

    def keep_terminal(self, enrolled: Enrolled) -> None:
        """Write down what is known of a terminal now."""
        row = [getattr(enrolled, each.name) for each in fields(Enrolled)]
        marks = ", ".join("?" * len(row))
        self._database.execute(f"INSERT OR REPLACE INTO terminal VALUES ({marks})", row)  # noqa: S608 - marks only

    def last_counter(self, identity: str) -> int:
        """The highest counter of a key serial number that has come; 0 for a new one."""
        return int(self.rows("SELECT MAX(counter) AS last FROM serial WHERE identity = ?", identity)[0]["last"] or 0)

    def keep_counter(self, identity: str, counter: int) -> None:
        """Write down that the keys of a serial number were used."""
        self._database.execute("INSERT OR IGNORE INTO serial VALUES (?, ?)", (identity, counter))

    def book(self, values: Mapping[str, object]) -> Booking:
        """Enter a booking and return it; its key must be new."""
        names, marks = ", ".join(_NEW_BOOKING), ", ".join("?" * len(_NEW_BOOKING))
        done = self._database.execute(
            f"INSERT INTO booking ({names}) VALUES ({marks})",  # noqa: S608 - names of ours, marks
            [values[name] for name in _NEW_BOOKING],
        )
        return self.booking(int(done.lastrowid or 0))

    def booking(self, number: int) -> Booking:
        """The booking of that number, which must exist."""
        return Booking(**self._database.execute("SELECT * FROM booking WHERE id = ?", (number,)).fetchone())

    def find(self, key: Key) -> Booking | None:
        """The booking of a key."""
        return self._first(_WHERE_KEY, key.merchant, key.terminal, key.batch, key.stan)

    def find_by_authorisation(self, merchant: str, authorisation: str, pan: str, month_day: str) -> Booking | None:
        """The latest approved pre-authorisation of a card by its authorisation code and date, MMDD."""
        return self._first(
            "merchant = ? AND authorisation = ? AND pan = ? AND substr(date, 5) = ? AND kind = 'preauth'"
            " AND state <> 'declined'",
            merchant, authorisation, pan, month_day,
        )  # fmt: skip

    def find_by_rrn(self, merchant: str, rrn: str) -> Booking | None:
        """The booking of a merchant with this reference number."""
        return self._first("merchant = ? AND rrn = ?", merchant, rrn)

    def set_state(self, booking: int, state: str) -> None:
        """Change the state of a booking."""
        self._database.execute("UPDATE booking SET state = ? WHERE id = ?", (state, booking))

    def set_uploaded(self, booking: int, mark: str) -> None:
        """Note what the upload said of a booking."""
        self._database.execute("UPDATE booking SET uploaded = ? WHERE id = ?", (mark, booking))

    def of_batch(self, merchant: str, terminal: str, batch: int) -> list[Booking]:
        """Every booking of a batch, in order."""
        found = self._database.execute(
            "SELECT * FROM booking WHERE merchant = ? AND terminal = ? AND batch = ? ORDER BY id",
            (merchant, terminal, batch),
        )
        return [Booking(**row) for row in found]

    def refunded(self, original: int) -> int:
        """How much of a booking was refunded."""
        found = self.rows(
            "SELECT SUM(amount) AS total FROM booking WHERE original = ? AND kind = 'refund' AND state = 'approved'",
            original,
        )
        return int(found[0]["total"] or 0)

    def bookings(self) -> int:
        """How many bookings there are, declined ones too."""
        return int(self.rows("SELECT MAX(id) AS count FROM booking")[0]["count"] or 0)

    def _first(self, where: str, *values: object) -> Booking | None:
        row = self._database.execute(
            f"SELECT * FROM booking WHERE {where} ORDER BY id DESC LIMIT 1",  # noqa: S608 - conditions of ours
            values,
        ).fetchone()
        return None if row is None else Booking(**row)

    def note_reversal(self, key: Key, reason: str, code: str, booking: int | None) -> None:
        """Enter a reversal, whatever it came to."""
        self._database.execute(
            "INSERT INTO reversal (merchant, terminal, batch, stan, reason, code, booking)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key.merchant, key.terminal, key.batch, key.stan, reason, code, booking),
        )

    def reversed_before(self, key: Key) -> bool:
        """Whether a reversal of that key has come, also of one that is not booked."""
        return bool(
            self.rows(
                f"SELECT id FROM reversal WHERE {_WHERE_KEY}",  # noqa: S608 - a condition of ours
                key.merchant, key.terminal, key.batch, key.stan,
            )
        )  # fmt: skip

    def note_finding(self, terminal: str, kind: str, fact: str) -> None:
        """Enter what a strict acquirer would ask the merchant about. It holds no card number and no key."""
        self._database.execute("INSERT INTO finding (terminal, kind, fact) VALUES (?, ?, ?)", (terminal, kind, fact))

    def findings(self) -> list[tuple[str, str]]:
        """Kind and fact of everything that was odd, in order."""
        return [(each["kind"], each["fact"]) for each in self.rows("SELECT kind, fact FROM finding ORDER BY id")]

    def settlement(self, merchant: str, terminal: str, batch: int) -> dict[str, Any] | None:
        """The settlement of a batch, as far as it came."""
        found = self.rows(f"SELECT * FROM settlement WHERE {_WHERE_BATCH}", merchant, terminal, batch)  # noqa: S608 - ours
        return found[0] if found else None

    def keep_settlement(self, merchant: str, terminal: str, batch: int, told: str, answer: str) -> None:
        """Write down what a terminal told of a batch and what it was answered."""
        self._database.execute(
            "INSERT OR REPLACE INTO settlement VALUES (?, ?, ?, ?, ?, '')", (merchant, terminal, batch, told, answer)
        )

    def end_settlement(self, merchant: str, terminal: str, batch: int, code: str) -> None:
        """The upload of a batch is over."""
        self._database.execute(
            f"UPDATE settlement SET ended = ? WHERE {_WHERE_BATCH}",  # noqa: S608 - a condition of ours
            (code, merchant, terminal, batch),
        )

    def note_uploaded(self, key: Key) -> None:
        """Count a record of the upload, once."""
        self._database.execute(
            "INSERT OR IGNORE INTO uploaded VALUES (?, ?, ?, ?)", (key.merchant, key.terminal, key.batch, key.stan)
        )

    def uploaded(self, merchant: str, terminal: str, batch: int) -> int:
        """How many records of a batch were uploaded."""
        found = self.rows(f"SELECT * FROM uploaded WHERE {_WHERE_BATCH}", merchant, terminal, batch)  # noqa: S608 - ours
        return len(found)
