"""A slow line carries a job for seconds; the printer's silence meanwhile is no fault of its own."""

from __future__ import annotations

import pytest

from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import PrinterProfile
from firmware.surfaces import Cut, Document, Text
from tests.contract.printer_plugs import Plug
from tests.virtual_time import VirtualClock, run_virtually

LONG = Document("cash_sale", "merchant", (*(Text(f"line {number:03} 0123456789") for number in range(200)), Cut()))


@pytest.mark.parametrize("baud", [9_600, 19_200, 115_200])
def test_long_slip_on_a_slow_line_is_printed_once_and_confirmed(baud: int) -> None:
    async def scene() -> None:
        plug = Plug(bytes_per_second=baud // 10)
        profile = PrinterProfile(bytes_per_second=baud // 10)
        printer = EscPosPrinter(plug.port, profile, VirtualClock())
        await printer.print(LONG, 1)
        assert [receipt.complete for receipt in plug.virtual.receipts] == [True]

    run_virtually(scene())
