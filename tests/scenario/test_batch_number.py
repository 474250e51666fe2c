"""The acquirer's batch number comes in an answer without a MAC: one that went wrong on the line is not believed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.hal import HostChannel
from firmware.journal import Phase
from firmware.units import Millis
from tests.scenario.counter import back_to_idle, sell
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually

_TOLD: Final = bytes.fromhex("001100000001")
"""How field 60 of an answer to a sign-on begins: eleven digits, 00, batch 000001."""
_WRONG: Final = bytes.fromhex("001100000057")


class _NoisyLine:
    """A line on which the batch number of the first answers to a sign-on goes wrong."""

    def __init__(self, channel: HostChannel, times: int) -> None:
        self._channel = channel
        self._times = times

    async def connect(self, timeout_ms: Millis) -> None:
        await self._channel.connect(timeout_ms)

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        await self._channel.send(message, timeout_ms)

    async def receive(self, timeout_ms: Millis) -> bytes:
        message = await self._channel.receive(timeout_ms)
        if _TOLD in message and self._times > 0:
            self._times -= 1
            return message.replace(_TOLD, _WRONG)
        return message

    async def close(self) -> None:
        await self._channel.close()


@pytest.mark.parametrize(("times", "phases"), [(1, [Phase.DONE]), (2, [Phase.DECLINED, Phase.DONE])])
def test_batch_number_that_went_wrong_keeps_nobody_from_selling(
    tmp_path: Path, times: int, phases: list[Phase]
) -> None:
    """Told wrong once it is asked for again; told wrong twice it is believed, and given up for what came to nothing."""
    acquirer = InMemoryAcquirer.open()

    async def day() -> None:
        storage = file_storage(tmp_path)
        line = lambda channel: _NoisyLine(channel, times)  # noqa: E731 - one use
        async with Shop(storage, parameters=hurried(), acquirer=acquirer, line=line) as shop:
            await shop.see("^idle$")
            await shop.menu("sign_on")
            await back_to_idle(shop)
            for _ in phases:
                await sell(shop)
                await shop.menu("sign_on")
                await back_to_idle(shop)
        journal = shop.journal()
        assert [record.phase for record in journal.records()] == phases
        assert journal.batch == 1
        assert journal.verify() == []
        journal.close()

    run_virtually(day())
