"""A terminal with DUKPT, people and power cuts: no key serial number is used twice, by the acquirer's own books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import PARAMS, InMemoryAcquirer
from firmware.host.profile import FOLDER, load_profile
from firmware.host.values import Transaction
from firmware.journal import Phase, Record
from firmware.keys.dukpt_ring import SERIAL_FACT
from firmware.keys.stored_keys import StoredKeys
from firmware.keys.vault import KeyVault
from tests.acquirer_books import books_agree
from tests.scenario.counter import back_to_idle, sell, show_card
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import SeededEntropy, run_virtually

PLAIN = load_profile(PARAMS / FOLDER / "plain87.toml")
Work = Callable[[Shop, InMemoryAcquirer], Awaitable[None]]


def counters(acquirer: InMemoryAcquirer) -> list[int]:
    """The counters of the key serial numbers that came, in their order."""
    return [row["counter"] for row in acquirer.books.rows("SELECT counter FROM serial ORDER BY rowid")]


def odd(acquirer: InMemoryAcquirer) -> list[str]:
    """What the acquirer finds odd about keys and codes."""
    return [fact for kind, fact in acquirer.books.findings() if kind in ("mac", "pin", "serial")]


def a_day(tmp_path: Path, work: Work, *, signs_on: bool = True) -> tuple[list[Record], InMemoryAcquirer]:
    """Open a shop that speaks the plain dialect, work, and return its records when both books agree."""
    offered = PLAIN.offered if signs_on else PLAIN.offered - {Transaction.SIGN_ON}
    acquirer = InMemoryAcquirer.open(profile=replace(PLAIN, offered=offered))

    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), parameters=hurried(), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await work(shop, acquirer)
        journal = shop.journal()
        books_agree(journal, acquirer)
        records = journal.records()
        journal.close()
        return records

    return run_virtually(day()), acquirer


async def try_to_sell(shop: Shop) -> None:
    await shop.press("5 0 0 ENTER")
    await show_card(shop, "up-stripe")
    await back_to_idle(shop)


def test_every_message_has_the_next_key_the_reversal_too(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await sell(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
        await try_to_sell(shop)
        await sell(shop)

    records, acquirer = a_day(tmp_path, work)
    assert [record.phase for record in records] == [Phase.DONE, Phase.REVERSED, Phase.DONE]
    assert counters(acquirer) == [1, 2, 3, 4]
    assert odd(acquirer) == []


def test_reversal_that_is_repeated_takes_a_new_key_each_time(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.WRONG_MAC, frozenset({"sale"})))
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"reversal"}), times=2))
        await try_to_sell(shop)
        await sell(shop)

    records, acquirer = a_day(tmp_path, work)
    assert [record.phase for record in records] == [Phase.REVERSED, Phase.DONE]
    assert counters(acquirer) == [1, 2, 3, 4, 5]
    assert odd(acquirer) == []


def test_power_cut_while_the_acquirer_thinks_uses_no_key_again(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.LATE, frozenset({"sale"}), late_ms=20_000))
        await shop.press("5 0 0 ENTER")
        await shop.see("present_card|choose_payment")
        shop.swipe("up-stripe")
        await shop.see("enter_pin", 60)
        await shop.press("1 2 3 4 5 6 ENTER")
        await asyncio.sleep(3)
        await shop.cut_power()
        shop.power_on()
        await shop.see("^idle$", 300)
        await sell(shop)

    records, acquirer = a_day(tmp_path, work)
    assert [record.phase for record in records] == [Phase.REVERSED, Phase.DONE]
    assert counters(acquirer) == [1, 2, 3]
    assert odd(acquirer) == []


@pytest.mark.parametrize(
    ("language", "used_up", "said"),
    [
        ("zh", True, "密钥已用完"),
        ("en", True, "Keys used up"),
        ("zh", False, "没有密钥"),
        ("en", False, "No keys loaded"),
    ],
)
def test_keys_that_are_used_up_or_missing_are_told_as_such(
    tmp_path: Path, language: str, said: str, *, used_up: bool
) -> None:
    acquirer = InMemoryAcquirer.open(profile=PLAIN)
    storage = file_storage(tmp_path)
    if used_up:
        _use_up(KeyVault(storage.nvram, storage.sealer, SeededEntropy()))

    async def day() -> None:
        parameters = replace(hurried(), testing=False, screen_language=language)
        async with Shop(storage, parameters=parameters, acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await shop.menu("sign_on")
            await shop.see("line_failed", 60)
            assert said in shop.lines
            await back_to_idle(shop)
            await shop.press("5 0 0 ENTER")
            shop.swipe("up-stripe")
            await shop.see("^declined$", 60)
            assert shop.lines[1] == said
            await back_to_idle(shop)
            await shop.menu("settlement")
            await shop.press("ENTER")
            await shop.see("settlement_stuck", 60)
            assert said in shop.lines
            await back_to_idle(shop)
            await shop.sell("1 00")

    run_virtually(day())
    assert acquirer.books.bookings() == 0


def _use_up(vault: KeyVault) -> None:
    """Leave a vault as a terminal does that has used its last key: the counter is at its end, and no key is left."""
    vault.store(StoredKeys({}, {SERIAL_FACT: bytes.fromhex("FFFF9876543210E00000")}))


@pytest.mark.parametrize("signs_on", [True, False])
def test_acquirer_may_want_no_sign_on(tmp_path: Path, *, signs_on: bool) -> None:
    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        await sell(shop)

    (record,), acquirer = a_day(tmp_path, work, signs_on=signs_on)
    assert record.phase is Phase.DONE
    assert counters(acquirer) == [1]
