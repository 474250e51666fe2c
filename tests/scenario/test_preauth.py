"""Pre-authorisation, its void, its completion and the void of that, by voucher and by slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.journal import Kind, Phase
from tests.scenario.counter import LANGUAGES, a_day_online, back_to_idle, hold, show_card
from tests.scenario.dialects import BOTH, FIRST_VOUCHER
from tests.shop import Shop

pytestmark = BOTH


async def begin(shop: Shop, item: str, amount: str = "") -> None:
    """Choose what is done about the voucher 1."""
    await shop.menu(item)
    await shop.press(f"{FIRST_VOUCHER} ENTER")
    await shop.see("confirm_errand")
    await shop.press(f"ENTER {amount}")


async def type_slip(shop: Shop, acquirer: InMemoryAcquirer, item: str, amount: str) -> None:
    """Choose what is done about the first booking, as its slip tells it."""
    (row,) = acquirer.books.rows("SELECT authorisation, date FROM booking WHERE kind = 'preauth'")
    await shop.menu(item)
    await shop.press("ENTER")
    await shop.see("enter_authorisation")
    await shop.press(" ".join(row["authorisation"]) + " ENTER")
    await shop.see("enter_date")
    await shop.press(" ".join(row["date"][4:]) + f" ENTER {amount} ENTER")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_preauth_is_held_completed_and_its_completion_voided(tmp_path: Path, card: str, language: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop, card=card)
        await begin(shop, "completion", "1 1 5 00 ENTER")
        await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        (row,) = acquirer.books.rows("SELECT stan FROM booking WHERE kind = 'completion'")
        await shop.menu("completion_void")
        await shop.press(" ".join(str(row["stan"])) + " ENTER")
        await shop.see("confirm_errand")
        await shop.press("ENTER")
        await shop.see("errand_approved", 60)

    preauth, completion, void = a_day_online(tmp_path, work, language)
    assert [each.kind for each in (preauth, completion, void)] == [
        Kind.PREAUTH,
        Kind.COMPLETION,
        Kind.COMPLETION_VOID,
    ]
    assert [each.phase for each in (preauth, completion, void)] == [Phase.DONE] * 3


def test_completion_beyond_115_percent_cannot_be_typed(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        await begin(shop, "completion")
        assert shop.lines[1].endswith("115.00")
        await shop.press("1 1 5 0 1")
        assert shop.world.frame.entry is not None
        assert shop.world.frame.entry.text == "11.50"
        await shop.press("CANCEL")

    assert len(a_day_online(tmp_path, work)) == 1


def test_preauth_void_by_voucher_lets_the_amount_go(tmp_path: Path) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        await begin(shop, "preauth_void")
        await shop.see("errand_approved", 60)

    preauth, void = a_day_online(tmp_path, work)
    assert (void.kind, void.original_id, preauth.voided_by) == (Kind.PREAUTH_VOID, preauth.id, void.id)


@pytest.mark.parametrize("item", ["preauth_void", "completion"])
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_errand_about_a_slip_shows_the_card(tmp_path: Path, item: str, card: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop, card=card)
        await type_slip(shop, acquirer, item, "1 0 0 00")
        await show_card(shop, card)

    _, about = a_day_online(tmp_path, work)
    assert (about.kind, about.phase, about.original_id) == (Kind(item), Phase.DONE, None)


@pytest.mark.parametrize("row", ["preauth", "preauth_void", "completion"])
def test_hold_without_an_answer_is_reversed_before_the_next(tmp_path: Path, row: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        if row != "preauth":
            await hold(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({row})))
        if row == "preauth":
            await hold(shop)
        else:
            await begin(shop, row, "" if row == "preauth_void" else "1 0 0 ENTER")
            await shop.see("^declined$", 300)
            await back_to_idle(shop)
        await hold(shop, "3 0 0")

    phases = [record.phase for record in a_day_online(tmp_path, work)]
    assert phases.count(Phase.REVERSED) == 1
    assert phases[-1] is Phase.DONE


@pytest.mark.parametrize("item", ["completion", "preauth_void"])
def test_what_is_held_is_open_again_when_its_completion_was_voided(tmp_path: Path, item: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        await begin(shop, "completion", "1 0 0 00 ENTER")
        await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        (row,) = acquirer.books.rows("SELECT stan FROM booking WHERE kind = 'completion'")
        await shop.menu("completion_void")
        await shop.press(" ".join(str(row["stan"])) + " ENTER")
        await shop.see("confirm_errand")
        await shop.press("ENTER")
        await shop.see("errand_approved", 60)
        await back_to_idle(shop)
        await begin(shop, item, "9 0 00 ENTER" if item == "completion" else "")
        await shop.see("errand_approved", 60)

    records = a_day_online(tmp_path, work)
    assert [each.phase for each in records] == [Phase.DONE] * 4
