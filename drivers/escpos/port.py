"""The seam between the ESC/POS driver and a wire: USB, serial line, network, or the bench.

A port moves bytes and knows nothing of what they mean. What it does not have: retries, buffers that outlive `close`,
and any idea of a job.
"""

from __future__ import annotations

from typing import Protocol

from firmware.errors import TillberryError
from firmware.units import Millis


class PortClosed(TillberryError):
    """The wire is gone: unplugged, refused or closed. `BytePort.reopen` may bring it back."""


class BytePort(Protocol):
    """A two-way stream of bytes to one printer. One reader and one writer at a time.

    Must not hold the event loop. The first call opens the wire where it is not open yet.
    """

    async def write(self, data: bytes, timeout_ms: Millis) -> int:
        """Send `data` and return how many of its bytes left within the time.

        Fewer than all is not an error: the printer takes no more for now, as one without paper does when its buffer is
        full. Raises: PortClosed.
        """
        ...

    async def read(self, timeout_ms: Millis) -> bytes:
        """Return what the printer has sent, 1 to 4096 bytes, as soon as there is any; b"" if nothing came in the time.

        A time-out of 0 returns what is there already. Raises: PortClosed.
        """
        ...

    async def reopen(self) -> None:
        """Close and open again; what was received and not read is forgotten. Raises: PortClosed."""
        ...

    async def close(self) -> None:
        """Let go of the wire; may be called more than once, never raises."""
        ...
