"""Reversals at the test acquirer: each undoes its question once, whatever that was and however often it comes."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from drivers.bench.acquirer import Fault, FaultKind, views
from firmware.host.values import Ask, Reason
from firmware.units import Money
from tests.drivers.bench.acquirer.paying import CNY, MONEY, T, Till, signed_on


def sale(till: Till) -> Ask:
    till.sale()
    assert till.asked is not None
    return till.asked


@pytest.mark.parametrize("reason", list(Reason))
def test_reversal_twice_gives_back_once(reason: Reason) -> None:
    till = signed_on()
    before = till.worth()
    asked = sale(till)

    codes = [till.reverse(asked, reason).code for _ in range(2)]

    assert codes == ["00", "00"]
    assert till.worth() == before
    assert till.acquirer.books.balanced()
    assert till.findings() == []


def test_reversal_of_an_unknown_question_is_told_so_and_the_question_then_refused() -> None:
    till = signed_on()
    before = till.worth()
    asked = till.paid(T.SALE)

    codes = [till.reverse(asked).code, till.put(asked).code, till.reverse(asked).code]

    assert codes == ["25", "94", "25"]
    assert till.worth() == before
    assert till.findings() == ["late"]


def test_reversal_of_a_declined_question_is_nothing_to_do() -> None:
    till = signed_on()
    assert till.sale(10_051).code == "51"
    assert till.asked is not None

    assert till.reverse(till.asked).code == "00"


def test_reversal_of_a_void_lets_the_sale_stand_again() -> None:
    till = signed_on()
    first = till.original(till.sale())
    ask = till.paid(T.VOID, original=first)
    till.put(ask)

    assert till.reverse(ask).code == "00"
    assert [(each.stan, each.state) for each in views.effective(till.acquirer.books)] == [(2, "approved")]
    assert till.put(till.paid(T.VOID, original=first)).code == "00"


def test_reversals_of_completion_and_its_void_put_the_hold_back() -> None:
    till = signed_on()
    before = till.worth()
    held = till.original(till.put(till.paid(T.PREAUTH)), T.PREAUTH)
    completion = till.paid(T.COMPLETION, 9_000, original=held)
    done = till.original(till.put(completion), T.COMPLETION)
    void = till.paid(T.COMPLETION_VOID, 9_000, original=done)
    till.put(void)

    codes = [till.reverse(void).code]
    after_void = till.worth()
    codes.append(till.reverse(completion).code)

    assert codes == ["00", "00"]
    assert (after_void, till.worth()) == (before - 9_000, before - MONEY)
    assert till.put(till.paid(T.PREAUTH_VOID, original=held)).code == "00"
    assert till.worth() == before


def test_reversal_of_a_voided_sale_is_refused() -> None:
    till = signed_on()
    asked = till.paid(T.SALE)
    till.put(till.paid(T.VOID, original=till.original(till.put(asked))))

    assert till.reverse(asked).code == "25"
    assert till.findings() == ["reversal"]
    assert till.acquirer.books.balanced()


def test_reversal_of_another_amount_is_refused() -> None:
    till = signed_on()
    asked = sale(till)

    assert till.reverse(replace(asked, amount=Money(MONEY + 1, CNY))).code == "64"
    assert len(views.effective(till.acquirer.books)) == 1


def test_reversal_for_another_card_is_refused() -> None:
    till = signed_on()
    asked = sale(till)

    assert till.reverse(replace(asked, card=till.swiped("up-credit"))).code == "14"


def test_reversal_without_a_known_reason_is_noted() -> None:
    till = signed_on()
    asked = sale(till)

    till.send(till.dialect.reversal({**till.dialect.stored(asked)}, cast("Reason", "17"), till.mac))

    assert till.findings() == ["reversal"]


def test_reversal_of_a_refund_is_refused() -> None:
    till = signed_on()
    refund = till.paid(T.REFUND, original=till.original(till.sale()), organisation="CUP", pin=None)
    till.put(refund)

    assert till.reverse(refund).code == "12"
    assert "reversal" in till.findings()


def test_reversal_that_kept_the_track_is_noted() -> None:
    till = signed_on()
    asked = sale(till)
    stored = {**till.dialect.stored(asked), "35": "6250947010000011D4912", "39": "06"}

    till.send(till.dialect.reversal(stored, Reason.OTHER, till.mac))

    assert till.findings() == ["reversal"]


def test_reversal_refused_by_a_fault_is_booked_when_it_gets_through() -> None:
    till = signed_on()
    before = till.worth()
    asked = sale(till)
    till.acquirer.add_fault(Fault(FaultKind.DECLINE, frozenset({"reversal"}), times=2, code="96"))

    codes = [till.reverse(asked).code for _ in range(3)]

    assert codes == ["96", "96", "00"]
    assert till.worth() == before
