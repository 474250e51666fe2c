"""A way to an acquirer over a serial line: an old concentrator, a modem that is always connected.

The library sets the line up; the event loop then moves the bytes, so no thread is needed.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any, Final

from drivers.link.wire import Wire

PARITIES: Final = ("none", "even", "odd")


@dataclass(frozen=True, slots=True)
class SerialWay:
    """One device, with eight data bits. `flow_control` is that of the RTS and CTS wires."""

    device: str
    baud: int = 9_600
    parity: str = "none"
    stop_bits: int = 1
    flow_control: bool = False

    @property
    def where(self) -> str:
        """The device's path."""
        return self.device

    async def open(self) -> Wire:
        """Open the line for this program alone; what stood in its buffers is forgotten. Raises: OSError, ValueError."""
        port = self._port()
        try:
            port.reset_input_buffer()
            ends = os.fdopen(os.dup(port.fileno()), "rb", buffering=0), os.fdopen(os.dup(port.fileno()), "wb", 0)
        finally:
            port.close()
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

    def _port(self) -> Any:
        import serial

        return serial.Serial(
            self.device,
            baudrate=self.baud,
            parity=self.parity[0].upper(),
            stopbits=self.stop_bits,
            rtscts=self.flow_control,
            exclusive=True,
        )
