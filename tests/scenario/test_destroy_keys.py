"""Destroying the keys from the menu: by nobody's mistake, for good, and with cash going on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.file_nvram import FileNvram
from drivers.file_sealer import FileSealer
from firmware.flows.destroy_keys import DESTROYED
from firmware.hal.errors import KeyUnavailable
from firmware.journal import FILE_NAME, Journal, Kind, Phase
from tests.acquirer_books import books_agree
from tests.power import secrets
from tests.power.outage import Outage
from tests.scenario.counter import LANGUAGES, sell, speaking
from tests.scenario.dialects import BOTH, open_acquirer
from tests.shop import PARAMETERS, Shop, Storage
from tests.virtual_time import run_virtually

pytestmark = BOTH


def shop_of(outage: Outage, acquirer: InMemoryAcquirer, language: str = "zh", *, testing: bool = True) -> Shop:
    parameters = speaking(language, replace(PARAMETERS, testing=testing))
    return Shop(outage.storage(), parameters=parameters, wire=outage.wire, acquirer=acquirer, line=outage.line)


def times_noted(journal: Journal) -> int:
    return journal._database.integer(f"SELECT count(*) FROM audit WHERE event = '{DESTROYED}'")


async def begin(shop: Shop) -> str:
    """Choose it, and return the digits that the screen asks for."""
    await shop.see("^idle$", 60)
    await shop.menu("destroy_keys")
    await shop.see("^destroy_keys$")
    await shop.press("F4")
    await shop.see("^confirm_destroy$")
    return "".join(each for each in shop.lines[0] if each.isdigit())


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_destroyed_are_nowhere_and_cash_goes_on(language: str) -> None:
    async def day() -> None:
        outage, acquirer = Outage(), open_acquirer()
        shop = shop_of(outage, acquirer, language)
        shop.power_on()
        await sell(shop)
        code = await begin(shop)
        assert len(code) == 4
        await shop.press(f"{' '.join(code)} ENTER")
        await shop.see("^keys_destroyed$")
        await shop.see("^idle$", 60)
        secrets.check_zeroised(outage.disk)
        await shop.sell("1 00")
        await shop.see("^idle$", 60)
        outage.cut()
        await shop.cut_power()
        outage.restore()
        secrets.check_disk(outage.disk, acquirer)
        await _in_service(outage, acquirer)

    run_virtually(day())


async def _in_service(outage: Outage, acquirer: InMemoryAcquirer) -> None:
    """No key of the bench comes back on a terminal in service: cards are declined, cash is taken."""
    shop = shop_of(outage, acquirer, testing=False)
    shop.power_on()
    await shop.see("^idle$", 60)
    await sell(shop)
    await shop.sell("2 00")
    await shop.see("^idle$", 60)
    outage.cut()
    await shop.cut_power()
    outage.restore()
    secrets.check_zeroised(outage.disk)
    journal = shop.journal()
    sold = [(each.kind, each.phase) for each in journal.records()]
    assert sold == [
        (Kind.SALE, Phase.DONE),
        (Kind.CASH_SALE, Phase.DONE),
        (Kind.SALE, Phase.DECLINED),
        (Kind.CASH_SALE, Phase.DONE),
    ]
    books_agree(journal, acquirer)
    assert times_noted(journal) == 1
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize(
    "keys",
    [
        "CANCEL",
        "CLEAR",
        "ENTER ENTER ENTER CANCEL",
        "F4 CANCEL",
        "F4 ENTER ENTER CANCEL",
        "F4 WRONG ENTER CANCEL",
        "F4",
    ],
)
def test_hurried_fingers_keep_the_keys(keys: str) -> None:
    async def day() -> None:
        outage, acquirer = Outage(), open_acquirer()
        shop = shop_of(outage, acquirer)
        shop.power_on()
        await sell(shop)
        await shop.menu("destroy_keys")
        for key in keys.split():
            if key == "WRONG":
                code = int("".join(each for each in shop.lines[0] if each.isdigit()))
                await shop.press(" ".join(f"{(code + 1) % 10_000:04}"))
            else:
                await shop.press(key)
        await shop.see("^idle$", 300)
        await sell(shop)
        assert acquirer.books.bookings() == 2
        outage.cut()
        await shop.cut_power()
        outage.restore()
        journal = shop.journal()
        assert times_noted(journal) == 0
        books_agree(journal, acquirer)
        journal.close()

    run_virtually(day())


class StuckSealer(FileSealer):
    """A sealer that cannot destroy, until somebody mends it."""

    stuck = True

    def destroy(self, name: str) -> None:
        if self.stuck:
            raise KeyUnavailable(f"{name} cannot be destroyed")
        super().destroy(name)


def test_keys_that_cannot_all_be_destroyed_are_told_and_destroyed_by_the_next_try(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealer = StuckSealer(tmp_path)
    storage = Storage(tmp_path, FileNvram(tmp_path), sealer)

    async def destroy(shop: Shop, ends: str) -> None:
        code = await begin(shop)
        await shop.press(f"{' '.join(code)} ENTER")
        await shop.see(ends)
        await shop.see("^idle$", 60)

    async def day() -> None:
        async with Shop(storage, parameters=speaking("zh"), acquirer=open_acquirer()) as shop:
            await sell(shop)
            await destroy(shop, "^keys_left$")
            assert "keys.left" in capsys.readouterr().out
            sealer.stuck = False
            await destroy(shop, "^keys_destroyed$")
            await shop.sell("1 00")
        journal = shop.journal()
        assert times_noted(journal) == 1
        assert journal.verify() == []
        journal.close()

    run_virtually(day())


def test_journal_that_cannot_note_it_keeps_no_key_and_says_so() -> None:
    async def day() -> None:
        outage, acquirer = Outage(), open_acquirer()
        shop = shop_of(outage, acquirer)
        shop.power_on()
        await sell(shop)
        code = await begin(shop)

        def full(name: str) -> None:
            if FILE_NAME in name and name.startswith("write") and not name.endswith("done"):
                raise apsw.FullError

        outage.trouble = full
        await shop.press(f"{' '.join(code)} ENTER")
        await shop.see("^keys_destroyed$")
        outage.trouble = lambda _name: None
        await shop.see("^idle$", 60)
        secrets.check_zeroised(outage.disk)
        outage.cut()
        await shop.cut_power()
        outage.restore()

    run_virtually(day())
