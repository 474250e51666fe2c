"""How the bench's printer behaves in time: speed, faults, answers, bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.bench.printer import PrinterFault, VirtualPrinter
from drivers.bench.printer.virtual import BUFFER_MAX, RECEIPTS_MAX
from tests.virtual_time import run_virtually

COMPLETION = b"\x1d(H\x06\x0000abcd"
CONFIRMED = b"\x37\x22abcd\x00"
CUT = b"\x1dVB\x00"


class Bench:
    """A printer, what it answered and when, and how often something changed."""

    def __init__(self) -> None:
        self.answers: list[tuple[float, bytes]] = []
        self.changes = 0
        self.printer = VirtualPrinter(self._hear, line_ms=100, on_change=self._change)

    def _hear(self, data: bytes) -> None:
        self.answers.append((asyncio.get_running_loop().time(), data))

    def _change(self) -> None:
        self.changes += 1

    def said(self) -> bytes:
        return b"".join(data for _when, data in self.answers)


def on_the_bench(scene: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene(Bench())

    run_virtually(run())


def test_lines_come_out_at_the_printers_speed_and_the_end_is_confirmed() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.feed(b"a\n" * 10 + CUT + COMPLETION)
        await asyncio.sleep(0.45)
        (receipt,) = bench.printer.receipts
        assert receipt.text == "a\na\na\na\na"
        assert not receipt.cut
        assert bench.answers == []
        await asyncio.sleep(10)
        assert bench.printer.receipts == (receipt,)
        assert (receipt.cut, receipt.complete, receipt.text) == (True, True, "\n".join("a" * 10))
        ((when, said),) = bench.answers
        assert said == CONFIRMED
        assert 1.5 < when < 1.8
        assert bench.changes >= 11

    on_the_bench(scene)


def test_cut_without_a_confirmation_is_not_complete() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.feed(b"a\n" + CUT)
        await asyncio.sleep(10)
        (receipt,) = bench.printer.receipts
        assert (receipt.cut, receipt.complete) == (True, False)

    on_the_bench(scene)


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        (PrinterFault.OK, b"\x16\x12\x12\x12"),
        (PrinterFault.NEAR_END, b"\x16\x12\x12\x1e"),
        (PrinterFault.PAPER_OUT, b"\x1e\x32\x12\x7e"),
        (PrinterFault.COVER, b"\x1e\x16\x12\x12"),
        (PrinterFault.OFFLINE, b""),
    ],
)
def test_real_time_questions_are_answered_at_once(fault: PrinterFault, answers: bytes) -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.feed(b"a\n" * 50)
        bench.printer.set_fault(fault)
        bench.answers.clear()
        bench.printer.feed(b"\x10\x04\x01\x10\x04\x02\x10")
        bench.printer.feed(b"\x04\x03\x10\x04")
        bench.printer.feed(b"\x04")
        assert bench.said() == answers

    on_the_bench(scene)


@pytest.mark.parametrize("fault", [PrinterFault.PAPER_OUT, PrinterFault.COVER])
def test_stopped_printer_keeps_its_buffer_and_goes_on(fault: PrinterFault) -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.set_fault(fault, after_lines=3)
        bench.printer.feed(b"a\n" * 10)
        await asyncio.sleep(5)
        assert bench.printer.fault is fault
        assert bench.printer.receipts[0].text.count("a") == 3
        bench.printer.feed(CUT + COMPLETION)
        await asyncio.sleep(5)
        assert bench.answers == []
        bench.printer.set_fault("ok")
        await asyncio.sleep(5)
        (receipt,) = bench.printer.receipts
        assert (receipt.text.count("a"), receipt.complete) == (10, True)
        assert bench.said() == CONFIRMED

    on_the_bench(scene)


def test_printer_switched_off_forgets_and_begins_anew() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.set_fault(PrinterFault.OFFLINE, after_lines=3)
        bench.printer.feed(b"\x1d!\x11a\n" + b"a\n" * 10 + CUT + COMPLETION)
        await asyncio.sleep(5)
        bench.printer.feed(b"lost\n")
        bench.printer.set_fault(PrinterFault.OK)
        bench.printer.feed(b"b\n" + CUT + COMPLETION)
        await asyncio.sleep(5)
        torn, whole = bench.printer.receipts
        assert (torn.cut, torn.complete, whole.complete) == (False, False, True)
        assert whole.text == "b"
        assert torn.text.replace("\n", "").strip("a") == ""

    on_the_bench(scene)


def test_paper_near_its_end_prints_on() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.set_fault(PrinterFault.NEAR_END)
        bench.printer.feed(b"a\n" + CUT + b"\x1dr\x01")
        await asyncio.sleep(5)
        assert bench.printer.receipts[0].complete
        assert bench.said() == b"\x03"

    on_the_bench(scene)


def test_named_jobs_carry_their_names_in_order() -> None:
    async def scene(bench: Bench) -> None:
        for copy in ("merchant", "customer"):
            bench.printer.name_job("cash_sale", copy)
            bench.printer.feed(b"\x1b@\x1c&" + copy.encode() + b"\n" + CUT + COMPLETION)
        bench.printer.feed(b"\x1b@nameless\n" + CUT)
        await asyncio.sleep(60)
        names = [(paper.kind, paper.copy, paper.text) for paper in bench.printer.receipts]
        assert names == [
            ("cash_sale", "merchant", "merchant"),
            ("cash_sale", "customer", "customer"),
            ("", "", "nameless"),
        ]
        assert bench.printer.receipts[0].data.startswith(b"\x1b@\x1c&")
        assert bench.printer.receipts[0].data.endswith(CUT + COMPLETION)

    on_the_bench(scene)


def test_new_job_after_an_abandoned_one_is_a_receipt_of_its_own() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.name_job("cash_sale", "merchant")
        bench.printer.feed(b"half\n")
        bench.printer.name_job("cash_sale", "customer")
        bench.printer.feed(b"\x1b@whole\n" + CUT + COMPLETION)
        await asyncio.sleep(60)
        assert [(paper.copy, paper.text, paper.complete) for paper in bench.printer.receipts] == [
            ("merchant", "half", False),
            ("customer", "whole", True),
        ]

    on_the_bench(scene)


def test_changes_of_state_are_pushed_where_asked_for() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.feed(b"\x1da\xff")
        await asyncio.sleep(1)
        bench.printer.set_fault(PrinterFault.COVER)
        bench.printer.set_fault(PrinterFault.PAPER_OUT)
        assert bench.said() == b"\x14\x00\x00\x00" + b"\x3c\x00\x00\x00" + b"\x1c\x00\x0f\x00"

    on_the_bench(scene)


def test_command_to_recover_clears_the_buffer() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.set_fault(PrinterFault.PAPER_OUT)
        bench.printer.feed(b"old\n" * 5)
        bench.printer.feed(b"\x10\x05\x02")
        bench.printer.set_fault(PrinterFault.OK)
        bench.printer.feed(b"new\n")
        await asyncio.sleep(5)
        assert bench.printer.receipts[0].text == "new"

    on_the_bench(scene)


def test_identity_is_told() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.feed(b"\x1dI\x42")
        await asyncio.sleep(1)
        assert bench.said() == b"_TILLBERRY\x00"

    on_the_bench(scene)


def test_buffer_and_receipts_are_bounded() -> None:
    async def scene(bench: Bench) -> None:
        bench.printer.set_fault(PrinterFault.PAPER_OUT)
        bench.printer.feed(b"x" * (BUFFER_MAX + 500))
        assert bench.printer.dropped == 500
        bench.printer.set_fault(PrinterFault.OFFLINE)
        bench.printer.set_fault(PrinterFault.OK)
        for _ in range(RECEIPTS_MAX + 10):
            bench.printer.feed(b"a\n" + CUT)
        await asyncio.sleep(600)
        assert len(bench.printer.receipts) == RECEIPTS_MAX
        assert bench.printer.receipts[-1].id == RECEIPTS_MAX + 10

    on_the_bench(scene)
