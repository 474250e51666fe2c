"""A counter with an acquirer in memory: what the scenarios of the flows have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.card_slot import SlotEmpty
from firmware.config import Parameters
from firmware.host.profile import AcquirerProfile
from firmware.journal import Record
from tests.acquirer_books import books_agree
from tests.scenario.dialects import open_acquirer
from tests.shop import PARAMETERS, Shop, file_storage, hurried
from tests.virtual_time import run_virtually

PIN = "1 2 3 4 5 6 ENTER"
Work = Callable[[Shop, InMemoryAcquirer], Awaitable[None]]
LANGUAGES = ("zh", "en")


def speaking(language: str, parameters: Parameters = PARAMETERS) -> Parameters:
    return replace(hurried(parameters), screen_language=language)


def a_day_online(
    tmp_path: Path,
    work: Work,
    language: str = "zh",
    parameters: Parameters = PARAMETERS,
    profile: AcquirerProfile | None = None,
) -> list[Record]:
    """Open a shop whose acquirer answers, work until idle, and return its records when both books agree."""
    acquirer = open_acquirer() if profile is None else InMemoryAcquirer.open(profile=profile)

    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), parameters=speaking(language, parameters), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await work(shop, acquirer)
            await back_to_idle(shop)
        journal = shop.journal()
        books_agree(journal, acquirer)
        assert journal.verify() == []
        records = journal.records()
        journal.close()
        return records

    return run_virtually(day())


async def show_card(shop: Shop, card: str, pin: str = PIN) -> None:
    """Show a card where the screen asks for one, and type its PIN where that is asked for."""
    await shop.see("present_card|choose_payment", 30)
    if card == "up-stripe":
        shop.swipe(card)
    else:
        shop.insert(card)
    await shop.see("enter_pin|approved|declined|refused|unresolved|^balance", 300)
    if shop.text_id == "enter_pin":
        await shop.press(pin)
    await shop.see("approved|declined|refused|unresolved|^balance", 600)


async def back_to_idle(shop: Shop) -> None:
    """Take the card if it is in the slot, and come to idle."""
    with contextlib.suppress(SlotEmpty):
        shop.remove()
    await shop.see("^idle$", 600)


async def sell(shop: Shop, amount: str = "5 0 0", card: str = "up-stripe") -> None:
    """Take a sale by card, and come to idle."""
    await shop.see("^idle$", 60)
    await shop.press(f"{amount} ENTER")
    await show_card(shop, card)
    await back_to_idle(shop)


async def hold(shop: Shop, amount: str = "1 0 0 00", card: str = "up-stripe") -> None:
    """Pre-authorise an amount, and come to idle."""
    await shop.menu("preauth")
    await shop.press(f"{amount} ENTER")
    await show_card(shop, card)
    await back_to_idle(shop)
