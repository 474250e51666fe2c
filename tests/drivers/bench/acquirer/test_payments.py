"""Payments at the test acquirer: every question that moves money, what it books, and the original that it wants."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.bench.acquirer import views
from firmware.host.values import Entry, Original, Transaction
from firmware.units import Money, Stan
from tests.drivers.bench.acquirer.paying import CARDS, CNY, MONEY, Clock, T, Till, signed_on


def test_sale_by_stripe_is_paid_from_the_card() -> None:
    till = signed_on()
    before = till.worth()

    answer = till.sale()

    assert (answer.code, answer.organisation, answer.amount) == ("00", "CUP", Money(MONEY, CNY))
    assert till.worth() == before - MONEY
    assert till.findings() == []


def test_sale_by_chip_is_answered_with_the_issuers_proof() -> None:
    till = signed_on()

    answer = till.put(till.by_chip(T.SALE))

    assert answer.code == "00"
    assert answer.chip.startswith(bytes.fromhex("910A"))
    assert till.findings() == []


def test_keyed_card_without_pin_pays() -> None:
    till = signed_on()
    card = replace(till.swiped(), track2=None, expiry="4912")

    assert till.sale(card=card, entry=Entry.KEYED, pin=None).code == "00"


def test_void_gives_back_and_second_void_is_refused() -> None:
    till = signed_on()
    before = till.worth()
    sale = till.original(till.sale())

    codes = [till.put(till.paid(T.VOID, original=sale)).code for _ in range(2)]

    assert codes == ["00", "25"]
    assert till.worth() == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Money(MONEY + 1, CNY)}, "64"),
        ({"original": Original(1, Stan(99))}, "25"),
        ({"original": Original(7, Stan(2))}, "25"),
        ({"original": Original(1, Stan(2), rrn="000000000000")}, "25"),
    ],
    ids=["amount", "trace number", "batch", "reference"],
)
def test_void_that_does_not_fit_its_original_is_refused(changes: dict[str, object], code: str) -> None:
    till = signed_on()
    sale = till.original(till.sale())

    void = replace(till.paid(T.VOID, original=sale), **changes)  # type: ignore[arg-type]

    assert till.put(void).code == code
    assert till.acquirer.books.balanced()


def test_void_with_another_card_is_refused() -> None:
    till = signed_on()
    sale = till.original(till.sale())

    other = till.put(till.paid(T.VOID, original=sale, card=till.swiped("up-credit"), pin=None))

    assert other.code == "14"


def test_void_on_the_next_day_is_refused() -> None:
    clock = Clock()
    till = signed_on(clock=clock)
    sale = till.original(till.sale())
    clock.now += timedelta(days=1)

    assert till.put(till.paid(T.VOID, original=sale)).code == "25"


def test_refunds_stay_within_their_original() -> None:
    till = signed_on()
    before = till.worth()
    sale = till.original(till.sale())

    codes = [
        till.put(till.paid(T.REFUND, minor, original=sale, organisation="CUP", pin=None)).code
        for minor in (6_000, 4_100, 4_000)
    ]

    assert codes == ["00", "61", "00"]
    assert till.worth() == before


@pytest.mark.parametrize("change", [{"rrn": "261123000099"}, {"date": "1122"}, {"stan": Stan(77)}], ids=str)
def test_refund_that_does_not_find_its_original_is_refused(change: dict[str, object]) -> None:
    till = signed_on()
    sale = replace(till.original(till.sale()), **change)  # type: ignore[arg-type]

    assert till.put(till.paid(T.REFUND, original=sale, organisation="CUP", pin=None)).code == "25"


def test_void_of_a_sale_that_was_refunded_in_part_is_refused() -> None:
    till = signed_on()
    sale = till.original(till.sale())
    till.put(till.paid(T.REFUND, 1_000, original=sale, organisation="CUP", pin=None))

    assert till.put(till.paid(T.VOID, original=sale)).code == "25"


def preauth(till: Till, minor: int = MONEY) -> Original:
    answer = till.put(till.paid(T.PREAUTH, minor))
    assert answer.code == "00"
    return till.original(answer, T.PREAUTH)


def test_preauthorisation_holds_money_and_its_void_lets_it_go() -> None:
    till = signed_on()
    before = till.worth()
    held = preauth(till)
    middle = till.worth()

    answer = till.put(till.paid(T.PREAUTH_VOID, original=held))

    assert (answer.code, middle, till.worth()) == ("00", before - MONEY, before)


@pytest.mark.parametrize(("minor", "code"), [(11_500, "00"), (11_501, "64"), (1, "00")])
@pytest.mark.parametrize("row", [T.COMPLETION, T.COMPLETION_NOTICE])
def test_completion_takes_at_most_115_percent(row: Transaction, minor: int, code: str) -> None:
    till = signed_on()
    before = till.worth()
    held = preauth(till)

    answer = till.put(till.paid(row, minor, original=held, pin=None))

    assert answer.code == code
    assert till.worth() == before - (minor if code == "00" else MONEY)


@pytest.mark.parametrize("change", [{"authorisation": "999999"}, {"date": "1122"}], ids=str)
def test_void_of_another_preauthorisation_is_refused(change: dict[str, str]) -> None:
    till = signed_on()
    held = replace(preauth(till), **change)  # type: ignore[arg-type]

    assert till.put(till.paid(T.PREAUTH_VOID, original=held)).code == "25"


def test_completion_beyond_what_the_account_has_is_refused() -> None:
    till = signed_on()
    held = preauth(till, till.worth())

    assert till.put(till.paid(T.COMPLETION, held_amount(till) + 100, original=held)).code == "51"


def held_amount(till: Till) -> int:
    return views.bookings(till.acquirer.books)[-1].amount


def test_completion_after_29_days_is_refused() -> None:
    clock = Clock()
    till = signed_on(clock=clock)
    held = preauth(till)
    clock.now += timedelta(days=30)

    assert till.put(till.paid(T.COMPLETION, original=held)).code == "22"


@pytest.mark.parametrize("change", [{"authorisation": "999999"}, {"date": "1122"}], ids=str)
def test_completion_without_its_preauthorisation_is_refused(change: dict[str, str]) -> None:
    till = signed_on()
    held = replace(preauth(till), **change)  # type: ignore[arg-type]

    assert till.put(till.paid(T.COMPLETION, original=held)).code == "25"


def test_preauthorisation_is_completed_once_and_again_after_a_void() -> None:
    till = signed_on()
    before = till.worth()
    held = preauth(till)
    done = till.put(till.paid(T.COMPLETION, 9_000, original=held))
    again = till.put(till.paid(T.COMPLETION, 9_000, original=held))
    voided = till.put(till.paid(T.COMPLETION_VOID, 9_000, original=till.original(done, T.COMPLETION)))
    held_again = till.worth()
    last = till.put(till.paid(T.COMPLETION, 8_000, original=held))

    assert [each.code for each in (done, again, voided, last)] == ["00", "25", "00", "00"]
    assert (held_again, till.worth()) == (before - MONEY, before - 8_000)
    assert till.acquirer.books.balanced()


def test_balance_tells_what_may_be_spent_and_books_nothing() -> None:
    till = signed_on()
    till.sale()

    answer = till.put(till.paid(T.BALANCE, amount=None))

    assert answer.balance is not None
    assert (answer.balance.amount.minor, answer.balance.negative) == (till.worth(), False)
    assert len(views.bookings(till.acquirer.books)) == 1


def test_cash_advance_and_transfer_move_money() -> None:
    till = signed_on()
    before, others = till.worth(), till.worth("up-credit")

    cash = till.put(till.paid(T.CASH_ADVANCE))
    sent = till.put(till.paid(T.TRANSFER, text=CARDS["up-credit"].pan().encode()))

    assert (cash.code, sent.code) == ("00", "00")
    assert (till.worth(), till.worth("up-credit")) == (before - 2 * MONEY, others + MONEY)


@pytest.mark.parametrize("target", ["6250947099999999", CARDS["up-debit"].pan(), "merchant:1"])
def test_transfer_to_no_other_account_is_refused(target: str) -> None:
    till = signed_on()

    assert till.put(till.paid(T.TRANSFER, text=target.encode())).code == "A3"


@pytest.mark.parametrize("row", [T.BALANCE, T.CASH_ADVANCE, T.TRANSFER])
def test_what_needs_a_pin_is_refused_without(row: Transaction) -> None:
    till = signed_on()
    text = CARDS["up-credit"].pan().encode() if row is T.TRANSFER else b""
    ask = till.paid(row, pin=None, text=text)

    assert till.put(replace(ask, amount=None) if row is T.BALANCE else ask).code == "55"


def test_offline_sale_is_paid_whether_or_not_there_is_money() -> None:
    till = signed_on()
    till.acquirer.books.move(None, CARDS["offline-ok"].pan(), "bank", till.worth("offline-ok"))
    card = till.inserted("offline-ok", kind=0x40, extra=bytes.fromhex("8A025931"))

    answer = till.put(till.by_chip(T.OFFLINE_SALE, card=card, pin=None))

    assert (answer.code, till.worth("offline-ok")) == ("00", -MONEY)


def test_balance_of_an_account_in_debt_is_negative() -> None:
    till = signed_on()
    till.acquirer.books.move(None, CARDS["up-debit"].pan(), "bank", till.worth() + 500)

    balance = till.put(till.paid(T.BALANCE, amount=None)).balance

    assert balance is not None
    assert (balance.amount.minor, balance.negative) == (500, True)


def test_offline_sale_that_comes_twice_is_booked_once() -> None:
    till = signed_on()
    before = till.worth("offline-ok")
    card = till.inserted("offline-ok", kind=0x40, extra=bytes.fromhex("8A025931"))
    ask = till.by_chip(T.OFFLINE_SALE, card=card, pin=None)

    assert [till.put(ask).code for _ in range(2)] == ["00", "94"]
    assert till.worth("offline-ok") == before - MONEY


def test_offline_sale_with_an_arqc_is_refused() -> None:
    till = signed_on()
    card = till.inserted("offline-ok", kind=0x80, extra=bytes.fromhex("8A025931"))

    assert till.put(till.by_chip(T.OFFLINE_SALE, card=card, pin=None)).code == "59"
    assert till.findings() == ["chip"]


def test_offline_sale_without_y1_is_refused() -> None:
    till = signed_on()

    assert till.put(till.by_chip(T.OFFLINE_SALE, card=till.inserted("offline-ok", kind=0x40), pin=None)).code == "30"


def test_effective_transactions_are_those_that_stand() -> None:
    till = signed_on()
    first = till.original(till.sale())
    till.put(till.paid(T.VOID, original=first))
    till.sale(10_051)
    till.sale()
    assert till.asked is not None
    till.reverse(till.asked)

    happened = [(each.stan, each.kind, each.state) for each in views.effective(till.acquirer.books)]

    assert happened == [(2, "sale", "voided"), (3, "void", "approved")]
