"""Real wires to a printer: a serial line and USB on pseudo terminals, and the network; found again after each loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest

from drivers.bench.printer import VirtualPrinter
from drivers.escpos.port import PortClosed
from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import PrinterProfile
from drivers.escpos.wires import NetworkPrinter, Open, SerialPrinter, UsbPrinter, WirePort
from drivers.serial_line import SerialLine
from drivers.system import SystemClock
from firmware.hal.errors import PaperOut, PrinterOffline
from firmware.surfaces import Cut, Document, Text
from firmware.units import Millis
from tests.hil.simulators.line import Line
from tests.hil.simulators.printer import PrinterOnALine

SLIP = Document("cash_sale", "merchant", (Text("现金收款"), Text("￥12.34"), Cut()))
LONG = Document("cash_sale", "merchant", (*(Text(f"line {number}") for number in range(200)), Cut()))
SHORTLY = Millis(3_000)


def printer_on(open_wire: Open) -> EscPosPrinter:
    return EscPosPrinter(WirePort(open_wire), PrinterProfile(), SystemClock(UTC))


def texts(printer: VirtualPrinter) -> list[str]:
    return [receipt.text for receipt in printer.receipts if receipt.complete]


@asynccontextmanager
async def usb(root: Path) -> AsyncIterator[tuple[PrinterOnALine, Path]]:
    """A machine's files with one printer on USB, lp0."""
    (root / "dev/usb").mkdir(parents=True)
    name_printer(root, "lp0", "MFG:EPSON;MDL:TM-T20II;SN:1;")
    line = Line(root / "dev/usb/lp0")
    yield PrinterOnALine(line), root
    line.unplug()


def name_printer(root: Path, number: str, identity: str) -> None:
    place = root / "sys/class/usbmisc" / number / "device"
    place.mkdir(parents=True)
    (place / "ieee1284_id").write_text(identity + "\n")


def test_serial_line_prints_and_is_found_again_after_it_was_unplugged(tmp_path: Path) -> None:
    async def scene() -> None:
        line = Line(tmp_path / "printer")
        far = PrinterOnALine(line)
        printer = printer_on(SerialPrinter(SerialLine(str(tmp_path / "printer"), 115_200)).open)
        await printer.print(SLIP, 1)
        assert texts(far.virtual) == ["现金收款\n￥12.34"]
        line.unplug()
        assert not (await printer.status()).online
        with pytest.raises(PrinterOffline) as offline:
            await printer.print(SLIP, 2)
        assert not offline.value.started
        line.plug()
        await printer.print(SLIP, 2)
        assert len(texts(far.virtual)) == 2
        await printer.close()
        line.unplug()

    asyncio.run(scene())


def test_line_unplugged_in_the_middle_of_a_job_is_offline_and_the_copy_is_printed_anew(tmp_path: Path) -> None:
    async def scene() -> None:
        line = Line(tmp_path / "printer", bytes_per_second=20_000)
        far = PrinterOnALine(line)
        printer = printer_on(SerialPrinter(SerialLine(str(tmp_path / "printer"), 115_200)).open)
        heard = 0

        def pulled_after_500_bytes(data: bytes) -> None:
            nonlocal heard
            heard += len(data)
            far.virtual.feed(data)
            if heard > 500:
                line.unplug()

        line.connect(pulled_after_500_bytes)
        with pytest.raises(PrinterOffline) as offline:
            await printer.print(LONG, 1)
        assert offline.value.started
        far.obey(["fault", "offline"])
        far.obey(["fault", "ok"])
        line.connect(far.virtual.feed)
        await printer.print(SLIP, 2)
        assert texts(far.virtual) == ["现金收款\n￥12.34"]
        await printer.close()
        line.unplug()

    asyncio.run(scene())


def test_paper_that_returns_confirms_the_same_job(tmp_path: Path) -> None:
    async def scene() -> None:
        line = Line(tmp_path / "printer")
        far = PrinterOnALine(line, line_ms=1)
        printer = printer_on(SerialPrinter(SerialLine(str(tmp_path / "printer"), 115_200)).open)
        far.obey(["fault", "paper_out", "20"])
        with pytest.raises(PaperOut) as out:
            await printer.print(LONG, 1)
        assert out.value.started
        far.obey(["fault", "ok"])
        await printer.finish(1, SHORTLY)
        assert len(texts(far.virtual)) == 1
        await printer.close()
        line.unplug()

    asyncio.run(scene())


def test_usb_printer_is_found_under_whatever_number_it_comes_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with usb(tmp_path) as (far, root):
            printer = printer_on(UsbPrinter(root=root).open)
            await printer.print(SLIP, 1)
            (root / "sys/class/usbmisc/lp0").rename(root / "sys/class/usbmisc/lp3")
            far.obey(["unplug"])
            assert not (await printer.status()).online
            again = Line(root / "dev/usb/lp3")
            again.connect(far.virtual.feed)
            far.virtual.connect(again.say)
            await printer.print(SLIP, 2)
            assert len(texts(far.virtual)) == 2
            await printer.close()
            again.unplug()

    asyncio.run(scene())


def test_usb_printer_is_chosen_by_its_own_name_where_there_are_two(tmp_path: Path) -> None:
    async def scene() -> None:
        async with usb(tmp_path) as (far, root):
            name_printer(root, "lp1", "MFG:Other;MDL:Label;")
            with pytest.raises(PortClosed, match="2 printers are plugged in on USB, not one"):
                await WirePort(UsbPrinter(root=root).open).reopen()
            with pytest.raises(PortClosed, match="0 printers called 'TM-88' are plugged in"):
                await WirePort(UsbPrinter("TM-88", root=root).open).reopen()
            printer = printer_on(UsbPrinter("TM-T20", root=root).open)
            await printer.print(SLIP, 1)
            assert len(texts(far.virtual)) == 1
            await printer.close()

    asyncio.run(scene())


def test_usb_printers_of_one_model_are_told_apart_by_their_serial_number(tmp_path: Path) -> None:
    async def scene() -> None:
        async with usb(tmp_path) as (far, root):
            name_printer(root, "lp1", "MFG:EPSON;MDL:TM-T20II;SN:1;")
            for number, serial_number in (("lp0", "J4ZG01"), ("lp1", "J4ZG02")):
                plug = root / "sys/class/usbmisc" / number
                (plug / "serial").write_text(serial_number + "\n")
            wanted = "0 printers called 'TM-T20' 'J4ZG03' are plugged in on USB"
            with pytest.raises(PortClosed, match=wanted):
                await UsbPrinter("TM-T20", "J4ZG03", root).port.reopen()
            printer = EscPosPrinter(
                UsbPrinter(serial_number="J4ZG01", root=root).port, PrinterProfile(), SystemClock(UTC)
            )
            await printer.print(SLIP, 1)
            assert len(texts(far.virtual)) == 1
            await printer.close()

    asyncio.run(scene())


def test_network_printer_that_was_switched_off_is_reached_again() -> None:
    async def scene() -> None:
        virtual = VirtualPrinter(lambda _data: None, line_ms=1)
        writers: list[asyncio.StreamWriter] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            virtual.connect(writer.write)
            while data := await reader.read(4096):
                virtual.feed(data)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        printer = printer_on(NetworkPrinter("127.0.0.1", port).open)
        await printer.print(SLIP, 1)
        server.close()
        writers[-1].transport.abort()
        assert not (await printer.status()).online
        again = await asyncio.start_server(serve, "127.0.0.1", port)
        await printer.print(SLIP, 2)
        assert len(texts(virtual)) == 2
        await printer.close()
        again.close()
        writers[-1].close()
        await writers[-1].wait_closed()

    asyncio.run(scene())


def test_noise_on_the_line_confirms_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        line = Line(tmp_path / "printer")
        far = PrinterOnALine(line)
        printer = printer_on(SerialPrinter(SerialLine(str(tmp_path / "printer"), 115_200)).open)
        await printer.print(SLIP, 1)
        for digits in ("FF00AA55", "3722202020", "1212", "00"):
            far.obey(["noise", digits])
            await printer.print(SLIP, 2)
        assert len(texts(far.virtual)) == 5
        await printer.close()
        line.unplug()

    asyncio.run(scene())


def test_wire_that_is_not_there_is_told_by_its_reason(tmp_path: Path) -> None:
    async def scene() -> None:
        for open_wire in (
            SerialPrinter(SerialLine(str(tmp_path / "none"))).open,
            UsbPrinter(root=tmp_path).open,
            NetworkPrinter("127.0.0.1", 1).open,
        ):
            port = WirePort(open_wire)
            for call in (port.reopen(), port.write(b"x", SHORTLY), port.read(SHORTLY)):
                with pytest.raises(PortClosed, match="the printer cannot be reached"):
                    await call
            await port.close()

    asyncio.run(scene())
