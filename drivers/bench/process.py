"""The world process: the page and the terminal, from the first line on stdout to the signal that ends both."""

from __future__ import annotations

import asyncio
import signal
import sys
import webbrowser
from collections.abc import Callable, Sequence

from drivers.bench.api import Api
from drivers.bench.pictures import Pictures
from drivers.bench.place import Place
from drivers.bench.supervisor import Supervisor
from drivers.bench.web import WebServer
from drivers.bench.world import World


async def serve(place: Place, command: Callable[[int], Sequence[str]]) -> None:
    """Serve the page at `place`, and run the terminal that `command` starts, until SIGTERM or SIGINT.

    The page comes first: it answers while the terminal still boots. Raises: PortTaken.
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    world = World()
    supervisor = Supervisor(world, command)
    pictures = Pictures()
    web = WebServer(Api(world, supervisor, pictures), place.host, place.port)
    await web.start()
    try:
        await supervisor.start()
        sys.stdout.write(f"The bench is at {web.address}/\n")
        sys.stdout.flush()
        if place.open_browser:
            await asyncio.to_thread(webbrowser.open, f"{web.address}/")
        await stop.wait()
    finally:
        await supervisor.stop()
        await web.close()
        pictures.close()
