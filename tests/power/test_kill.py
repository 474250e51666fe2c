"""The real process on real files, killed with SIGKILL at random instants of a cash sale, many times over.

`TILLBERRY_KILLS` says how often; without it a few, so that the suite stays quick.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from drivers.bench.fingers import KeysLeft
from drivers.bench.supervisor import Supervisor
from drivers.bench.world import World
from firmware.hal import Key
from firmware.journal import Journal, Kind
from firmware.surfaces import Frame
from tests.power.books import COUNTS, told
from tests.shop import PARAMETERS, file_storage
from tests.virtual_time import SeededEntropy, VirtualClock, run_virtually

KILLS = int(os.environ.get("TILLBERRY_KILLS", "12"))
UP_S = 20.0
LAST = 9_999
"""The minor units of the one sale that is left alone."""


async def sell_and_kill(state: Path, kills: int, chance: random.Random) -> set[str]:
    """Sell again and again, each sale killed somewhere but the last; returns the amounts that were called done."""
    world, frames = World(), list[Frame]()

    def command(world_fd: int) -> Sequence[str]:
        run = [sys.executable, "-m", "firmware", "run", "--board", "bench", "--log", "json"]
        return [*run, "--state", str(state), "--world-fd", str(world_fd)]

    async def watch() -> None:
        while True:
            frames.append(world.frame)
            await world.changes.newer(world.changes.seq)

    supervisor = Supervisor(world, command)
    await supervisor.start()
    watching = asyncio.ensure_future(watch())
    try:
        for minor in range(1001, 1001 + kills):
            await come_to_idle(world)
            selling = asyncio.ensure_future(sell(world, minor))
            await asyncio.sleep(chance.choice((0.03, 0.1, 0.7)) * chance.random())
            await supervisor.cut()
            selling.cancel()
            await asyncio.wait({selling})
        await come_to_idle(world)
        await sell(world, LAST)
    finally:
        watching.cancel()
        await supervisor.stop()
    return told(frames, "approved")


async def come_to_idle(world: World) -> None:
    await world.wait_for("^(idle|offer_receipt)$", UP_S)
    if world.frame.text_id == "offer_receipt":
        await world.press([Key.F4])
        await world.wait_for("^idle$", UP_S)


async def sell(world: World, minor: int) -> None:
    keys = [Key(digit) for digit in str(minor)]
    try:
        await world.press([*keys, Key.ENTER, Key.F1, Key.ENTER])
        await world.wait_for("^idle$", UP_S)
    except KeysLeft:
        return


def test_terminal_killed_at_random_instants_keeps_its_books(tmp_path: Path) -> None:
    approved = asyncio.run(sell_and_kill(tmp_path, KILLS, random.Random(KILLS)))
    assert "99.99" in approved

    async def read() -> None:
        storage = file_storage(tmp_path)
        journal = Journal.open(
            tmp_path,
            sealer=storage.sealer,
            nvram=storage.nvram,
            clock=VirtualClock(),
            entropy=SeededEntropy(),
            terminal=PARAMETERS.terminal,
            currency=PARAMETERS.currency,
        )
        assert journal.verify() == []
        sold = Counter(record.amount.decimal() for record in journal.records() if record.phase in COUNTS)
        assert all(times == 1 for times in sold.values())
        assert approved <= set(sold)
        assert len({record.stan for record in journal.records()}) == len(journal.records())
        assert {record.kind for record in journal.records()} <= {Kind.CASH_SALE}
        journal.close()

    run_virtually(read())
