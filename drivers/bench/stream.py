"""The world as server-sent events: the full state first, then every change, each with its number.

Source: WHATWG HTML, 9.2 Server-sent events.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Final

from drivers.bench.world import World

HEARTBEAT_S: Final = 15.0
"""How often a silent stream says that it is alive; that is also how a reader that is gone gets noticed."""


async def events(world: World, last_seen: int | None) -> AsyncIterator[bytes]:
    """Yield events for ever, starting after number `last_seen` where the changes since then are still known.

    Where they are not, and for a reader who falls behind the history later, the full state comes (again) first.
    """
    seq = last_seen
    yield b"retry: 500\n\n"
    while True:
        changes = world.changes.after(seq) if seq is not None else None
        if changes is None:
            state = world.snapshot()
            seq = world.changes.seq
            yield _event(seq, "state", state)
            continue
        for change in changes:
            seq = change.seq
            yield _event(seq, change.name, change.data)
        if not changes:
            yield await _silence(world)


async def _silence(world: World) -> bytes:
    """Wait for a change; return what may be sent meanwhile."""
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            await world.changes.newer(world.changes.seq)
    except TimeoutError:
        return b": nothing new\n\n"
    return b""


def _event(seq: int, name: str, data: Mapping[str, object]) -> bytes:
    text = json.dumps({**data, "seq": seq}, ensure_ascii=False, separators=(",", ":"))
    return f"id: {seq}\nevent: {name}\ndata: {text}\n\n".encode()
