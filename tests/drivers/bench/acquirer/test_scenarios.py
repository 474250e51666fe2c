"""The amount decides: every rule of the table, as the terminal sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.bench.acquirer.issuing import APPROVING, Issuing
from drivers.bench.cards import issuer
from firmware.host import tlv
from firmware.host.dialect import Dialect
from firmware.host.values import Demand, Transaction
from firmware.units import Money
from tests.drivers.bench.acquirer.paying import CARDS, CNY, MERCHANT, TERMINAL, T, signed_on

RULES = Issuing().cents
PLAIN = {cents: rule for cents, rule in RULES.items() if rule.part == 100 and not rule.fault}
CHIP = ("script", "arpc")


@pytest.mark.parametrize("row", [T.SALE, T.PREAUTH, T.CASH_ADVANCE])
@pytest.mark.parametrize("cents", sorted(PLAIN))
def test_amount_decides_the_code(row: Transaction, cents: int) -> None:
    till = signed_on()
    before = till.worth()

    answer = till.put(till.paid(row, 10_000 + cents))

    assert answer.code == PLAIN[cents].code
    assert answer.approved == (PLAIN[cents].code in APPROVING)
    assert till.worth() == before - (10_000 + cents if answer.approved else 0)


@pytest.mark.parametrize(
    ("cents", "demand"),
    [(81, Demand.PARAMETERS), (83, Demand.SIGN_ON), (84, Demand.CA_KEYS), (85, Demand.AIDS), (0, Demand.NOTHING)],
)
def test_amount_decides_the_demand(cents: int, demand: Demand) -> None:
    assert signed_on().sale(10_000 + cents).demand is demand


def test_half_of_an_amount_is_approved_and_can_be_taken_back() -> None:
    till = signed_on()
    before = till.worth()

    answer = till.sale(10_010)

    assert (answer.code, answer.amount) == ("10", Money(5_005, CNY))
    assert till.worth() == before - 5_005
    assert till.asked is not None
    assert till.reverse(till.asked).code == "00"
    assert till.worth() == before


def test_terminal_that_takes_no_part_is_declined() -> None:
    till = signed_on()
    till.dialect = Dialect(replace(till.profile, partial_approval=False), TERMINAL, MERCHANT)

    assert till.sale(10_010).code == "51"


def test_void_of_a_part_is_for_that_part() -> None:
    till = signed_on()
    sale = till.original(till.sale(10_010))

    assert till.put(till.paid(T.VOID, 5_005, original=sale)).code == "00"


def test_void_of_an_amount_that_decides_is_judged_by_the_books() -> None:
    till = signed_on()
    sale = till.original(till.sale(10_016))

    assert till.put(till.paid(T.VOID, 10_016, original=sale)).code == "00"


def proof(cents: int, name: str = "up-debit") -> dict[int, bytes]:
    till = signed_on()
    minor = 10_000 + cents
    card = till.inserted(name, minor)
    answer = till.put(till.by_chip(T.SALE, minor, card=card, pin=None))
    assert answer.approved
    return dict(tlv.read(answer.chip)) | {0: card.chip}


@pytest.mark.parametrize(("cents", "right"), [(0, True), (71, True), (99, False)])
def test_issuers_proof_is_right_but_where_the_amount_spoils_it(cents: int, *, right: bool) -> None:
    given = proof(cents)
    card = CARDS["up-debit"]

    expected = issuer.answer(card.pan(), card.psn, dict(tlv.read(given[0])), "00")

    assert (given[0x91] == expected) is right


@pytest.mark.parametrize(("cents", "template"), [(95, 0x72), (97, 0x71)])
def test_amount_sends_a_script(cents: int, template: int) -> None:
    assert template in proof(cents)


def test_card_with_a_script_gets_it_with_any_amount() -> None:
    assert 0x72 in proof(0, "script")
    assert 0x72 not in proof(51 - 51, "up-debit")
