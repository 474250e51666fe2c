"""Whatever is asked, repeated, reversed, lost or garbled: the books stay balanced, and nothing happens twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from drivers.bench.acquirer import Books, views
from drivers.bench.acquirer.books import BANK, Account
from firmware.host.settlement import Side, Totals, settled, totals_text, upload_end
from firmware.host.values import Answer, Ask, Original, Transaction, Upload, UploadKind
from tests.drivers.bench.acquirer.paying import CARDS, MERCHANT, TERMINAL, Clock, T, Till, signed_on

AMOUNTS = st.sampled_from([1_000, 5_000, 5_200, 10_051, 10_010, 90_000_000])
CARD_NAMES = st.sampled_from(["up-debit", "up-credit"])
PLAIN = st.sampled_from([T.SALE, T.PREAUTH, T.CASH_ADVANCE, T.BALANCE])
ORIGINALS = {
    T.VOID: (T.SALE,),
    T.REFUND: (T.SALE, T.COMPLETION),
    T.PREAUTH_VOID: (T.PREAUTH,),
    T.COMPLETION: (T.PREAUTH,),
    T.COMPLETION_NOTICE: (T.PREAUTH,),
    T.COMPLETION_VOID: (T.COMPLETION,),
}
LATER = st.sampled_from(sorted(ORIGINALS))
DEBITS = ("sale", "completion", "completion_notice", "cash_advance")
CREDITS = ("void", "completion_void", "refund")
PERCENT = st.sampled_from([100, 100, 50, 110, 120])
PICK = st.integers(0, 3)
"""How far back; the last ones matter most."""
Model = dict[tuple[int, int], tuple[str, int]]


class Trading(RuleBasedStateMachine):
    """One terminal that does what no terminal should, and what the acquirer must make of it."""

    @initialize()
    def open(self) -> None:
        self.clock = Clock()
        self.till: Till = signed_on(clock=self.clock)
        self.whole = self._sum()
        self.asked: list[tuple[Ask, Answer]] = []

    def _sum(self) -> int:
        return int(self.till.acquirer.books.rows("SELECT SUM(balance) AS total FROM account")[0]["total"])

    def _put(self, ask: Ask) -> None:
        answer = self.till.put(ask)
        self.asked.append((ask, answer))
        if answer.code == "77":
            self.till.sign_on()

    @rule(row=PLAIN, minor=AMOUNTS, name=CARD_NAMES)
    def pay(self, row: Transaction, minor: int, name: str) -> None:
        card, pin = self.till.swiped(name), self.till.pin(name)
        ask = self.till.paid(row, minor, card=card, pin=pin)
        self._put(ask if row is not T.BALANCE else self.till.paid(row, amount=None, card=card, pin=pin))

    @rule(name=CARD_NAMES)
    def transfer(self, name: str) -> None:
        other = "up-credit" if name == "up-debit" else "up-debit"
        parts = {"card": self.till.swiped(name), "pin": self.till.pin(name), "text": CARDS[other].pan().encode()}
        self._put(self.till.paid(T.TRANSFER, 5_000, **parts))

    @rule(row=LATER, pick=PICK, percent=PERCENT)
    def follow(self, row: Transaction, pick: int, percent: int) -> None:
        fitting = [each for each in self.asked if each[0].transaction in ORIGINALS[row]]
        if not fitting:
            return
        ask, answer = fitting[-1 - pick % len(fitting)]
        name = "up-debit" if ask.card and ask.card.pan.reveal() == CARDS["up-debit"].pan() else "up-credit"
        original = Original(ask.batch, ask.stan, answer.date, answer.rrn, answer.authorisation, ask.transaction)
        approved = answer.amount.minor if answer.amount is not None else 5_000
        minor = max(1, approved * percent // 100)
        self._put(self.till.paid(row, minor, card=self.till.swiped(name), pin=None, original=original))

    @rule(pick=PICK, percent=PERCENT)
    def complete(self, pick: int, percent: int) -> None:
        self.follow(T.COMPLETION, pick, percent)

    @rule(pick=PICK, percent=PERCENT)
    def refund(self, pick: int, percent: int) -> None:
        self.follow(T.REFUND, pick, percent)

    @rule(pick=PICK, times=st.integers(1, 3))
    def reverse(self, pick: int, times: int) -> None:
        fitting = [ask for ask, _ in self.asked if ask.amount is not None]
        if not fitting:
            return
        ask = fitting[-1 - pick % len(fitting)]
        codes = [self.till.reverse(ask).code for _ in range(times)]
        assert len(set(codes)) == 1

    @rule(minor=AMOUNTS)
    def reverse_before_asking(self, minor: int) -> None:
        ask = self.till.paid(T.SALE, minor)
        assert self.till.reverse(ask).code in ("25", "77")
        assert self.till.put(ask).code in ("94", "77")

    @rule(pick=PICK)
    def repeat(self, pick: int) -> None:
        if self.asked:
            ask, answer = self.asked[-1 - pick % len(self.asked)]
            if answer.code not in ("77", "A0") and ask.amount is not None and ask.batch == self.till.batch:
                assert self.till.put(ask).code in ("94", "77")

    @rule()
    def sign_on(self) -> None:
        self.till.sign_on()

    @rule(right=st.booleans())
    def settle(self, *, right: bool) -> None:
        till = self.till
        counted = [each for each in views.effective(till.acquirer.books) if each.batch == till.batch]
        debits = [each.amount for each in counted if each.kind in DEBITS]
        credited = [each.amount for each in counted if each.kind in CREDITS]
        side = Side(sum(debits), len(debits), sum(credited), len(credited))
        text = totals_text(Totals(side if right else Side(1, 1)))
        answer = settled(till.put(till.ask(T.SETTLEMENT, text=text)).payload)
        assert answer.balanced == right
        upload = Upload(UploadKind.END, balanced=right)
        assert till.put(till.ask(T.BATCH_UPLOAD, upload=upload, text=upload_end(0))).code == "00"
        till.batch += 1

    @rule(days=st.integers(1, 20))
    def sleep(self, days: int) -> None:
        self.clock.now += timedelta(days=days)

    @invariant()
    def books_are_consistent(self) -> None:
        books = self.till.acquirer.books
        assert books.balanced()
        assert self._sum() == self.whole == 0
        held = books.rows("SELECT SUM(balance) AS held FROM account WHERE kind = 'hold'")[0]["held"] or 0
        open_holds = sum(
            each.amount for each in views.bookings(books) if each.kind == "preauth" and each.state == "approved"
        )
        assert held == open_holds
        paid = books.rows("SELECT SUM(balance) AS paid FROM account WHERE kind = 'merchant'")[0]["paid"] or 0
        happened = views.effective(books)
        debits = sum(each.amount for each in happened if each.kind in DEBITS)
        credited = sum(each.amount for each in happened if each.kind in CREDITS)
        assert paid == debits - credited >= 0
        for each in views.bookings(books):
            of_it = [other for other in views.bookings(books) if other.original == each.id and other.stands]
            voids = [other for other in of_it if other.kind in ("void", "completion_void", "preauth_void")]
            refunds = sum(other.amount for other in of_it if other.kind == "refund")
            completions = [
                other for other in of_it if other.kind.startswith("completion") and other.state == "approved"
            ]
            assert len(voids) + bool(refunds) + len(completions) <= 1
            assert refunds <= each.amount
            assert each.stands or not of_it
            assert (each.state == "voided") == (len(voids) == 1)
            assert (each.state == "completed") == (len(completions) == 1)


Trading.TestCase.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTrading = Trading.TestCase


@given(
    moves=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.integers(0, 10**9), st.booleans()), max_size=20
    )
)
@settings(max_examples=60, deadline=None)
def test_postings_and_their_undoing_keep_every_balance(moves: list[tuple[str, str, int, bool]]) -> None:
    books = Books()
    for name in "abc":
        books.open_account(Account(name, name, "debit", "", "", "", 0, 1_000))
    expected = dict.fromkeys("abc", 1000)
    for stan, (giver, taker, amount, undone) in enumerate(moves, 1):
        booking = books.book({**_BLANK, "stan": stan})
        books.move(booking.id, giver, taker, amount)
        if undone:
            books.undo(booking.id)
        else:
            expected[giver] -= amount
            expected[taker] += amount

    found = {name: _balance(books, name) for name in "abc"}

    assert found == expected
    assert books.balanced()
    assert _balance(books, BANK) == -3_000


def test_what_is_interrupted_is_not_booked_at_all() -> None:
    books = Books()
    books.open_account(Account("a", "a", "debit", "", "", "", 0, 1_000))

    def interrupted() -> None:
        with books.together():
            books.move(None, "a", BANK, 10)
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert _balance(books, "a") == 1_000


_BLANK = {
    "merchant": MERCHANT, "terminal": TERMINAL, "batch": 1, "kind": "sale", "pan": "", "asked": 0, "amount": 0,
    "code": "00", "state": "approved", "rrn": "", "authorisation": "", "date": "", "entry": "", "original": None,
    "uploaded": "",
}  # fmt: skip


def _balance(books: Books, number: str) -> int:
    account = books.account(number)
    assert account is not None
    return account.balance
