"""The driver on wires that a virtual printer does not have: full, dead, and left by another process."""

from __future__ import annotations

import asyncio

import pytest

from drivers.escpos.port import PortClosed
from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import Cjk, PrinterProfile
from firmware.errors import ConfigError
from firmware.hal import Paper, PrinterStatus
from firmware.hal.errors import NotPrintable, PaperOut, PrinterOffline, PrinterSilent
from firmware.surfaces import Cut, Document, Text
from firmware.units import Millis
from tests.virtual_time import VirtualClock, run_virtually

SLIP = Document("sample", "merchant", (*(Text("一行") for _ in range(100)), Cut()))


class StubbornPort:
    """A wire to a printer with a small buffer: it takes `room` bytes of a job, then no more until there is room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = bytearray()
        self.states = {1: 0x16, 2: 0x12, 4: 0x12}
        self.answers = bytearray()

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        if data[:2] == b"\x10\x04":
            self.answers.append(self.states[data[2]])
            return len(data)
        fits = data[: self.room]
        if len(fits) < len(data):
            await asyncio.sleep(timeout_ms / 1000)
        self.room -= len(fits)
        self.taken += fits
        at = self.taken.find(b"\x1d(H")
        if at >= 0 and len(self.taken) >= at + 11:
            self.answers += b"\x37\x22" + self.taken[at + 7 : at + 11] + b"\x00"
            self.taken[at : at + 3] = b"..."
        return len(fits)

    async def read(self, timeout_ms: Millis) -> bytes:
        if not self.answers:
            await asyncio.sleep(timeout_ms / 1000)
        data, self.answers = bytes(self.answers), bytearray()
        return data

    async def reopen(self) -> None:
        self.answers.clear()

    async def close(self) -> None:
        pass


class SlowPort(StubbornPort):
    """A wire whose first answer comes late; the cover is closed, and the drawer's pin looks like an open one."""

    def __init__(self, first_ms: int) -> None:
        super().__init__(room=100_000)
        self._delays = [first_ms, 20]
        self._due: list[tuple[float, int]] = []

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        delay = self._delays.pop(0) if len(self._delays) > 1 else self._delays[0]
        self._due.append((asyncio.get_running_loop().time() + delay / 1000, self.states[data[2]]))
        return len(data)

    async def read(self, timeout_ms: Millis) -> bytes:
        for _ in range(0, timeout_ms, 5):
            if any(due <= asyncio.get_running_loop().time() for due, _state in self._due):
                break
            await asyncio.sleep(0.005)
        return self._arrived()

    def _arrived(self) -> bytes:
        time = asyncio.get_running_loop().time()
        now = bytes(state for due, state in self._due if due <= time)
        self._due = [entry for entry in self._due if entry[0] > time]
        return now


class DeadPort:
    """A wire that is not there."""

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        raise PortClosed("no such device")

    async def read(self, timeout_ms: Millis) -> bytes:
        raise PortClosed("no such device")

    async def reopen(self) -> None:
        raise PortClosed("no such device")

    async def close(self) -> None:
        pass


def test_job_larger_than_a_stopped_printers_buffer_goes_on_where_it_stopped() -> None:
    async def scene() -> None:
        port = StubbornPort(room=300)
        printer = EscPosPrinter(port, PrinterProfile(), VirtualClock())
        port.states = {1: 0x16, 2: 0x12, 4: 0x12}
        printing = asyncio.ensure_future(printer.print(SLIP, 5))
        await asyncio.sleep(0.5)
        port.states = {1: 0x1E, 2: 0x32, 4: 0x7E}
        with pytest.raises(PaperOut) as raised:
            await printing
        assert raised.value.started
        assert len(port.taken) == 300
        port.states = {1: 0x16, 2: 0x12, 4: 0x12}
        port.room = 100_000
        await printer.finish(5, Millis(5_000))
        assert bytes(port.taken).count("一行\n".encode("gbk")) == 100

    run_virtually(scene())


def test_printer_that_takes_no_more_data_is_silent_within_bounds() -> None:
    async def scene() -> None:
        printer = EscPosPrinter(StubbornPort(room=300), PrinterProfile(), VirtualClock())
        with pytest.raises(PrinterSilent) as raised:
            await printer.print(SLIP, 5)
        assert raised.value.started
        assert asyncio.get_running_loop().time() < 60

    run_virtually(scene())


def test_printer_without_a_wire_is_offline_and_started_nothing() -> None:
    async def scene() -> None:
        printer = EscPosPrinter(DeadPort(), PrinterProfile(), VirtualClock())
        assert await printer.status() == PrinterStatus(online=False)
        with pytest.raises(PrinterOffline) as raised:
            await printer.print(SLIP, 5)
        assert not raised.value.started
        with pytest.raises(PrinterOffline):
            await printer.finish(5, Millis(1_000))

    run_virtually(scene())


def test_document_that_cannot_be_encoded_is_told_and_nothing_is_sent() -> None:
    async def scene() -> None:
        port = StubbornPort(room=100_000)
        printer = EscPosPrinter(port, PrinterProfile(columns=2), VirtualClock())
        with pytest.raises(NotPrintable) as raised:
            await printer.print(Document("sample", "merchant", (Text("一", wide=True), Cut())), 5)
        assert not raised.value.started
        assert port.taken == b""

    run_virtually(scene())


def test_printer_without_chinese_and_without_a_font_is_refused_at_its_start() -> None:
    async def scene() -> None:
        nowhere = (("fonts-of-nobody", "/nonexistent/font.ttc", 0),)
        EscPosPrinter(DeadPort(), PrinterProfile(cjk=Cjk.GBK), VirtualClock(), nowhere)
        with pytest.raises(ConfigError, match="fonts-of-nobody"):
            EscPosPrinter(DeadPort(), PrinterProfile(cjk=Cjk.RASTER), VirtualClock(), nowhere)

    run_virtually(scene())


def test_printer_with_an_error_of_its_own_is_offline() -> None:
    async def scene() -> None:
        port = StubbornPort(room=0)
        port.states = {1: 0x1E, 2: 0x52, 4: 0x12}
        printer = EscPosPrinter(port, PrinterProfile(), VirtualClock())
        assert not (await printer.status()).online
        with pytest.raises(PrinterOffline):
            await printer.print(SLIP, 5)
        assert port.taken == b""

    run_virtually(scene())


def test_finish_of_a_job_of_another_process_hears_its_confirmation() -> None:
    async def scene() -> None:
        clock = VirtualClock()
        port = StubbornPort(room=100_000)
        await EscPosPrinter(port, PrinterProfile(), clock).print(SLIP, 123_456)
        tag = bytes(port.taken[-4:])
        after_reboot = EscPosPrinter(port, PrinterProfile(), clock)
        port.answers += b"\x37\x22" + tag + b"\x00"
        await after_reboot.finish(123_456, Millis(1_000))
        with pytest.raises(PrinterOffline):
            await after_reboot.finish(123_456, Millis(1_000))

    run_virtually(scene())


@pytest.mark.parametrize("first_ms", [310, 340, 370, 390, 410, 430, 600])
def test_answer_that_comes_late_is_not_taken_for_another(first_ms: int) -> None:
    async def scene() -> None:
        printer = EscPosPrinter(SlowPort(first_ms), PrinterProfile(), VirtualClock())
        assert await printer.status() == PrinterStatus(online=False)
        for _ in range(3):
            assert await printer.status() == PrinterStatus(online=True, paper=Paper.OK)

    run_virtually(scene())
