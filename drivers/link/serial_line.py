"""A way to an acquirer over a serial line: an old concentrator, a modem that is always connected."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from drivers.link.wire import Wire
from drivers.serial_line import SerialLine


@dataclass(frozen=True, slots=True)
class SerialWay:
    """One serial line."""

    line: SerialLine

    @property
    def where(self) -> str:
        """The device's path."""
        return self.line.device

    async def open(self) -> Wire:
        """Open the line for this program alone; what stood in its buffers is forgotten. Raises: OSError, ValueError."""
        descriptor = self.line.open()
        ends = os.fdopen(os.dup(descriptor), "rb", buffering=0), os.fdopen(descriptor, "wb", 0)
        loop, wire = asyncio.get_running_loop(), Wire()
        try:
            await loop.connect_read_pipe(lambda: wire, ends[0])
            await loop.connect_write_pipe(lambda: wire, ends[1])
        except BaseException:
            wire.abort()
            for end in ends:
                end.close()
            raise
        return wire
