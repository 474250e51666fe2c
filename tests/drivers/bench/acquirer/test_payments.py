"""Payments at the test acquirer: what is booked, what is taken back, and what the books are worth afterwards."""

from __future__ import annotations

from tests.drivers.bench.acquirer.paying import DEBIT, MONEY, T, Till, signed_on


def worth(till: Till, number: str | None = None) -> int:
    account = till.acquirer.books.account(number or DEBIT.pan())
    assert account is not None
    return account.balance


def test_sale_by_stripe_is_paid_from_the_card() -> None:
    till = signed_on()
    before = worth(till)

    answer = till.sale()

    assert (answer.code, answer.organisation) == ("00", "CUP")
    assert worth(till) == before - MONEY
    assert till.acquirer.books.findings() == []


def test_reversal_twice_gives_back_once() -> None:
    till = signed_on()
    before = worth(till)
    till.sale()
    sale = till.asked
    assert sale is not None

    codes = [till.reverse(sale).code for _ in range(2)]

    assert codes == ["00", "00"]
    assert worth(till) == before
    assert till.acquirer.books.balanced()


def test_void_gives_back_and_second_void_is_refused() -> None:
    till = signed_on()
    before = worth(till)
    sale = till.original(till.sale())

    codes = [till.put(till.paid(T.VOID, original=sale)).code for _ in range(2)]

    assert codes == ["00", "25"]
    assert worth(till) == before
