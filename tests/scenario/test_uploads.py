"""The batch upload 批上送 as it arrives at the acquirer: every kind of record in order, resumed where it was cut off.

Source of the order and of the codes in field 60.3: the acquirer's message table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.reader import Reader
from drivers.bench.acquirer.request import Request
from drivers.bench.host_link import LineFaults
from drivers.bench.printer import PrinterFault
from firmware.hal import HostChannel
from firmware.hal.errors import LinkLost
from firmware.journal import BatchState, Journal
from firmware.units import Millis
from tests.acquirer_books import books_agree
from tests.scenario.counter import sell, speaking
from tests.scenario.matrix import ROWS, do, to_idle
from tests.scenario.test_settlement import findings, unbalance
from tests.shop import PROFILE_OF_ACQUIRER, Shop, file_storage
from tests.virtual_time import run_virtually

UNBALANCED: Final = (
    ("upload_offline_sale", "000"),
    ("upload_stripe_list", "201"),
    ("upload_refund", "000"),
    ("upload_chip_approved", "205"),
    ("upload_chip_approved", "205"),
    ("upload_chip_declined", "206"),
    ("upload_end", "202"),
)
BALANCED: Final = (
    ("upload_chip_approved", "203"),
    ("upload_chip_approved", "203"),
    ("upload_chip_declined", "204"),
    ("upload_end", "207"),
)


class Tap:
    """Listens on the line to the upload, and strikes once, at one of its messages: `strike` is called with its row."""

    def __init__(self, at: int | None, strike: Callable[[str], None]) -> None:
        self.heard: list[tuple[str, str]] = []
        self.requests: list[Request] = []
        self._at = at
        self._strike = strike
        self._reader = Reader(PROFILE_OF_ACQUIRER)

    def hear(self, message: bytes) -> None:
        """Note a message that is about to leave; what `strike` raises keeps it from leaving."""
        request = self._reader.read(message)
        if not request.row.startswith("upload_"):
            return
        place = len(self.heard)
        self.heard.append((request.row, request.network))
        self.requests.append(request)
        if place == self._at:
            self._strike(request.row)


class TappedLine:
    """The line of the shop, with somebody who listens."""

    def __init__(self, line: HostChannel, tap: Tap) -> None:
        self._line = line
        self._tap = tap

    async def connect(self, timeout_ms: Millis) -> None:
        await self._line.connect(timeout_ms)

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        self._tap.hear(message)
        await self._line.send(message, timeout_ms)

    async def receive(self, timeout_ms: Millis) -> bytes:
        return await self._line.receive(timeout_ms)

    async def close(self) -> None:
        await self._line.close()


async def a_mixed_batch(shop: Shop, acquirer: InMemoryAcquirer) -> None:
    """One record of each sort: the last is declined by its chip, for nobody could be asked."""
    await sell(shop, "5 0 0", "offline-ok")
    await do(shop, acquirer, ROWS["sale_chip"])
    await sell(shop, "6 0 0", "visa-sign")
    await sell(shop)
    await do(shop, acquirer, ROWS["sale_fallback"])
    await shop.menu("void")
    await shop.press("ENTER")
    await shop.see("confirm_void")
    await shop.press("ENTER")
    await shop.see("errand_approved", 60)
    await to_idle(shop)
    await shop.menu("refund")
    stan = acquirer.books.rows("SELECT stan FROM booking WHERE kind = 'sale' ORDER BY id")[2]["stan"]
    await shop.press(" ".join(str(stan)) + " ENTER ENTER 1 00 ENTER")
    shop.swipe("up-stripe")
    await shop.see("enter_pin")
    await shop.press("1 2 3 4 5 6 ENTER")
    await shop.see("approved", 60)
    await to_idle(shop)
    acquirer.far_end.hang_up()
    acquirer.far_end.faults = LineFaults(refuse_connect=True)
    await sell(shop, "1 00", "up-debit")
    acquirer.mend()


Strike = Callable[[Shop, InMemoryAcquirer, str], None]


def a_settlement(
    tmp_path: Path,
    *,
    balanced: bool,
    at: int | None = None,
    strike: Strike = lambda *_: None,
    meanwhile: Callable[[Shop], Awaitable[None]] | None = None,
) -> tuple[list[tuple[str, str]], Journal]:
    """Settle a mixed batch with somebody who strikes at message `at`; what was heard of the upload, and the journal."""
    acquirer = InMemoryAcquirer.open()
    tap = Tap(at, lambda row: strike(shop, acquirer, row))
    shop = Shop(
        file_storage(tmp_path),
        parameters=speaking("zh"),
        acquirer=acquirer,
        line=lambda line: TappedLine(line, tap),
    )

    async def day() -> Journal:
        async with shop:
            await shop.see("^idle$")
            await a_mixed_batch(shop, acquirer)
            if not balanced:
                unbalance(acquirer)
            await shop.menu("settlement")
            await shop.see("confirm_settlement")
            await shop.press("ENTER")
            if meanwhile is not None:
                await meanwhile(shop)
            await shop.see("^settled$", 2_000)
            await to_idle(shop)
        journal = shop.journal()
        books_agree(journal, acquirer)
        assert journal.verify() == []
        assert (journal.batch, journal.batches.state) == (2, BatchState.OPEN)
        return journal

    journal = run_virtually(day())
    assert not [fact for fact in findings(acquirer) if not fact.startswith("batch 000001: told")]
    return tap.heard, journal


@pytest.mark.parametrize("balanced", [True, False])
def test_upload_arrives_in_the_order_and_with_the_codes_of_the_table(tmp_path: Path, balanced: bool) -> None:
    heard, journal = a_settlement(tmp_path, balanced=balanced)
    assert tuple(heard) == (BALANCED if balanced else UNBALANCED)
    assert any(record.foreign for record in journal.records())
    journal.close()


def _line_down(_shop: Shop, acquirer: InMemoryAcquirer, _row: str) -> None:
    acquirer.hang_up()
    raise LinkLost("somebody has pulled the cable")


def _answer_lost(_shop: Shop, acquirer: InMemoryAcquirer, row: str) -> None:
    acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({row})))


@pytest.mark.parametrize("at", range(len(UNBALANCED)))
@pytest.mark.parametrize("strike", [_line_down, _answer_lost])
def test_upload_that_is_interrupted_goes_on_with_the_message_that_was_not_taken(
    tmp_path: Path, at: int, strike: Strike
) -> None:
    async def stuck(shop: Shop) -> None:
        await shop.see("settlement_stuck", 600)

    heard, journal = a_settlement(tmp_path, balanced=False, at=at, strike=strike, meanwhile=stuck)
    assert tuple(heard) == (*UNBALANCED[: at + 1], *UNBALANCED[at:])
    journal.close()


@pytest.mark.parametrize("at", range(len(UNBALANCED)))
def test_power_cut_in_an_upload_goes_on_with_the_message_that_was_under_way(tmp_path: Path, at: int) -> None:
    struck = asyncio.Event()

    def silent(shop: Shop, acquirer: InMemoryAcquirer, row: str) -> None:
        _answer_lost(shop, acquirer, row)
        struck.set()

    async def cut(shop: Shop) -> None:
        await struck.wait()
        await shop.clock.sleep(Millis(500))
        await shop.cut_power()
        shop.power_on()

    heard, journal = a_settlement(tmp_path, balanced=False, at=at, strike=silent, meanwhile=cut)
    assert tuple(heard) == (*UNBALANCED[: at + 1], *UNBALANCED[at:])
    journal.close()


def slips(shop: Shop) -> list[tuple[bool, bool]]:
    """The slips of settlements so far: whether each came out whole, and whether it is marked as a duplicate."""
    return [(each.complete, "重打印" in each.text) for each in shop.paper if each.kind == "settlement"]


def test_power_cut_while_the_slip_is_printed_offers_it_again_as_a_duplicate(tmp_path: Path) -> None:
    async def cut(shop: Shop) -> None:
        await shop.see("^settled$", 600)
        await shop.cut_power()
        shop.power_on()
        await shop.see("offer_slip", 60)
        assert shop.lines[1].endswith("000001")
        await shop.press("F1")
        await shop.see("^settled$", 60)
        await shop.see("^idle$", 60)
        assert [each for each in slips(shop) if each[0]] == [(True, True)]
        await shop.cut_power()
        shop.power_on()
        await shop.see("^idle$", 60)
        await shop.menu("reprint_settlement")

    _, journal = a_settlement(tmp_path, balanced=True, meanwhile=cut)
    journal.close()


def test_slip_that_no_printer_took_is_no_duplicate_when_it_comes_out(tmp_path: Path) -> None:
    async def without_paper(shop: Shop) -> None:
        shop.world.set_printer_fault(PrinterFault.PAPER_OUT)
        await shop.see("printer_out_of_paper", 600)
        await shop.cut_power()
        shop.power_on()
        await shop.see("offer_slip", 60)
        await shop.press("F4")
        await shop.see("^idle$", 60)
        shop.world.set_printer_fault(PrinterFault.OK)
        for duplicate in (False, True):
            await shop.menu("reprint_settlement")
            await shop.see("^settled$", 60)
            await shop.see("^idle$", 60)
            assert slips(shop)[-1] == (True, duplicate)
        await shop.menu("reprint_settlement")

    _, journal = a_settlement(tmp_path, balanced=True, meanwhile=without_paper)
    journal.close()
