"""Voids and completions for which the shop wants the card, its PIN or both again (撤销刷卡, 撤销输密)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.config import SHOWN_AGAIN, Parameters
from firmware.journal import Kind, Phase
from tests.scenario.counter import LANGUAGES, PIN, a_day_online, back_to_idle, hold, sell, show_card
from tests.scenario.dialects import FIRST_VOUCHER
from tests.shop import PARAMETERS, Shop


def wanting(*what: str) -> Parameters:
    """A shop that wants the same for everything."""
    shown = {errand: frozenset(what) for errand in SHOWN_AGAIN}
    return replace(PARAMETERS, shown_again=shown, keyed_cards=True, receipt_language="bilingual")


async def begin(shop: Shop, item: str, voucher: str = FIRST_VOUCHER, amount: str = "") -> None:
    """Choose what is done about a voucher, until the card or the PIN is asked for."""
    await shop.menu(item)
    await shop.press(f"{' '.join(voucher)} ENTER")
    await shop.see("confirm_")
    await shop.press(f"ENTER {amount}")


def entries(acquirer: InMemoryAcquirer, kind: str) -> list[str]:
    return [row["entry"] for row in acquirer.books.rows("SELECT entry FROM booking WHERE kind = ?", kind)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("card", "entry"), [("up-debit", "052"), ("up-stripe", "022")])
def test_void_with_the_card_is_done_by_the_same_card(tmp_path: Path, card: str, entry: str, language: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, card=card)
        await begin(shop, "void")
        await shop.see("present_card")
        assert shop.world.frame.soft_keys == (), "a number that is typed shows no card"
        await show_card(shop, card)
        await back_to_idle(shop)
        assert entries(acquirer, "void") == [entry]

    sale, void = a_day_online(tmp_path, work, language, wanting("card"))
    assert (void.kind, void.phase, void.original_id) == (Kind.VOID, Phase.DONE, sale.id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("card", "other"), [("up-debit", "up-stripe"), ("up-stripe", "up-debit")])
def test_void_with_another_card_is_refused_and_asks_nothing(
    tmp_path: Path, card: str, other: str, language: str
) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, card=card)
        await begin(shop, "void")
        await shop.see("present_card")
        if other == "up-stripe":
            shop.swipe(other)
        else:
            shop.insert(other)
        await shop.see("^other_card$", 30)
        await back_to_idle(shop)
        assert acquirer.books.bookings() == 1

    (sale,) = a_day_online(tmp_path, work, language, wanting("card", "pin"))
    assert sale.voided_by is None


@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
@pytest.mark.parametrize(("what", "entry"), [(("pin",), "011"), (("card", "pin"), "")])
def test_void_with_the_pin_sends_it_to_the_issuer(tmp_path: Path, card: str, what: tuple[str, ...], entry: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, card=card)
        await begin(shop, "void")
        if "card" in what:
            await show_card(shop, card)
        else:
            await shop.see("enter_pin")
            await shop.press(PIN)
            await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        assert entries(acquirer, "void") == [entry or {"up-debit": "051", "up-stripe": "021"}[card]]
        assert "联机密码/ONLINE PIN" in shop.paper[-1].text

    _, void = a_day_online(tmp_path, work, "zh", wanting(*what))
    assert void.card is not None
    assert (void.phase, void.card.cvm) == (Phase.DONE, "online_pin")


def test_void_with_a_wrong_pin_is_declined_and_the_sale_stands(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        await begin(shop, "void")
        await shop.see("enter_pin")
        await shop.press("9 9 9 9 ENTER")
        await shop.see("^declined$", 60)

    sale, void = a_day_online(tmp_path, work, "zh", wanting("pin"))
    assert (sale.voided_by, void.phase) == (None, Phase.DECLINED)


@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_hold_is_completed_and_undone_with_card_and_pin(tmp_path: Path, card: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop, card=card)
        await begin(shop, "completion", amount="1 0 0 00 ENTER")
        await show_card(shop, card)
        await back_to_idle(shop)
        (row,) = acquirer.books.rows("SELECT stan FROM booking WHERE kind = 'completion'")
        await begin(shop, "completion_void", str(row["stan"]))
        await show_card(shop, card)
        await back_to_idle(shop)
        await hold(shop, card=card)
        (row,) = acquirer.books.rows("SELECT max(stan) AS stan FROM booking WHERE kind = 'preauth'")
        await begin(shop, "preauth_void", str(row["stan"]))
        await show_card(shop, card)

    records = a_day_online(tmp_path, work, "zh", wanting("card", "pin"))
    assert [each.kind for each in records] == [
        Kind.PREAUTH,
        Kind.COMPLETION,
        Kind.COMPLETION_VOID,
        Kind.PREAUTH,
        Kind.PREAUTH_VOID,
    ]
    assert [each.phase for each in records] == [Phase.DONE] * 5


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", ["card", "pin", "chip_pin"])
def test_void_cancelled_at_the_card_or_the_pin_undoes_nothing(tmp_path: Path, step: str, language: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        card = "up-debit" if step == "chip_pin" else "up-stripe"
        await sell(shop, card=card)
        await begin(shop, "void")
        await shop.see("present_card")
        if step == "pin":
            shop.swipe(card)
        if step == "chip_pin":
            shop.insert(card)
        if step != "card":
            await shop.see("enter_pin", 30)
        await shop.press("CANCEL")
        await shop.see("^cancelled$", 30)
        await back_to_idle(shop)
        assert acquirer.books.bookings() == 1

    (sale,) = a_day_online(tmp_path, work, language, wanting("card", "pin"))
    assert sale.voided_by is None


def test_void_with_card_without_an_answer_is_reversed(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop, card="up-debit")
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"void"})))
        await begin(shop, "void")
        await show_card(shop, "up-debit")
        await back_to_idle(shop)
        await sell(shop)

    phases = [each.phase for each in a_day_online(tmp_path, work, "zh", wanting("card"))]
    assert phases == [Phase.DONE, Phase.REVERSED, Phase.DONE]
