"""The world process: page, terminal and acquirer, from the first line on stdout to the signal that ends them all."""

from __future__ import annotations

import asyncio
import signal
import sys
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from drivers.bench.acquirer_desk import AcquirerDesk, Journal
from drivers.bench.acquirer_process import AcquirerProcess
from drivers.bench.api import Api
from drivers.bench.pictures import Pictures
from drivers.bench.place import Place
from drivers.bench.supervisor import Supervisor
from drivers.bench.web import WebServer
from drivers.bench.world import World


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays beside the bench: the command lines of the terminal and of the acquirer, and how a journal is read.

    `terminal` is given the number of the file descriptor that is its wire; `acquirer` the folder for books and CA.
    """

    terminal: Callable[[int], Sequence[str]]
    acquirer: Callable[[Path], Sequence[str]]
    acquirer_folder: Path
    journal: Journal


async def serve(place: Place, cast: Cast) -> None:
    """Serve the page at `place`, and run terminal and acquirer, until SIGTERM or SIGINT.

    The page comes first: it answers while the terminal still boots, and nobody waits for the acquirer.
    Raises: PortTaken.
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    world = World()
    supervisor = Supervisor(world, cast.terminal)
    pictures = Pictures()
    desk = AcquirerDesk(world, cast.journal)
    acquirer = AcquirerProcess(cast.acquirer_folder, cast.acquirer, desk.found)
    web = WebServer(Api(world, supervisor, pictures, desk), place.host, place.port)
    await web.start()
    following = asyncio.create_task(desk.follow())
    try:
        await supervisor.start()
        await acquirer.start()
        sys.stdout.write(f"The bench is at {web.address}/\n")
        sys.stdout.flush()
        if place.open_browser:
            await asyncio.to_thread(webbrowser.open, f"{web.address}/")
        await stop.wait()
    finally:
        following.cancel()
        await supervisor.stop()
        await acquirer.stop()
        await web.close()
        pictures.close()
