"""The channel to the acquirer: whole messages out and in, over whatever wire."""

from __future__ import annotations

from typing import Protocol

from firmware.units import Millis


class HostChannel(Protocol):
    """A connection to one acquirer. Frames are whole messages without their length prefix, 1 to 65535 bytes.

    Any call may raise LinkRefused too: a far end can tell only after the connection that it does not want this one. All
    three errors are LinkErrors. `close` ends what other tasks wait for, with LinkLost.
    """

    async def connect(self, timeout_ms: Millis) -> None:
        """Connect where not connected, or where the far end has hung up meanwhile.

        May be called early, to save time, and by several tasks: they share one attempt, which a caller that gives up
        does not end. Raises: LinkLost, LinkTimedOut, LinkRefused.
        """
        ...

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        """Send one message. After any error the message may or may not have left, and the connection is over.

        Raises: LinkLost - also where there is no connection; LinkTimedOut, LinkRefused.
        """
        ...

    async def receive(self, timeout_ms: Millis) -> bytes:
        """Return the next whole message; one task at a time. After LinkTimedOut the connection still stands.

        Raises: LinkLost - also where there is no connection, or what came is no message; LinkTimedOut, LinkRefused.
        """
        ...

    async def close(self) -> None:
        """End the connection; may be called more than once, never raises. `connect` opens a new one."""
        ...
