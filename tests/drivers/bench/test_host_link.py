"""The simulated line spoils messages as a real one does, and only as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.bench.host_link import WAITING_MAX, FarEnd, LineFaults, SimulatedChannel, channel_pair
from firmware.hal.errors import LinkLost, LinkRefused, LinkTimedOut
from firmware.units import Millis
from tests.virtual_time import run_virtually

PATIENCE = Millis(5_000)
ASK, ANSWER = b"ask 42", b"answer"


def play(faults: LineFaults, scene: Callable[[SimulatedChannel, FarEnd, list[bytes]], Awaitable[None]]) -> None:
    """Play a scene over a line that is spoilt so, to an acquirer that always answers."""

    async def main() -> None:
        heard: list[bytes] = []

        async def answer(message: bytes) -> bytes:
            heard.append(message)
            return ANSWER

        channel, far_end = channel_pair(answer)
        far_end.faults = faults
        await scene(channel, far_end, heard)
        await channel.close()

    run_virtually(main())


async def ask(channel: SimulatedChannel) -> bytes:
    await channel.connect(PATIENCE)
    await channel.send(ASK, PATIENCE)
    return await channel.receive(PATIENCE)


def test_line_without_faults_carries_question_and_answer_at_once() -> None:
    async def scene(channel: SimulatedChannel, far_end: FarEnd, heard: list[bytes]) -> None:
        assert await ask(channel) == ANSWER
        assert heard == [ASK]
        assert asyncio.get_running_loop().time() == 0
        assert far_end.faults == LineFaults()

    play(LineFaults(), scene)


def test_connection_refused_is_refused_after_its_time() -> None:
    async def scene(channel: SimulatedChannel, far_end: FarEnd, _heard: list[bytes]) -> None:
        with pytest.raises(LinkRefused):
            await channel.connect(PATIENCE)
        assert asyncio.get_running_loop().time() == 2
        assert far_end.connections == 0

    play(LineFaults(refuse_connect=True, connect_ms=2_000), scene)


@pytest.mark.parametrize("faults", [LineFaults(silent_connect=True), LineFaults(connect_ms=5_001)])
def test_connection_that_takes_too_long_times_out(faults: LineFaults) -> None:
    async def scene(channel: SimulatedChannel, _far_end: FarEnd, _heard: list[bytes]) -> None:
        with pytest.raises(LinkTimedOut):
            await channel.connect(PATIENCE)
        assert asyncio.get_running_loop().time() == 5

    play(faults, scene)


@pytest.mark.parametrize(
    ("limit", "arrived", "answered"),
    [(1, False, False), (7, False, False), (8, True, False), (15, True, False), (16, True, True)],
)
def test_line_lost_after_some_bytes_carries_what_was_through_by_then(limit: int, arrived: bool, answered: bool) -> None:
    async def scene(channel: SimulatedChannel, _far_end: FarEnd, heard: list[bytes]) -> None:
        if answered:
            assert await ask(channel) == ANSWER
        else:
            with pytest.raises(LinkLost):
                await ask(channel)
        await asyncio.sleep(1)
        assert heard == ([ASK] if arrived else [])
        with pytest.raises(LinkLost):
            await channel.send(ASK, PATIENCE)

    play(LineFaults(lose_after=limit), scene)


def test_half_open_line_swallows_the_question() -> None:
    async def scene(channel: SimulatedChannel, _far_end: FarEnd, heard: list[bytes]) -> None:
        with pytest.raises(LinkTimedOut):
            await ask(channel)
        assert heard == []

    play(LineFaults(half_open=True), scene)


def test_answer_late_arrives_on_the_same_connection_and_on_no_other() -> None:
    async def scene(channel: SimulatedChannel, _far_end: FarEnd, heard: list[bytes]) -> None:
        with pytest.raises(LinkTimedOut):
            await ask(channel)
        assert await channel.receive(PATIENCE) == ANSWER
        await channel.send(ASK, PATIENCE)
        await channel.close()
        await channel.connect(PATIENCE)
        with pytest.raises(LinkTimedOut):
            await channel.receive(Millis(20_000))
        assert heard == [ASK, ASK]

    play(LineFaults(delay_ms=8_000), scene)


def test_answer_duplicated_comes_twice() -> None:
    async def scene(channel: SimulatedChannel, _far_end: FarEnd, _heard: list[bytes]) -> None:
        assert await ask(channel) == ANSWER
        assert await channel.receive(PATIENCE) == ANSWER

    play(LineFaults(duplicated=True), scene)


def test_answer_garbled_differs_in_one_byte() -> None:
    async def scene(channel: SimulatedChannel, _far_end: FarEnd, _heard: list[bytes]) -> None:
        answer = await ask(channel)
        assert sum(is_ != was for is_, was in zip(answer, ANSWER, strict=True)) == 1

    play(LineFaults(garbled=True), scene)


def test_far_end_that_talks_without_end_fills_no_memory() -> None:
    async def scene(channel: SimulatedChannel, far_end: FarEnd, _heard: list[bytes]) -> None:
        far_end.say(b"nobody is connected")
        far_end.hang_up()
        await channel.connect(PATIENCE)
        for _ in range(2 * WAITING_MAX):
            far_end.say(b"x")
        received = [await channel.receive(PATIENCE) for _ in range(WAITING_MAX)]
        assert received == [b"x"] * WAITING_MAX
        with pytest.raises(LinkTimedOut):
            await channel.receive(PATIENCE)

    play(LineFaults(), scene)
