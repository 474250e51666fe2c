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
    async def main(control: Control) -> None:
        site = Site(Path("shop.toml"), tmp_path, UTC, {}, {}, None, lambda _why: None)
        options = {"driver": "serial", "device": str(control.path)}
        reader: Any = Workshop({device: options}, Place(site)).make(device)
        events = Events()
        reader.start(events)
        await read_once(control, events, device)
        control.ask("unplug")
        control.ask("plug")
        await read_once(control, events, device)
        await reader.close()

    with running("typewriter", tmp_path) as control:
        asyncio.run(main(control))


async def read_once(control: Control, events: Events, device: str) -> None:
    """Let the device send until the driver has found it, and see that what it tells is whole."""
    before = len(events.posted)
    async with asyncio.timeout(PATIENCE_S):
        while len(events.posted) == before:
            control.ask(f"send {READ[device].hex()}")
            await asyncio.sleep(0.05)
    came = events.posted[-1]
    if device == "scanner":
        assert came == CodeScanned("6901234567892")
    else:
        assert isinstance(came, StripeSwiped)
        assert came.track2 is not None
        assert came.track2.reveal().endswith("49122010000000000")
