"""The serial printer driver with a printer in another process: it prints, whatever happens to cable and paper."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC
from pathlib import Path

import pytest

from drivers.catalog.workshop import Workshop
from drivers.place import Place, Site
from firmware.hal import Printer
from firmware.hal.errors import PaperOut, PrinterOffline
from firmware.surfaces import Cut, Document, Text
from firmware.units import Millis
from tests.hil.simulators.line import Control, running

SLIP = Document("cash_sale", "merchant", (Text("现金收款"), Text("￥12.34"), Cut()))
LONG = Document("cash_sale", "merchant", (*(Text(f"line {number}") for number in range(150)), Cut()))


def printed(folder: Path, scene: Callable[[Printer, Control], Awaitable[None]], *arguments: str) -> None:
    """Play a scene with the printer of a board whose serial line leads to the simulator."""

    async def main(control: Control) -> None:
        options = {"driver": "serial", "device": str(control.path)}
        site = Site(Path("shop.toml"), folder, UTC, {}, {}, None, lambda _why: None)
        shop = Workshop({"clock": {"driver": "system"}, "printer": options}, Place(site))
        shop.make("clock")
        printer: Printer = shop.make("printer")
        try:
            await scene(printer, control)
        finally:
            await printer.close()

    with running("printer", folder, *arguments) as control:
        asyncio.run(main(control))


def test_printer_in_trouble_is_recovered_and_no_slip_is_lost(tmp_path: Path) -> None:
    async def scene(printer: Printer, control: Control) -> None:
        await printer.print(SLIP, 1)
        control.ask("printed 1")

        control.ask("fault paper_out 10")
        with pytest.raises(PaperOut):
            await printer.print(LONG, 2)
        control.ask("fault ok")
        await printer.finish(2, Millis(5_000))
        control.ask("printed 2")

        control.ask("unplug")
        with pytest.raises(PrinterOffline):
            await printer.print(SLIP, 3)
        control.ask("plug")
        await printer.print(SLIP, 3)
        control.ask("printed 3")

        control.ask("noise FF37AA00")
        await printer.print(SLIP, 4)
        control.ask("printed 4")
        with pytest.raises(ValueError, match="no 4 receipts came out whole"):
            control.ask("printed 5")

    printed(tmp_path, scene)


def test_printer_switched_off_in_a_job_loses_it_and_says_so(tmp_path: Path) -> None:
    async def scene(printer: Printer, control: Control) -> None:
        control.ask("fault offline 20")
        with pytest.raises(PrinterOffline) as lost:
            await printer.print(LONG, 1)
        assert lost.value.started
        control.ask("fault ok")
        await printer.print(SLIP, 2)
        control.ask("printed 1")

    printed(tmp_path, scene)
