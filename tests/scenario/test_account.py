"""Balance, cash advance and transfer: what a card's holder wants of the account, always with the PIN."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.cards.personality import load_cards
from firmware.journal import Kind, Phase
from tests.scenario.counter import LANGUAGES, a_day_online, back_to_idle, show_card
from tests.scenario.dialects import BOTH
from tests.shop import Shop

TARGET = " ".join(load_cards()["up-credit"].pan())
WRONG_PIN = "9 9 9 9 ENTER"


@BOTH
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_balance_is_shown_and_written_down_nowhere(tmp_path: Path, card: str, language: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await shop.menu("balance")
        await show_card(shop, card)
        assert shop.text_id == "balance"
        assert shop.lines[1] not in ("", "0.00")
        await back_to_idle(shop)
        assert acquirer.books.bookings() == 0
        assert len(shop.paper) == 0

    assert a_day_online(tmp_path, work, language) == []


@pytest.mark.parametrize(("language", "name"), [("zh", "余额查询"), ("en", "Balance")])
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_balance_asks_for_card_and_pin_by_its_name_and_never_shows_an_amount(
    tmp_path: Path, card: str, language: str, name: str
) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.menu("balance")
        await shop.see("present_card")
        assert shop.lines[0] == name
        present = shop.swipe if card == "up-stripe" else shop.insert
        present(card)
        await shop.see("enter_pin")
        assert "0.00" not in shop.lines
        await shop.press("CANCEL")
        await shop.see("cancelled|refused|^idle$", 60)
        await back_to_idle(shop)

    assert a_day_online(tmp_path, work, language) == []


@BOTH
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_balance_with_a_wrong_pin_is_refused(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.menu("balance")
        await show_card(shop, card, WRONG_PIN)
        assert shop.text_id == "balance_refused"

    assert a_day_online(tmp_path, work) == []


@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_balance_without_an_answer_says_so(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"balance"})))
        await shop.menu("balance")
        await show_card(shop, card)
        assert shop.text_id == "balance_refused"

    assert a_day_online(tmp_path, work) == []


@BOTH
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
@pytest.mark.parametrize(("pin", "phase"), [("1 2 3 4 5 6 ENTER", Phase.DONE), (WRONG_PIN, Phase.DECLINED)])
def test_cash_advance_counts_with_the_right_pin(tmp_path: Path, card: str, pin: str, phase: Phase) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.menu("cash_advance")
        await shop.press("1 0 0 00 ENTER")
        await show_card(shop, card, pin)

    (record,) = a_day_online(tmp_path, work)
    assert (record.kind, record.phase) == (Kind.CASH_ADVANCE, phase)


@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_transfer_goes_to_the_card_that_was_typed_twice(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await shop.menu("transfer")
        await shop.press(f"{TARGET} ENTER")
        await shop.see("target_card_again")
        await shop.press(f"{TARGET} ENTER")
        await shop.see("errand_amount")
        await shop.press("1 0 0 00 ENTER")
        await show_card(shop, card)
        target = acquirer.books.account(TARGET.replace(" ", ""))
        assert target is not None
        assert target.balance == 10_000
        await back_to_idle(shop)
        assert f"{target.number[:6]}******{target.number[-4:]}" in shop.paper[-1].text
        assert target.number not in shop.paper[-1].text

    (record,) = a_day_online(tmp_path, work)
    assert (record.kind, record.phase) == (Kind.TRANSFER, Phase.DONE)


@pytest.mark.parametrize(("first", "second"), [("1 " * 16, "1 " * 16), (TARGET, "1 " * 16)])
def test_target_card_wrong_or_unlike_is_typed_again(tmp_path: Path, first: str, second: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.menu("transfer")
        for _ in range(3):
            await shop.see("target_card$", 30)
            await shop.press(f"{first} ENTER")
            await shop.press(f"{second} ENTER")
            await shop.see("target_wrong")
            await shop.press("ENTER")
        await shop.see("cancelled")

    assert a_day_online(tmp_path, work) == []


def test_transfer_without_an_answer_is_unresolved(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.SILENT_BEFORE, frozenset({"transfer"})))
        await shop.menu("transfer")
        await shop.press(f"{TARGET} ENTER")
        await shop.press(f"{TARGET} ENTER 1 0 0 ENTER")
        await show_card(shop, "up-stripe")
        assert shop.text_id == "unresolved"
        await back_to_idle(shop)
        await shop.menu("status")
        await shop.press("ENTER ENTER")
        await shop.see("settle_by_hand")
        assert shop.lines[3] == f"转账 **{TARGET.replace(' ', '')[-4:]}"
        await shop.press("CANCEL")

    (record,) = a_day_online(tmp_path, work)
    assert record.phase is Phase.UNRESOLVED
