"""Measurements of the PC/SC reader on a real pcscd with the virtual reader: a command beside bare pyscard, and rest."""

from __future__ import annotations

import asyncio
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

import pytest

from drivers.pcsc.choice import ReaderChoice
from firmware.hal import CardReader
from firmware.units import Millis
from tests.benchmark.measures import Measure, median, timed_ms
from tests.contract.bench_wiring import Events
from tests.hil.pcscd import READERS, missing, running
from tests.hil.played import played

COMMANDS: Final = 300
REST_S: Final = 10
PATIENCE: Final = Millis(2_000)
SELECT: Final = bytes.fromhex("00A404000E315041592E5359532E444446303100")


def measure_reader() -> Iterator[Measure]:
    """Measure where there is a virtual reader; elsewhere say that nothing was measured."""
    reason = missing()
    if reason:
        print(f"card reader: not measured: {reason}")
        return
    try:
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as daemon:
            with played(daemon, "no-cvm"):
                bare = _bare()
                ours = asyncio.run(_with_reader(_commands))
            yield Measure(
                "card reader: one command", median(ours), "ms", COMMANDS, peer="bare pyscard", peer_value=median(bare)
            )
            yield from _rest()
    except pytest.skip.Exception as skipped:
        print(f"card reader: not measured: {skipped}")


async def _with_reader(work: Callable[[CardReader], Any]) -> Any:
    from drivers.pcsc.reader import PcscReader  # noqa: PLC0415 - a machine without pyscard measures the rest

    reader = PcscReader(ReaderChoice(READERS[0]))
    reader.start(Events())
    try:
        return await work(reader)
    finally:
        await reader.close()


async def _commands(reader: CardReader) -> list[float]:
    card = await reader.power_on(PATIENCE)
    found = []
    for _ in range(COMMANDS):
        began = perf_counter_ns()
        await card.transmit(SELECT, PATIENCE)
        found.append((perf_counter_ns() - began) / 1e6)
    await card.power_off()
    return found


def _bare() -> list[float]:
    """The same commands by pyscard's own calls, on this thread."""
    from smartcard import scard  # noqa: PLC0415 - as above

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    scard.SCardGetStatusChange(context, PATIENCE, [(READERS[0], scard.SCARD_STATE_EMPTY)])
    _, handle, _ = scard.SCardConnect(context, READERS[0], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1)
    command = list(SELECT)
    found = timed_ms(lambda: scard.SCardTransmit(handle, scard.SCARD_PCI_T1, command), COMMANDS)
    scard.SCardDisconnect(handle, scard.SCARD_UNPOWER_CARD)
    scard.SCardReleaseContext(context)
    return found


def _rest() -> Iterator[Measure]:
    """What watching an empty slot costs this process, beside a loop that only sleeps."""
    idle_s, idle_wakes = asyncio.run(_resting(None))
    watching_s, watching_wakes = asyncio.run(_with_reader(_resting))
    yield Measure("card reader: processor at rest", (watching_s - idle_s) / REST_S * 100, "%")
    yield Measure("card reader: wake-ups at rest, all threads", (watching_wakes - idle_wakes) / REST_S, "/s")


async def _resting(_reader: CardReader | None) -> tuple[float, int]:
    before = resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=REST_S)
    after = resource.getrusage(resource.RUSAGE_SELF)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used_s, after.ru_nvcsw - before.ru_nvcsw
