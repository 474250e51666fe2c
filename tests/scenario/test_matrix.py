"""Every flow, in every way that it can go: the matrix of scenarios.

Each cell does one thing to one row of `matrix.ROWS`, then sees that the same flow works, that a good sale works, and
that both books agree (`matrix.a_day`). The product is whole where rows differ, and chosen where they do not:

- persons (cancel, silence, the card taken out): every row at every step, one after another in one shop;
- lines and answers: every question with every fault; the rows that ask the same one share them, but a line that is
  down, a silence and a wrong MAC go to each of them;
- response codes: every row with a code of each class, one after another in one shop;
- languages: neighbouring cells speak Chinese and English in turn, so each row and each way is seen in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.views import effective
from drivers.bench.host_link import LineFaults
from firmware.home import FLOWS
from firmware.host.values import Transaction
from firmware.journal import Kind, Phase
from firmware.units import Millis
from tests.scenario.counter import LANGUAGES
from tests.scenario.matrix import PIN, ROWS, Row, a_day, act, do, reach, to_idle, walk
from tests.shop import Shop

NAMES = list(ROWS)
ASKING = [name for name, row in ROWS.items() if row.asks is not None]
LATE_MS = 90_000
"""Later than the terminal waits for an answer."""

MANAGEMENT = frozenset({Transaction.SIGN_ON, Transaction.SIGN_OFF, Transaction.ECHO})


def language_of(name: str, way: int) -> str:
    """Neighbouring cells speak different languages."""
    return LANGUAGES[(NAMES.index(name) + way) % len(LANGUAGES)]


def undone(row: Row, *, sent: bool) -> str:
    """The screen of a question that came to nothing; `sent` tells that the acquirer may have heard it."""
    if row.asks in MANAGEMENT:
        return "^line_failed$"
    if row.asks is Transaction.SETTLEMENT:
        return "^settlement_stuck$"
    if row.asks is Transaction.BALANCE:
        return "^balance_refused$"
    return "^unresolved$" if sent and not row.reversible else "^declined$"


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.steps])
@pytest.mark.parametrize("way", ["cancelled", "timed_out"])
def test_flow_left_at_each_step_does_nothing_and_works_again(tmp_path: Path, name: str, way: str) -> None:
    row = ROWS[name]

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        before = effective(acquirer.books)
        for number, step in enumerate(row.steps):
            if step.screen == "^idle$":
                continue
            await walk(shop, acquirer, row, number)
            if way == "cancelled":
                await shop.press("CANCEL")
            moves_money = row.asks not in (Transaction.BALANCE, Transaction.SETTLEMENT) and row.flow != "status"
            told = step.screen != "enter_amount" and moves_money
            await reach(shop, f"^{way}$" if told else "^idle$")
            await to_idle(shop)
            assert effective(acquirer.books) == before
        await do(shop, acquirer, row)

    a_day(tmp_path, row, work, language_of(name, way == "cancelled"))


LINES = {
    "down": LineFaults(refuse_connect=True),
    "silent_connect": LineFaults(silent_connect=True),
    "lost_in_question": LineFaults(lose_after=60),
}
UNHEARD = {kind.value: Fault(kind, late_ms=LATE_MS) for kind in (
    FaultKind.SILENT, FaultKind.SILENT_BEFORE, FaultKind.DROP, FaultKind.DROP_BEFORE, FaultKind.CUT, FaultKind.GARBLE,
    FaultKind.WRONG_STAN, FaultKind.LATE, FaultKind.LATE_BEFORE,
)}  # fmt: skip
SEALED = {kind.value: Fault(kind) for kind in (FaultKind.WRONG_MAC, FaultKind.NO_MAC, FaultKind.WRONG_AMOUNT)}
"""What only an answer with a MAC can have."""
HEARD = {"twice": Fault(FaultKind.TWICE), "slow": Fault(FaultKind.LATE, late_ms=5_000)}
DOES_NOT_APPLY: Mapping[str, Iterable[str]] = {
    "balance_chip": ["wrong_amount"],
    "balance_stripe": ["wrong_amount"],
    "sign_on": [*SEALED, "garble"],
    "sign_off": SEALED,
    "echo": [*SEALED, "wrong_stan", "garble"],
    "settlement": SEALED,
}
"""What an answer cannot have: no amount, no MAC, no trace number; a byte that nothing vouches for may change unseen."""


def shared(ways: Iterable[str], to_all: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Each question with each way that applies to it: the rows that ask it take turns, but for the ways `to_all`."""
    cells = []
    for place, way in enumerate(ways):
        for question in dict.fromkeys(ROWS[name].asks for name in ASKING):
            names = [name for name in ASKING if ROWS[name].asks is question]
            chosen = names if way in to_all else [names[place % len(names)]]
            cells += [(name, way) for name in chosen if way not in DOES_NOT_APPLY.get(name, ())]
    return cells


def struck(row: Row, way: str) -> Fault:
    fault = (UNHEARD | SEALED | HEARD)[way]
    assert row.asks is not None
    return replace(fault, rows=frozenset({row.asks.value}))


@pytest.mark.parametrize(("name", "way"), shared(LINES, ("down",)))
def test_line_that_fails_ends_the_flow_and_it_works_again(tmp_path: Path, name: str, way: str) -> None:
    row = ROWS[name]

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.far_end.hang_up()
        acquirer.far_end.faults = LINES[way]
        await walk(shop, acquirer, row, ends=undone(row, sent=way == "lost_in_question"))
        await to_idle(shop)
        acquirer.mend()
        await do(shop, acquirer, row)

    phases = [each.phase for each in a_day(tmp_path, row, work, language_of(name, list(LINES).index(way)))]
    assert phases.count(Phase.DONE) >= 1 + row.booked


@pytest.mark.parametrize(("name", "way"), shared([*UNHEARD, *SEALED], ("silent", "wrong_mac")))
def test_question_without_an_answer_to_believe_is_undone_and_the_flow_works_again(
    tmp_path: Path, name: str, way: str
) -> None:
    row = ROWS[name]

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(struck(row, way))
        await walk(shop, acquirer, row, ends=undone(row, sent=True))
        await to_idle(shop)
        await do(shop, acquirer, row)

    records = a_day(tmp_path, row, work, language_of(name, [*UNHEARD, *SEALED].index(way)))
    phases = [each.phase for each in records]
    assert phases.count(Phase.REVERSED) == (row.booked and row.reversible)
    assert phases.count(Phase.UNRESOLVED) == (row.booked and not row.reversible)


@pytest.mark.parametrize(("name", "way"), shared(HEARD))
def test_answer_that_is_slow_or_comes_twice_counts_once(tmp_path: Path, name: str, way: str) -> None:
    row = ROWS[name]

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(struck(row, way))
        await do(shop, acquirer, row)

    records = a_day(tmp_path, row, work, language_of(name, list(HEARD).index(way)))
    assert {each.phase for each in records} == {Phase.DONE}


CODES = ("05", "41", "01", "06", "09", "55", "77", "79", "99", "A0", "ZZ")
"""One of each class that refuses: declined, card kept, referral, system, retry, PIN wrong, sign on again (77 99 A0),
send again what was offline, and one that nobody knows."""
SIGN_ON_AGAIN = frozenset({"77", "99", "A0"})


def refused(row: Row) -> str:
    """The screen of a question that the acquirer refuses."""
    if row.asks in (Transaction.SIGN_OFF, Transaction.ECHO):
        return "^line_refused$"
    return undone(row, sent=False)


@pytest.mark.parametrize("name", ASKING)
def test_code_that_refuses_is_told_and_the_flow_works_again(tmp_path: Path, name: str) -> None:
    row = ROWS[name]
    assert row.asks is not None
    rows = frozenset({row.asks.value})

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        before = effective(acquirer.books)
        for code in CODES if row.flow != "settlement" else ("96",):
            acquirer.add_fault(Fault(FaultKind.DECLINE, rows, code=code))
            await walk(shop, acquirer, row, ends=refused(row))
            await to_idle(shop)
            assert effective(acquirer.books) == before, code
            acquirer.mend()
        await do(shop, acquirer, row)

    phases = [each.phase for each in a_day(tmp_path, row, work, language_of(name, 0))]
    assert phases.count(Phase.DECLINED) == (len(CODES) if row.booked else 0)
    assert not {Phase.REVERSED, Phase.UNRESOLVED} & set(phases)


@pytest.mark.parametrize("code", sorted(SIGN_ON_AGAIN))
def test_code_that_wants_a_sign_on_gets_it_before_the_next_question(tmp_path: Path, code: str) -> None:
    row = ROWS["sale_stripe"]
    heard: list[str] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.DECLINE, frozenset({"sale"}), code=code))
        await walk(shop, acquirer, row, ends="^declined$")
        await to_idle(shop)
        acquirer.host.tell = lambda line: heard.append(line.split()[2])
        await do(shop, acquirer, row)

    a_day(tmp_path, row, work, "zh")
    assert heard[:2] == ["sign_on", "sale"]


PARTLY = [name for name, row in ROWS.items() if row.asks in (Transaction.SALE, Transaction.CASH_ADVANCE)]


@pytest.mark.parametrize("name", PARTLY)
def test_part_that_is_approved_counts_with_what_was_approved(tmp_path: Path, name: str) -> None:
    row = ROWS[name]
    part = replace(row, steps=tuple(replace(each, keys=each.keys.replace("0 00", "0 1 0")) for each in row.steps))

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await walk(shop, acquirer, part, ends="^partly_approved$")
        await to_idle(shop)
        await do(shop, acquirer, row)

    first, *_ = a_day(tmp_path, row, work, language_of(name, 1))
    assert (first.amount.minor, first.approved.minor) == (1_010, 505)


WITH_CHIP = [name for name, row in ROWS.items() if any(step.card == "up-debit" for step in row.steps)]


@pytest.mark.parametrize("name", WITH_CHIP)
def test_card_taken_out_at_any_step_does_nothing_and_the_flow_works_again(tmp_path: Path, name: str) -> None:
    row = ROWS[name]
    assert row.asks is not None
    at = next(number for number, step in enumerate(row.steps) if step.card == "up-debit")

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        before = effective(acquirer.books)
        for apdu in (1, 4, 9):
            await walk(shop, acquirer, row, at)
            shop.insert("up-debit", pull_at_apdu=apdu)
            await reach(shop, "insert_again|^idle$")
            if shop.text_id == "insert_again":
                await shop.press("CANCEL")
            await to_idle(shop)
        for number in range(at + 1, len(row.steps)):
            await walk(shop, acquirer, row, number)
            shop.remove()
            await to_idle(shop)
        assert effective(acquirer.books) == before
        await do(shop, acquirer, row)

    assert a_day(tmp_path, row, work, language_of(name, 0))


@pytest.mark.parametrize("name", WITH_CHIP)
def test_card_taken_out_while_the_acquirer_is_asked_is_reversed_where_that_is_possible(
    tmp_path: Path, name: str
) -> None:
    row = ROWS[name]

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(struck(row, "slow"))
        if row.steps[-1].card:
            await walk(shop, acquirer, row, len(row.steps) - 1)
            await act(shop, acquirer, row, row.steps[-1])
        else:
            await walk(shop, acquirer, row, len(row.steps) - 1)
            await shop.press(PIN)
        await shop.clock.sleep(Millis(2_000))
        shop.remove()
        await to_idle(shop)
        await do(shop, acquirer, row)

    phases = [each.phase for each in a_day(tmp_path, row, work, language_of(name, 1))]
    assert phases.count(Phase.REVERSED) == (row.booked and row.reversible)
    assert Phase.UNRESOLVED not in phases


ELSEWHERE = {
    "reprint_last": "test_menu", "reprint_any": "test_menu", "reprint_settlement": "test_settlement",
    "transactions": "test_menu", "totals": "test_settlement", "language": "test_menu", "version": "test_menu",
    "settle_now": "test_settlement",
    "download": "test_downloads", "destroy_keys": "test_destroy_keys",
}  # fmt: skip
"""Flows that ask the acquirer nothing and move no money, and the scenarios that they are in."""
IN_BETWEEN = frozenset(
    {
        Transaction.OFFLINE_SALE, Transaction.SCRIPT_NOTICE, Transaction.REVERSAL, Transaction.BATCH_UPLOAD,
        Transaction.COMPLETION_NOTICE, Transaction.PARAMETERS, Transaction.CA_KEY_LIST, Transaction.CA_KEY,
        Transaction.CA_KEY_END, Transaction.AID_LIST, Transaction.AID, Transaction.AID_END,
        Transaction.STATUS,
    }
)  # fmt: skip
"""Questions that follow from others, and that no flow of the menu is named after."""


def test_matrix_has_a_row_for_every_flow_and_every_question() -> None:
    """Whoever adds a flow or a transaction adds its row, or says here where else it is tried."""
    assert {row.flow for row in ROWS.values()} | set(ELSEWHERE) == {"sale", *FLOWS}
    assert {row.asks for row in ROWS.values()} - {None} | IN_BETWEEN == set(Transaction)
    assert {kind.value for kind in Kind} - {"cash_sale", "cash_void"} <= {row.asks for row in ROWS.values()}
    for scenarios in ELSEWHERE.values():
        assert (Path(__file__).parent / f"{scenarios}.py").exists()
