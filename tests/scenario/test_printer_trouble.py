"""The payment never depends on the paper: whatever the printer does, the sale stands and the receipt can be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.printer import PrinterFault
from drivers.bench.printer_port import BenchPrinter
from firmware.hal.errors import NotPrintable
from firmware.journal import Phase
from firmware.surfaces import Document
from tests.scenario.test_cash_sale import a_day
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually


def test_paper_out_before_the_receipt_prints_the_original_once_paper_is_back(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.world.set_printer_fault(PrinterFault.PAPER_OUT)
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.see("printer_out_of_paper", 10)
        assert shop.lines[0] == "找零 0.00"
        shop.world.set_printer_fault(PrinterFault.OK)
        await shop.see("idle")
        assert [receipt.copy for receipt in shop.paper] == ["merchant", "customer"]
        assert all("DUPLICATE" not in receipt.text for receipt in shop.paper)

    assert [record.phase for record in a_day(tmp_path, work)] == [Phase.DONE]


@pytest.mark.parametrize("lines", [0, 1, 7, 20])
def test_paper_out_mid_receipt_goes_on_where_it_stopped(tmp_path: Path, lines: int) -> None:
    async def work(shop: Shop) -> None:
        shop.world.set_printer_fault(PrinterFault.PAPER_OUT, after_lines=lines)
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.see("printer_out_of_paper", 30)
        shop.world.set_printer_fault(PrinterFault.OK)
        await shop.see("idle", 60)
        assert [receipt.complete for receipt in shop.paper] == [True, True]
        first, second = (receipt.text.replace("商户存根/MERCHANT", "顾客存根/CUSTOMER") for receipt in shop.paper)
        assert first.split() == second.split()
        assert "DUPLICATE" not in first

    assert [record.phase for record in a_day(tmp_path, work)] == [Phase.DONE]


def test_cover_open_is_told_and_closing_it_prints(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.world.set_printer_fault(PrinterFault.COVER)
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.see("printer_cover_open", 10)
        shop.world.set_printer_fault(PrinterFault.OK)
        await shop.press("F1")
        await shop.see("idle")
        assert len(shop.paper) == 2

    assert len(a_day(tmp_path, work)) == 1


def test_printer_switched_off_mid_receipt_prints_a_duplicate_afterwards(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.world.set_printer_fault(PrinterFault.OFFLINE, after_lines=8)
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.see("printer_offline", 30)
        shop.world.set_printer_fault(PrinterFault.OK)
        await shop.see("idle", 60)
        whole = [receipt for receipt in shop.paper if receipt.complete]
        assert [("DUPLICATE" in receipt.text, receipt.copy) for receipt in whole] == [
            (True, "merchant"),
            (False, "customer"),
        ]

    assert [record.phase for record in a_day(tmp_path, work)] == [Phase.DONE]


@pytest.mark.parametrize("fault", [PrinterFault.PAPER_OUT, PrinterFault.COVER, PrinterFault.OFFLINE])
def test_printer_given_up_leaves_the_sale_done_and_the_receipt_in_the_menu(tmp_path: Path, fault: PrinterFault) -> None:
    async def work(shop: Shop) -> None:
        shop.world.set_printer_fault(fault)
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.see("printer_", 10)
        await shop.press("F4")
        assert (shop.text_id, shop.lines[2]) == ("approved", "未打印 可补打")
        await shop.see("idle")
        shop.world.set_printer_fault(PrinterFault.OK)
        await shop.menu("reprint_last")
        await shop.see("idle", 30)
        assert [(each.complete, "DUPLICATE" in each.text) for each in shop.paper] == [(True, False)] * 2
        await shop.menu("reprint_last")
        await shop.see("idle", 30)
        assert [(each.complete, "DUPLICATE" in each.text) for each in shop.paper[2:]] == [(True, True)] * 2

    assert [record.phase for record in a_day(tmp_path, work)] == [Phase.DONE]


def test_printer_dead_and_nobody_there_ends_at_idle_in_bounded_time(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.world.set_printer_fault(PrinterFault.OFFLINE)
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.see("printer_offline", 10)
        await shop.see("idle", 320)
        shop.world.set_printer_fault(PrinterFault.OK)
        await shop.sell("2 00")

    assert [record.phase for record in a_day(tmp_path, work)] == [Phase.DONE, Phase.DONE]


def test_near_end_prints_and_is_told_at_idle_until_paper_is_loaded(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.world.set_printer_fault(PrinterFault.NEAR_END)
        await shop.sell("1 00")
        assert [receipt.complete for receipt in shop.paper] == [True, True]
        assert shop.lines[1] == "打印纸将尽"
        shop.world.set_printer_fault(PrinterFault.OK)
        await shop.sell("1 00")
        assert shop.lines[1] == ""

    assert len(a_day(tmp_path, work)) == 2


class UnmadePrinter(BenchPrinter):
    """A printer whose driver cannot put any document into its language."""

    async def print(self, document: Document, job: int) -> None:
        raise NotPrintable(f"job {job} cannot be encoded", started=False)


def test_receipt_that_cannot_be_made_leaves_the_sale_done_at_once(tmp_path: Path) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path), parameters=hurried(), printer=UnmadePrinter) as shop:
            await shop.see("idle")
            await shop.press("1 00 ENTER F1 ENTER")
            assert (shop.text_id, shop.lines[2]) == ("approved", "未打印 可补打")
            await shop.see("idle", 5)
        journal = shop.journal()
        assert [record.phase for record in journal.records()] == [Phase.DONE]
        journal.close()

    run_virtually(day())
