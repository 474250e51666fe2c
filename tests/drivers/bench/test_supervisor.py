"""The supervisor: the terminal is a real process, killed for real, and it never starts itself in a loop."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers.bench.supervisor import Supervisor
from drivers.bench.world import World
from firmware.hal import Key

ROOT = Path(__file__).parents[3]
LAUNCH = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("tests.drivers.bench.child_terminal", run_name="__main__")
"""


class Starts:
    """The command of a child in some mode, counting how often it was started; the mode may change in between."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.count = 0

    def __call__(self, fd: int) -> Sequence[str]:
        self.count += 1
        return [sys.executable, "-c", LAUNCH, str(ROOT), str(fd), self.mode]


def supervised(mode: str, scene: Callable[[World, Supervisor, Starts], Awaitable[None]]) -> None:
    async def main() -> None:
        world = World()
        starts = Starts(mode)
        supervisor = Supervisor(world, starts)
        await supervisor.start()
        try:
            async with asyncio.timeout(20):
                await scene(world, supervisor, starts)
        finally:
            await supervisor.stop()

    asyncio.run(main())


async def until_off(world: World) -> None:
    while world.ending is None:
        await world.changes.newer(world.changes.seq)


def test_terminal_cut_off_boots_again_on_the_same_world(capfd: pytest.CaptureFixture[str]) -> None:
    async def scene(world: World, supervisor: Supervisor, starts: Starts) -> None:
        await world.press([Key.D1])
        assert world.frame.text_id == "enter_amount"
        await supervisor.cut()
        assert world.frame.text_id == "off"
        await world.press([Key.D2, Key.ENTER])
        assert (world.frame.text_id, world.boots, starts.count) == ("approved", 2, 2)

    supervised("serves", scene)
    lines = capfd.readouterr().err.splitlines()
    assert lines.count("terminal | ready \\x1b[31mred") == 2
    assert lines.count("terminal | good bye") == 1
    assert not any("ended by itself" in line for line in lines)


def test_terminal_that_ends_with_a_status_stays_off_and_says_why() -> None:
    async def scene(world: World, supervisor: Supervisor, starts: Starts) -> None:
        await until_off(world)
        state = world.snapshot()
        assert state["terminal"] == "off"
        assert world.ending is not None
        assert world.ending.status == 78
        assert world.ending.words[-2:] == ("first", "the board file is wrong")
        assert all(len(word) <= 2_000 for word in world.ending.words)
        assert starts.count == 1
        starts.mode = "serves"
        await supervisor.cut()
        await world.wait_for("idle", 10)
        assert world.snapshot()["ending"] is None

    supervised("fails", scene)


@contextmanager
def full_stderr() -> Iterator[None]:
    """Let every line that this process writes to stderr fail, as on a full disk."""
    usual, full = os.dup(2), os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, 2)
    try:
        yield
    finally:
        os.dup2(usual, 2)
        os.close(usual)
        os.close(full)


def test_terminal_is_heard_to_its_end_though_stderr_fails() -> None:
    async def scene(world: World, _supervisor: Supervisor, _starts: Starts) -> None:
        await until_off(world)
        assert world.ending is not None
        assert world.ending.words[-1] == "the board file is wrong"

    with full_stderr():
        supervised("fails", scene)


def test_terminal_that_talks_nonsense_is_taken_off_the_wire() -> None:
    async def scene(world: World, _supervisor: Supervisor, _starts: Starts) -> None:
        while world.snapshot()["terminal"] != "off":
            await world.changes.newer(world.changes.seq)
        assert world.frame.text_id == "off"

    supervised("babbles", scene)


def test_terminal_killed_from_outside_is_told_with_its_signal() -> None:
    async def scene(world: World, supervisor: Supervisor, _starts: Starts) -> None:
        await world.wait_for("idle", 10)
        assert supervisor._process is not None
        supervisor._process.kill()
        await until_off(world)
        assert world.ending is not None
        assert world.ending.status == -9
        assert world.frame.text_id == "idle"

    supervised("serves", scene)


def test_terminal_deaf_to_the_stop_is_killed() -> None:
    async def main() -> None:
        world = World()
        supervisor = Supervisor(world, Starts("deaf"), stop_s=0.3)
        await supervisor.start()
        await world.wait_for("idle", 10)
        async with asyncio.timeout(5):
            await supervisor.stop()
        assert world.snapshot()["terminal"] == "off"

    asyncio.run(main())
