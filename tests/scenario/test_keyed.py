"""A card number that is typed: where the parameters allow it, for what, and what of it is seen and kept."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.cards.personality import load_cards
from firmware.config import Parameters
from firmware.journal import Kind, Phase
from tests.scenario.counter import LANGUAGES, PIN, a_day_online, back_to_idle, show_card
from tests.scenario.dialects import FIRST_VOUCHER
from tests.shop import PARAMETERS, Shop

CARD = load_cards()["up-stripe"]
PAN = CARD.pan()
MASKED = f"{PAN[:6]}******{PAN[-4:]}"
NUMBER = " ".join(PAN)
WRONG = NUMBER[:-1] + str((int(PAN[-1]) + 1) % 10)
EXPIRY = " ".join(f"{CARD.expires:%m%y}")
TYPED = f"{NUMBER} ENTER {EXPIRY} ENTER"


def keying(parameters: Parameters = PARAMETERS) -> Parameters:
    return replace(parameters, keyed_cards=True, receipt_language="bilingual")


async def choose_to_type(shop: Shop, amount: str = "5 0 0") -> None:
    await shop.see("^idle$", 60)
    await shop.press(f"{amount} ENTER")
    await shop.see("choose_payment")
    await shop.press("F2")
    await shop.see("keyed_number")


async def type_card(shop: Shop, pin: str = PIN) -> None:
    """Type the card where its number is asked for, and the PIN where that is."""
    await shop.see("keyed_number", 30)
    await shop.press(f"{NUMBER} ENTER")
    await shop.see("keyed_expiry")
    assert MASKED in shop.lines[1]
    assert PAN not in "".join(shop.lines)
    await shop.press(f"{EXPIRY} ENTER")
    await shop.see("enter_pin|approved|declined|unresolved", 300)
    if shop.text_id == "enter_pin":
        await shop.press(pin)
    await shop.see("approved|declined|unresolved", 600)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pin", [PIN, "ENTER"])
def test_keyed_sale_is_approved_and_its_slip_says_so(
    tmp_path: Path, language: str, pin: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await choose_to_type(shop)
        await type_card(shop, pin)
        await back_to_idle(shop)
        (row,) = acquirer.books.rows("SELECT entry, pan FROM booking WHERE kind = 'sale'")
        assert (row["entry"], row["pan"]) == ("011" if pin == PIN else "012", PAN)
        assert f"{MASKED} M" in shop.paper[0].text
        assert PAN not in shop.paper[0].text

    caplog.set_level(logging.DEBUG)
    (record,) = a_day_online(tmp_path, work, language, keying())
    assert (record.kind, record.phase) == (Kind.SALE, Phase.DONE)
    assert record.card is not None
    assert (record.card.entry, record.card.pan_masked) == ("M", MASKED)
    assert record.card.cvm == ("online_pin" if pin == PIN else "signature")
    assert PAN not in caplog.text
    assert all(PAN.encode() not in each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())


def test_typed_digits_are_shown_while_they_are_typed_and_in_no_repr(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await choose_to_type(shop)
        await shop.press(NUMBER)
        entry = shop.world.frame.entry
        assert entry is not None
        assert entry.text == PAN
        assert PAN not in repr(shop.world.frame)
        await shop.press("CANCEL")

    assert a_day_online(tmp_path, work, "zh", keying()) == []


def test_number_is_offered_only_where_the_parameters_allow_it(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.press("5 0 0 ENTER")
        await shop.see("choose_payment")
        assert [key.key for key in shop.world.frame.soft_keys] == ["F1"]
        await shop.press("F2")
        assert shop.text_id == "choose_payment"
        await shop.press("CANCEL")

    assert a_day_online(tmp_path, work) == []


@pytest.mark.parametrize("item", ["cash_advance", "balance"])
def test_number_is_not_offered_for_cash_or_an_account(tmp_path: Path, item: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await shop.menu(item)
        if item == "cash_advance":
            await shop.press("5 0 0 ENTER")
        await shop.see("present_card")
        assert shop.world.frame.soft_keys == ()
        await shop.press("F2")
        assert shop.text_id == "present_card"
        await shop.press("CANCEL")

    assert a_day_online(tmp_path, work, "zh", keying()) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("keys", ["", "6 2 1 0", f"{NUMBER} ENTER", f"{NUMBER} ENTER 1 2", f"{TYPED}"])
def test_keyed_sale_cancelled_at_any_step_leaves_nothing(tmp_path: Path, keys: str, language: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await choose_to_type(shop)
        if keys:
            await shop.press(keys)
        if keys == TYPED:
            await shop.see("enter_pin")
        await shop.press("CANCEL")
        await shop.see("^cancelled$", 5)

    assert a_day_online(tmp_path, work, language, keying()) == []


def test_wrong_number_and_a_month_that_is_over_are_asked_again(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await choose_to_type(shop)
        await shop.press(WRONG + " ENTER")
        await shop.see("keyed_wrong")
        await shop.see("keyed_number", 30)
        await shop.press(f"6 2 1 0 ENTER CLEAR CLEAR CLEAR CLEAR {NUMBER} ENTER")
        await shop.see("keyed_expiry")
        await shop.press("1 3 3 0 ENTER CLEAR CLEAR CLEAR CLEAR 0 1 2 0 ENTER")
        await shop.see("keyed_expired")
        await shop.see("keyed_expiry", 30)
        await shop.press(f"{EXPIRY} ENTER")
        await shop.see("enter_pin")
        await shop.press(PIN)
        await shop.see("stripe_approved", 60)

    assert [each.phase for each in a_day_online(tmp_path, work, "zh", keying())] == [Phase.DONE]


@pytest.mark.parametrize(("keys", "wrong"), [(WRONG + " ENTER", "keyed_wrong"), ("0 1 2 0 ENTER", "keyed_expired")])
def test_card_typed_wrong_too_often_ends_the_sale(tmp_path: Path, keys: str, wrong: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await choose_to_type(shop)
        if wrong == "keyed_expired":
            await shop.press(f"{NUMBER} ENTER")
        for _ in range(3):
            await shop.see("keyed_number|keyed_expiry", 30)
            await shop.press(keys)
            await shop.see(wrong)
        await shop.see("^cancelled$", 30)

    assert a_day_online(tmp_path, work, "zh", keying()) == []


def test_keyed_hold_is_completed_and_refund_goes_to_a_typed_card_without_pin(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await shop.menu("preauth")
        await shop.press("1 0 0 ENTER")
        await shop.see("present_card")
        assert [key.key for key in shop.world.frame.soft_keys] == ["F2"]
        await shop.press("F2")
        await type_card(shop)
        await back_to_idle(shop)
        await shop.menu("completion")
        await shop.press(f"{FIRST_VOUCHER} ENTER ENTER 1 0 0 ENTER")
        await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        await choose_to_type(shop)
        await type_card(shop)
        await back_to_idle(shop)
        (row,) = acquirer.books.rows("SELECT stan FROM booking WHERE kind = 'sale'")
        await shop.menu("refund")
        await shop.press(" ".join(str(row["stan"])) + " ENTER ENTER 5 0 0 ENTER")
        await shop.see("present_card")
        await shop.press("F2")
        await shop.see("keyed_number")
        await shop.press(TYPED)
        await shop.see("stripe_approved", 60)

    records = a_day_online(tmp_path, work, "zh", keying())
    assert [each.kind for each in records] == [Kind.PREAUTH, Kind.COMPLETION, Kind.SALE, Kind.REFUND]
    assert [each.phase for each in records] == [Phase.DONE] * 4


def test_keyed_sale_is_voided_with_its_expiry_and_one_without_an_answer_reversed(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await choose_to_type(shop)
        await type_card(shop)
        await back_to_idle(shop)
        await shop.menu("void")
        await shop.press(f"{FIRST_VOUCHER} ENTER")
        await shop.see("confirm_void")
        await shop.press("ENTER")
        await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
        await choose_to_type(shop)
        await type_card(shop)
        await back_to_idle(shop)
        await choose_to_type(shop)
        await type_card(shop)

    phases = [each.phase for each in a_day_online(tmp_path, work, "zh", keying())]
    assert phases == [Phase.DONE, Phase.DONE, Phase.REVERSED, Phase.DONE]


@pytest.mark.parametrize("way", ["keyed", "stripe", "chip"])
def test_part_that_is_approved_is_on_the_slip_with_the_rest_and_voided_whole(tmp_path: Path, way: str) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        if way == "keyed":
            await choose_to_type(shop, "1 0 1 0")
            await type_card(shop)
        else:
            await shop.press("1 0 1 0 ENTER")
            await show_card(shop, "up-stripe" if way == "stripe" else "up-debit")
        assert shop.text_id == "partly_approved"
        assert [line.split()[-1] for line in shop.lines[:2]] == ["5.05", "5.05"]
        await back_to_idle(shop)
        slip = " ".join(shop.paper[-1].text.split())
        assert "RMB 5.05" in slip
        assert "应付(ASKED) 10.10" in slip
        assert "尚欠(STILL DUE) 5.05" in slip
        await shop.menu("void")
        await shop.press(f"{FIRST_VOUCHER} ENTER ENTER")
        await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        assert "-RMB 5.05" in shop.paper[-1].text
        assert "STILL DUE" not in shop.paper[-1].text

    sale, void = a_day_online(tmp_path, work, "zh", keying())
    assert (sale.approved.minor, void.approved.minor, sale.voided_by) == (505, 505, void.id)


def test_batch_with_keyed_sales_settles(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await choose_to_type(shop)
        await type_card(shop)
        await back_to_idle(shop)
        await shop.menu("settlement")
        await shop.see("confirm_settlement")
        await shop.press("ENTER")
        await shop.see("settled", 120)
        assert acquirer.books.findings() == []

    assert len(a_day_online(tmp_path, work, "zh", keying())) == 1
