"""Scanner and stripe reader of a board on serial lines, in other processes: read, unplugged, found again."""

from __future__ import annotations

import asyncio
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from drivers.catalog.workshop import Workshop
from drivers.place import Place, Site
from firmware.hal import CodeScanned, StripeSwiped
from tests.contract.bench_wiring import Events
from tests.hil.simulators.line import Control, running

PATIENCE_S = 10.0
READ = {"scanner": b"6901234567892\r", "stripe_reader": b";6210948000000004=49122010000000000?\r"}


@pytest.mark.parametrize("device", READ)
def test_reader_on_a_line_reads_and_is_found_again_after_it_was_unplugged(device: str, tmp_path: Path) -> None:
    async def main(control: Control) -> list[str]:
        site = Site(Path("shop.toml"), tmp_path, UTC, {}, {}, None, lambda _why: None)
        options = {"driver": "serial", "device": str(control.path)}
        reader: Any = Workshop({device: options}, Place(site)).make(device)
        events = Events()
        reader.start(events)
        first = await read(control, events, device)
        control.ask("unplug")
        control.ask("plug")
        again = await read(control, events, device)
        await reader.close()
        return [first, again]

    with running("typewriter", tmp_path) as control:
        assert asyncio.run(main(control)) == [READ[device].decode().strip(";?\r")] * 2


async def read(control: Control, events: Events, device: str) -> str:
    """Let the device send until the driver has found it; returns what the driver told."""
    before = len(events.posted)
    async with asyncio.timeout(PATIENCE_S):
        while len(events.posted) == before:
            control.ask(f"send {READ[device].hex()}")
            await asyncio.sleep(0.05)
    match events.posted[-1]:
        case CodeScanned(text):
            return text
        case StripeSwiped(track2) if track2 is not None:
            return track2.reveal()
    return ""
