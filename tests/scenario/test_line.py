"""Signing on and off and the echo test from the menu, what an acquirer demands, and a terminal that has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Phase
from tests.scenario.counter import LANGUAGES, a_day_online, back_to_idle, sell, show_card
from tests.scenario.dialects import BOTH
from tests.scenario.test_cash_sale import a_day
from tests.shop import Shop


@BOTH
@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_on_echo_and_signing_off_say_how_they_came_out(tmp_path: Path, language: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        for item, seen in (("sign_on", "signed_on"), ("echo", "line_ok"), ("sign_off", "line_ok")):
            await shop.menu(item)
            await shop.see(seen, 30)
            await back_to_idle(shop)
        await sell(shop)

    (record,) = a_day_online(tmp_path, work, language)
    assert record.phase is Phase.DONE


@pytest.mark.parametrize("item", ["sign_on", "echo", "sign_off"])
@pytest.mark.parametrize(
    ("fault", "seen"),
    [(Fault(FaultKind.SILENT), "line_failed"), (Fault(FaultKind.DECLINE, code="96"), "line_failed|line_refused")],
)
def test_acquirer_that_does_not_answer_well_is_told(tmp_path: Path, item: str, fault: Fault, seen: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(fault)
        await shop.menu(item)
        await shop.see(seen, 100)

    assert a_day_online(tmp_path, work) == []


def test_sign_on_is_done_where_an_approval_demands_it(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, "1 0 8 3")
        before = acquirer.books.rows("SELECT mac_key FROM terminal")
        await sell(shop, "1 0 0")
        assert acquirer.books.rows("SELECT mac_key FROM terminal") == before

    assert [each.phase for each in a_day_online(tmp_path, work)] == [Phase.DONE, Phase.DONE]


def test_part_of_the_amount_is_told_with_what_is_still_due(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.press("1 0 1 0 ENTER")
        await show_card(shop, "up-stripe")
        assert shop.text_id == "partly_approved"
        assert [line.split()[-1] for line in shop.lines[:2]] == ["5.05", "5.05"]

    (record,) = a_day_online(tmp_path, work)
    assert record.approved.minor == 505


@pytest.mark.parametrize(("amount", "reason"), [("1 0 0 1", "请持卡人与发卡银行联系"), ("1 0 0 4", "此卡被没收")])
def test_refusal_that_asks_something_of_the_merchant_says_what(tmp_path: Path, amount: str, reason: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.press(f"{amount} ENTER")
        await show_card(shop, "up-stripe")
        assert shop.lines[1] == reason

    (record,) = a_day_online(tmp_path, work)
    assert record.phase is Phase.DECLINED


def test_pin_of_a_stripe_cancelled_does_nothing(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.press("1 0 0 ENTER")
        await shop.see("choose_payment")
        shop.swipe("up-stripe")
        await shop.see("enter_pin", 30)
        await shop.press("1 2 CANCEL")
        await shop.see("cancelled", 30)

    assert a_day_online(tmp_path, work) == []


def test_card_taken_before_it_has_agreed_is_reversed(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.press("1 0 0 ENTER")
        await shop.see("choose_payment")
        shop.insert("up-debit", pull_at_apdu=15)
        await shop.see("enter_pin|approved|declined|refused", 60)
        if shop.text_id == "enter_pin":
            await shop.press("1 2 3 4 5 6 ENTER")
        await shop.see("declined|refused", 60)
        await back_to_idle(shop)
        await sell(shop, "7 0 0")

    first, second = a_day_online(tmp_path, work)
    assert (first.phase, second.phase) == (Phase.REVERSED, Phase.DONE)


def test_terminal_without_acquirer_shows_nothing_that_needs_one(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await shop.press("MENU")
        assert "2" not in [line[0] for line in shop.lines]
        await shop.press("2")
        assert shop.text_id == "menu"
        await shop.press("CANCEL")

    assert a_day(tmp_path, work) == []
