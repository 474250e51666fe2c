"""A line in this process: a socket pair that keeps to virtual time, plugged and unplugged by a test."""

from __future__ import annotations

import socket
import weakref
from contextlib import suppress


class SocketLine:
    """The far end of a device's line; `open` is what a driver calls."""

    def __init__(self) -> None:
        self._far: socket.socket | None = None
        self._plugged = True
        self.opened = 0

    def open(self) -> int:
        """The driver's end. Raises: OSError - unplugged."""
        if not self._plugged:
            raise OSError("no such device")
        self.hang_up()
        near, self._far = socket.socketpair()
        weakref.finalize(self, self._far.close)
        self.opened += 1
        return near.detach()

    def say(self, data: bytes) -> None:
        """Send; what nobody listens to is lost."""
        with suppress(BrokenPipeError):
            if self._far is not None:
                self._far.send(data)

    def unplug(self) -> None:
        """End the line, and let nobody open it."""
        self._plugged = False
        self.hang_up()

    def plug(self) -> None:
        """Let the line be opened again."""
        self._plugged = True

    def hang_up(self) -> None:
        """Close the far end."""
        if self._far is not None:
            self._far.close()
            self._far = None
