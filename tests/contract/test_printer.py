"""What `firmware.hal.Printer` says a printer must do, asked of every printer that there is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from drivers.bench.printer import PrinterFault
from firmware.hal import Paper, Printer, PrinterStatus
from firmware.hal.errors import CoverOpen, PaperOut, PrinterOffline, PrinterSilent
from firmware.surfaces import Align, Blank, Cut, Document, Pair, Rule, Text
from firmware.units import Millis
from tests.contract.printer_wiring import (
    Outside,
    on_a_serial_line,
    on_the_network,
    on_usb,
    over_the_link,
    with_patience,
    with_status,
    with_tags,
)
from tests.virtual_time import run_virtually

Build = Callable[[], tuple[Printer, Outside]]
WIRES = [on_usb, on_a_serial_line, on_the_network]
every_printer = pytest.mark.parametrize("build", [with_tags, with_status, with_patience, *WIRES, over_the_link])
on_a_cable = pytest.mark.parametrize("build", [with_tags, with_status, *WIRES])
with_a_tag = pytest.mark.parametrize("build", [with_tags, *WIRES, over_the_link])

FINISH_MS = Millis(20_000)


def slip(title: str = "现金收款", lines: int = 20) -> Document:
    rows = tuple(Pair(f"商品 {number}", f"￥{number}.00") for number in range(lines))
    return Document("cash_sale", "merchant", (Text(title, Align.CENTER, wide=True), Rule(), *rows, Blank(2), Cut()))


async def a_while() -> None:
    await asyncio.sleep(5)


@every_printer
def test_printer_in_order_tells_so(build: Build) -> None:
    async def scene() -> None:
        printer, _outside = build()
        assert await printer.status() == PrinterStatus(online=True, paper=Paper.OK)

    run_virtually(scene())


@every_printer
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (PrinterFault.PAPER_OUT, PrinterStatus(online=True, paper=Paper.OUT)),
        (PrinterFault.NEAR_END, PrinterStatus(online=True, paper=Paper.NEAR_END)),
        (PrinterFault.COVER, PrinterStatus(online=True, cover_open=True, paper=Paper.OK)),
        (PrinterFault.OFFLINE, PrinterStatus(online=False)),
    ],
)
def test_printer_with_a_fault_tells_it_and_recovers(build: Build, fault: PrinterFault, status: PrinterStatus) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(fault)
        await a_while()
        assert await printer.status() == status
        outside.fault(PrinterFault.OK)
        await a_while()
        assert (await printer.status()).online

    run_virtually(scene())


@every_printer
def test_document_printed_is_confirmed_on_paper(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        await printer.print(slip(), job=1)
        (paper,) = outside.whole()
        assert paper.text.splitlines()[0].strip() == "现金收款"
        assert paper.text.splitlines()[-1] == "商品 19" + " " * 34 + "￥19.00"
        assert paper.unknown == []

    run_virtually(scene())


@every_printer
def test_two_documents_come_out_in_order(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        await printer.print(slip("第一"), job=1)
        await printer.print(slip("第二"), job=2)
        assert [paper.text.split()[0] for paper in outside.whole()] == ["第一", "第二"]

    run_virtually(scene())


@every_printer
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (PrinterFault.PAPER_OUT, PaperOut),
        (PrinterFault.COVER, CoverOpen),
        (PrinterFault.OFFLINE, PrinterOffline),
    ],
)
def test_printer_with_a_fault_is_sent_nothing(
    build: Build, fault: PrinterFault, error: type[PaperOut | CoverOpen | PrinterOffline]
) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(fault)
        await a_while()
        with pytest.raises(error) as raised:
            await printer.print(slip(), job=1)
        assert not raised.value.started
        outside.fault(PrinterFault.OK)
        await a_while()
        assert outside.sent() == b""
        assert outside.papers() == ()

    run_virtually(scene())


@every_printer
@pytest.mark.parametrize(("fault", "error"), [(PrinterFault.PAPER_OUT, PaperOut), (PrinterFault.COVER, CoverOpen)])
@pytest.mark.parametrize("after_lines", [1, 8, 22])
def test_job_stopped_by_paper_or_cover_finishes_once_mended(
    build: Build, fault: PrinterFault, error: type[PaperOut | CoverOpen], after_lines: int
) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(fault, after_lines)
        with pytest.raises(error) as raised:
            await printer.print(slip(), job=7)
        assert raised.value.started
        sent = outside.sent()
        outside.fault(PrinterFault.OK)
        await printer.finish(7, FINISH_MS)
        assert len(outside.papers()) == len(outside.whole()) == 1
        assert outside.papers()[0].text.count("商品") == 20
        assert outside.sent().startswith(sent)
        assert outside.sent().count("商品 0 ".encode("gb18030")) == 1

    run_virtually(scene())


@every_printer
def test_job_that_ends_while_the_status_is_asked_still_finishes(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(PrinterFault.PAPER_OUT, after_lines=5)
        with pytest.raises(PaperOut):
            await printer.print(slip(), job=7)
        outside.fault(PrinterFault.OK)
        for _ in range(20):
            await asyncio.sleep(0.25)
            assert (await printer.status()).paper is Paper.OK
        await printer.finish(7, FINISH_MS)
        assert len(outside.whole()) == 1

    run_virtually(scene())


@every_printer
def test_finish_without_paper_says_so_again(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(PrinterFault.PAPER_OUT, after_lines=5)
        with pytest.raises(PaperOut):
            await printer.print(slip(), job=7)
        with pytest.raises(PaperOut) as raised:
            await printer.finish(7, FINISH_MS)
        assert raised.value.started

    run_virtually(scene())


@every_printer
def test_printer_switched_off_in_a_job_is_offline_and_prints_the_next(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(PrinterFault.OFFLINE, after_lines=5)
        with pytest.raises(PrinterOffline) as raised:
            await printer.print(slip("第一"), job=1)
        assert raised.value.started
        outside.fault(PrinterFault.OK)
        await a_while()
        await printer.print(slip("第二"), job=2)
        assert [paper.text.split()[0] for paper in outside.whole()] == ["第二"]
        assert outside.papers()[0].text.count("商品") < 20

    run_virtually(scene())


@with_a_tag
def test_finish_after_the_printer_lost_the_job_says_offline(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(PrinterFault.PAPER_OUT, after_lines=5)
        with pytest.raises(PaperOut):
            await printer.print(slip(), job=7)
        outside.fault(PrinterFault.OFFLINE)
        outside.fault(PrinterFault.OK)
        with pytest.raises(PrinterOffline) as raised:
            await printer.finish(7, FINISH_MS)
        assert raised.value.started
        assert outside.whole() == []

    run_virtually(scene())


@on_a_cable
def test_printer_that_does_not_confirm_is_silent_within_bounds(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        await printer.print(slip(), job=2)
        outside.gag(True)
        began = asyncio.get_running_loop().time()
        with pytest.raises(PrinterSilent) as raised:
            await printer.print(slip(), job=3)
        assert raised.value.started
        assert asyncio.get_running_loop().time() - began < 30
        with pytest.raises(PrinterSilent):
            await printer.finish(3, Millis(2_000))

    run_virtually(scene())


@on_a_cable
@pytest.mark.parametrize("noise", [b"\x12\x12\x12\x12", b"\x12", b"\x37\x22\x20\x20", b"\xff" * 300, b"\x14\x00\x00"])
def test_stale_bytes_are_not_taken_for_a_status(build: Build, noise: bytes) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.fault(PrinterFault.COVER)
        outside.noise(noise)
        assert (await printer.status()).cover_open
        outside.fault(PrinterFault.OK)
        outside.noise(noise)
        assert not (await printer.status()).cover_open

    run_virtually(scene())


@on_a_cable
@pytest.mark.parametrize("noise", [b"\x37\x22\x20\x20\x20\x20\x00", b"\x00\x00", b"\x12\x12"])
def test_stale_confirmation_does_not_end_a_job(build: Build, noise: bytes) -> None:
    async def scene() -> None:
        printer, outside = build()
        outside.noise(noise)
        outside.fault(PrinterFault.PAPER_OUT, after_lines=3)
        with pytest.raises(PaperOut):
            await printer.print(slip(), job=0)
        outside.fault(PrinterFault.OK)
        await printer.finish(0, FINISH_MS)
        assert len(outside.whole()) == 1

    run_virtually(scene())


def test_late_confirmation_of_an_earlier_attempt_does_not_end_the_job() -> None:
    async def scene() -> None:
        printer, outside = with_tags()
        await printer.print(slip(), job=4)
        old_tag = outside.sent()[-4:]
        again = asyncio.ensure_future(printer.print(slip(), job=4))
        await asyncio.sleep(0.2)
        outside.noise(b"\x37\x22" + old_tag + b"\x00")
        await asyncio.sleep(0.05)
        assert not again.done()
        await again
        assert len(outside.whole()) == 2

    run_virtually(scene())


@every_printer
@pytest.mark.parametrize("given_up", [1, 2])
def test_job_after_others_that_were_given_up_is_confirmed_by_its_own_end(build: Build, given_up: int) -> None:
    async def scene() -> None:
        printer, outside = build()
        for job in range(given_up):
            outside.fault(PrinterFault.PAPER_OUT, after_lines=5)
            with pytest.raises(PaperOut):
                await printer.print(slip("未完", lines=40), job)
            outside.fault(PrinterFault.OK)
        await printer.print(slip("最后", lines=40), job=9)
        assert outside.whole()[-1].text.split()[0] == "最后"
        assert outside.whole()[-1].text.count("商品") == 40

    run_virtually(scene())


@every_printer
def test_closed_printer_closes_again(build: Build) -> None:
    async def scene() -> None:
        printer, outside = build()
        await printer.close()
        await printer.close()
        assert outside.papers() == ()

    run_virtually(scene())
