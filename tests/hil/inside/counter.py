"""A counter in the guest: the terminal as a process of its own, on a board whose devices are real to their drivers.

Keys, lights, buzzer and tamper switch are on simulated pins, the card stands in a virtual reader of a real pcscd, the
printer is at the end of a pseudo terminal. Only the screen and the gauges are the bench's: what the terminal shows is
read from the bench's wire.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from drivers.bench.link import socket_link
from drivers.bench.world import World
from drivers.gpio.panel_options import panel_wiring
from firmware.config import load_board
from firmware.hal import Key
from tests.hil.inside.gpio_sim import header
from tests.hil.inside.keypad_on_pins import CHIP, COLUMNS, CROSSINGS, ROWS
from tests.hil.inside.switches import GROUND, Switches
from tests.hil.pcscd import Pcscd, running
from tests.hil.simulators.line import Line
from tests.hil.simulators.printer import PrinterOnALine

WORK: Final = Path("/run/work")
BOARD: Final = load_board(Path(__file__).parents[3] / "board" / "hil.toml")
_PANEL: Final = panel_wiring(
    {key: value for key, value in BOARD.devices["panel"].items() if key != "driver"}, BOARD.path
)
PRESSED_S: Final = 0.09
PATIENCE_S: Final = 30.0


class Counter:
    """The terminal and a person before it."""

    def __init__(self, world: World, printer: PrinterOnALine, matrix: Switches, daemon: Pcscd) -> None:
        self.daemon = daemon
        self.paper = printer.virtual
        self._world = world
        self._matrix = matrix

    async def see(self, *text_ids: str) -> str:
        """Wait until the screen shows one of these, which it returns."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._world.frame.text_id not in text_ids:
                    await self._world.changes.newer(self._world.changes.seq)
        except TimeoutError:
            raise AssertionError(f"the screen does not show {text_ids}, but {self._world.frame}") from None
        return self._world.frame.text_id

    async def press(self, *keys: Key) -> None:
        """Press keys one after the other, as a finger does."""
        for key in keys:
            self._matrix.close_switch(CROSSINGS[key])
            await asyncio.sleep(PRESSED_S)
            self._matrix.open_switch(CROSSINGS[key])
            await asyncio.sleep(PRESSED_S)

    def shines(self, light: str) -> bool:
        """Whether a light of the panel shines."""
        return header().level(_PANEL.lights[light]) == 1


@asynccontextmanager
async def at_the_counter() -> AsyncIterator[Counter]:
    """A counter whose terminal is switched on; it is told to stop at the end of the block, and ends well."""
    folder = WORK / "counter"
    folder.mkdir()
    config = folder / "pcscd"
    config.mkdir()
    assert _PANEL.tamper is not None, "the board has a tamper switch"
    matrix = Switches(header(), CHIP, (*ROWS, _PANEL.tamper), COLUMNS, (_PANEL.tamper, GROUND))
    async with AsyncExitStack() as stack:
        stack.callback(matrix.close)
        daemon = stack.enter_context(running(config))
        world, printer = World(), PrinterOnALine(Line(WORK / "printer"))
        await stack.enter_async_context(_terminal(folder / "state", world))
        yield Counter(world, printer, matrix, daemon)


@asynccontextmanager
async def _terminal(state: Path, world: World) -> AsyncIterator[None]:
    ours, theirs = socket.socketpair()
    command = [
        sys.executable,
        "-m",
        "firmware",
        "run",
        "--board",
        str(BOARD.path),
        "--state",
        str(state),
        "--log",
        "json",
    ]
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *command, "--world-fd", str(theirs.fileno()), pass_fds=[theirs.fileno()], stdout=subprocess.DEVNULL
        )
    world.attach(await socket_link(ours))
    try:
        yield
        process.terminate()
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        world.detach()
