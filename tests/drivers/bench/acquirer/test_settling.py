"""Settlement and batch upload at the test acquirer: totals, records against bookings, and the batch that follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.bench.acquirer import views
from firmware.host.settlement import (
    Settled,
    Side,
    StripeRecord,
    Totals,
    Verdict,
    chip_approved,
    settled,
    stripe_list,
    totals_text,
    upload_end,
)
from firmware.host.values import Answer, CardData, Entry, Upload, UploadKind
from firmware.units import Money, Pan, Stan
from tests.drivers.bench.acquirer.paying import CARDS, CNY, MERCHANT, MONEY, TERMINAL, T, Till, signed_on

RIGHT = Totals(Side(2 * MONEY, 2, MONEY, 1))


def traded() -> Till:
    """A terminal after two sales, one void, and a sale that was reversed."""
    till = signed_on()
    till.put(till.paid(T.VOID, original=till.original(till.sale())))
    till.sale()
    till.sale()
    assert till.asked is not None
    till.reverse(till.asked)
    till.sale(10_051)
    return till


def settle(till: Till, totals: Totals) -> Settled:
    return settled(till.put(till.ask(T.SETTLEMENT, text=totals_text(totals))).payload)


def upload(till: Till, kind: UploadKind, text: bytes = b"", *, balanced: bool = False, **more: object) -> Answer:
    return till.put(till.ask(T.BATCH_UPLOAD, upload=Upload(kind, balanced=balanced), text=text, **more))


def test_right_totals_balance() -> None:
    till = traded()

    answer = settle(till, RIGHT)

    assert answer.balanced
    assert answer.totals == RIGHT
    assert views.batch_totals(till.acquirer.books, MERCHANT, TERMINAL, 1) == totals_text(RIGHT).decode()


def test_foreign_cards_are_totalled_for_themselves() -> None:
    till = signed_on()
    till.sale(card=till.swiped("visa-sign"), pin=None)

    assert settle(till, Totals(Side(), Side(MONEY, 1))).balanced


def test_each_kind_counts_on_its_side() -> None:
    till = signed_on()
    held = [till.original(till.put(till.paid(T.PREAUTH)), T.PREAUTH) for _ in range(4)]
    done = till.original(till.put(till.paid(T.COMPLETION, 9_000, original=held[0])), T.COMPLETION)
    till.put(till.paid(T.COMPLETION_NOTICE, 8_000, original=held[1], pin=None))
    till.put(till.paid(T.PREAUTH_VOID, original=held[2]))
    till.put(till.paid(T.COMPLETION_VOID, 9_000, original=done))
    till.put(till.paid(T.REFUND, 3_000, original=till.original(till.sale()), organisation="CUP", pin=None))
    till.put(till.paid(T.CASH_ADVANCE, 2_000))
    till.put(till.paid(T.TRANSFER, text=CARDS["up-credit"].pan().encode()))
    till.put(till.paid(T.BALANCE, amount=None))

    assert settle(till, Totals(Side(9_000 + 8_000 + MONEY + 2_000, 4, 9_000 + 3_000, 2))).balanced


def test_wrong_totals_are_answered_with_the_acquirers_own() -> None:
    till = traded()

    answer = settle(till, Totals(Side(2 * MONEY, 2)))

    assert (answer.domestic, answer.foreign) == (Verdict.UNBALANCED, Verdict.BALANCED)
    assert answer.totals == RIGHT
    assert till.findings() == ["totals"]


def test_balanced_batch_ends_with_its_upload_and_the_next_begins() -> None:
    till = traded()
    settle(till, RIGHT)
    refused = till.sale().code

    ended = upload(till, UploadKind.END, upload_end(0), balanced=True).code
    till.batch = 2

    assert (refused, ended, till.sale().code) == ("77", "00", "00")
    assert till.sign_on().batch == 2
    assert till.findings() == ["batch"]


def test_settlement_and_end_that_come_twice_are_answered_alike() -> None:
    till = traded()

    twice = [settle(till, RIGHT) for _ in range(2)]
    ends = [upload(till, UploadKind.END, upload_end(0), balanced=True).code for _ in range(2)]

    assert twice[0] == twice[1]
    assert ends == ["00", "00"]
    assert settle(till, RIGHT) == twice[0]
    assert views.as_json(till.acquirer.books)["terminals"][0]["batch"] == 2


def test_batch_that_is_over_is_not_settled_anew() -> None:
    till = traded()
    first = settle(till, RIGHT)
    upload(till, UploadKind.END, upload_end(0), balanced=True)

    assert settle(till, Totals(Side(1, 1))) == first
    till.batch = 2
    assert till.sale().code == "00"
    assert till.findings() == ["totals"]


def test_reversal_of_a_batch_that_is_over_is_refused() -> None:
    till = signed_on()
    ask = till.paid(T.SALE)
    till.put(ask)
    settle(till, Totals(Side(MONEY, 1)))
    upload(till, UploadKind.END, upload_end(0), balanced=True)

    assert till.reverse(ask).code == "25"
    assert till.findings() == ["reversal"]
    assert len(views.effective(till.acquirer.books)) == 1


def test_reversal_while_the_batch_is_settled_is_taken() -> None:
    till = signed_on()
    ask = till.paid(T.SALE)
    till.put(ask)
    settle(till, Totals(Side(MONEY, 1)))

    assert till.reverse(ask).code == "00"
    assert settle(till, Totals(Side())).balanced


def record(stan: int, minor: int = MONEY, name: str = "up-debit") -> StripeRecord:
    return StripeRecord(Stan(stan), Pan(CARDS[name].pan()), Money(minor, CNY))


def uploads(till: Till, *records: StripeRecord) -> list[tuple[str, str]]:
    """Settle out of balance, upload these, end; what was found but for the totals."""
    settle(till, Totals(Side()))
    if records:
        assert upload(till, UploadKind.STRIPE_LIST, stripe_list(records)).code == "00"
        assert upload(till, UploadKind.STRIPE_LIST, stripe_list(records)).code == "00"
    assert upload(till, UploadKind.END, upload_end(len(records))).code == "00"
    return till.acquirer.books.findings()[1:]


def test_uploaded_records_that_are_booked_so_are_right() -> None:
    till = traded()

    assert uploads(till, record(2), record(3), record(4)) == []
    marks = {each.stan: each.uploaded for each in views.bookings(till.acquirer.books)}
    assert marks == {2: "ok", 3: "ok", 4: "ok", 5: "", 6: ""}


def test_uploaded_records_that_differ_are_noted() -> None:
    till = traded()

    found = uploads(till, record(2, MONEY + 1), record(3, name="up-credit"), record(99))

    # The list came twice.
    assert list(dict.fromkeys(fact for _, fact in found)) == [
        "000002 is booked with another amount or card",
        "000003 is booked with another amount or card",
        "000099 is not booked",
        "000004 is missing",
    ]


def test_upload_that_announces_another_number_is_noted() -> None:
    till = signed_on()
    settle(till, Totals(Side()))
    upload(till, UploadKind.END, upload_end(3), balanced=True)

    assert till.acquirer.books.findings() == [("upload", "3 records announced, 0 received")]


@pytest.mark.parametrize("kind", [UploadKind.CHIP_APPROVED, UploadKind.CHIP_DECLINED])
def test_chip_records_are_compared_with_their_bookings(kind: UploadKind) -> None:
    till = signed_on()
    ask = till.by_chip(T.SALE)
    assert till.put(ask).code == "00"
    settle(till, Totals(Side(MONEY, 1)))

    till.stan = int(str(ask.stan))
    card = CardData(Pan(CARDS["up-debit"].pan()), "4912", 1)
    upload(till, kind, chip_approved(Money(MONEY, CNY)), balanced=True, amount=ask.amount, entry=Entry.CHIP, card=card)
    upload(till, UploadKind.END, upload_end(1), balanced=True)

    declined = [("upload", "000002 was declined by the card, and is booked")]
    assert till.acquirer.books.findings() == ([] if kind is UploadKind.CHIP_APPROVED else declined)


def test_upload_without_a_settlement_is_told_to_sign_on() -> None:
    till = signed_on()

    assert upload(till, UploadKind.END, upload_end(0)).code == "77"


@pytest.mark.parametrize("text", [b"", b"1", b"021234"], ids=repr)
def test_upload_that_cannot_be_read_is_refused(text: bytes) -> None:
    till = signed_on()
    settle(till, Totals(Side()))

    assert upload(till, UploadKind.STRIPE_LIST, text).code == "30"
    assert upload(till, UploadKind.END, text).code == "30"


def test_settlement_of_another_batch_is_told_to_sign_on() -> None:
    till = signed_on()
    till.batch = 9

    assert till.put(till.ask(T.SETTLEMENT, text=totals_text(RIGHT))).code == "77"


def test_settlement_without_totals_is_refused() -> None:
    till = signed_on()

    assert till.put(till.ask(T.SETTLEMENT, text=b"123")).code == "30"


def test_last_batch_is_followed_by_the_first() -> None:
    till = signed_on()
    enrolled = till.acquirer.books.terminal(MERCHANT, TERMINAL)
    assert enrolled is not None
    till.acquirer.books.keep_terminal(replace(enrolled, batch=999_998))
    till.batch = 999_998
    settle(till, Totals(Side()))
    upload(till, UploadKind.END, upload_end(0), balanced=True)

    assert till.sign_on().batch == 1
