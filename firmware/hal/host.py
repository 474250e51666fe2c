"""The channel to the acquirer: whole messages out and in, over whatever wire."""

from __future__ import annotations

from typing import Protocol

from firmware.units import Millis


class HostChannel(Protocol):
    """A connection to one acquirer. Frames are whole messages without their length prefix, 1 to 65535 bytes."""

    async def connect(self, timeout_ms: Millis) -> None:
        """Connect where not connected; may be called early, to save time. Raises: LinkLost, LinkTimedOut."""
        ...

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        """Send one message. After any error the message may or may not have left. Raises: LinkLost, LinkTimedOut."""
        ...

    async def receive(self, timeout_ms: Millis) -> bytes:
        """Return the next whole message. Raises: LinkLost, LinkTimedOut."""
        ...

    async def close(self) -> None:
        """End the connection; may be called more than once, never raises."""
        ...
