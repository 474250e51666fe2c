"""What `firmware.hal.Scanner` says a scanner must do, asked of every scanner that there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.hid.typing import Typist
from drivers.scanner.reader import LineScanner
from firmware.hal import CodeScanned, Scanner
from tests.contract.bench_wiring import Events, settled
from tests.drivers.hid.test_typing import typed
from tests.hil.simulators.socket_line import SocketLine
from tests.virtual_time import run_virtually

CODE = "6901234567892"
Scan = Callable[[str], None]
Build = Callable[[], tuple[Scanner, Scan, SocketLine]]


def serial() -> tuple[Scanner, Scan, SocketLine]:
    line = SocketLine()
    return LineScanner(line.open), lambda text: line.say(text.encode()), line


def hid() -> tuple[Scanner, Scan, SocketLine]:
    line, typist = SocketLine(), Typist()
    return LineScanner(line.open, typist.feed, typist.forget), lambda text: line.say(typed(text)), line


every_scanner = pytest.mark.parametrize("build", [serial, hid])


@every_scanner
def test_every_code_is_posted_once_and_half_a_code_never(build: Build) -> None:
    async def scene() -> None:
        scanner, scan, line = build()
        events = Events()
        scanner.start(events)
        await settled()
        for text in (f"{CODE}\r", "690123", f"{CODE}\r", "\r", "1" * 600 + "\r", "END\r"):
            scan(text)
            for _ in range(20):
                await settled()
        assert events.posted == [CodeScanned(CODE), CodeScanned(CODE), CodeScanned("END")]
        await scanner.close()
        await scanner.close()
        scan(f"{CODE}\r")
        await settled()
        assert len(events.posted) == 3
        line.hang_up()

    run_virtually(scene())


@every_scanner
def test_scanner_unplugged_in_a_code_is_found_again_and_the_half_is_dropped(build: Build) -> None:
    async def scene() -> None:
        scanner, scan, line = build()
        events = Events()
        line.unplug()
        scanner.start(events)
        line.plug()
        for _ in range(60):
            await settled()
        scan("690123")
        await settled()
        line.unplug()
        for _ in range(60):
            await settled()
        line.plug()
        for _ in range(60):
            await settled()
        scan(f"{CODE}\r")
        await settled()
        assert events.posted == [CodeScanned(CODE)]
        await scanner.close()
        line.hang_up()

    run_virtually(scene())
