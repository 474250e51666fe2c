"""How messages travel between world and terminal: over a socket between two processes, or in memory inside one.

Both kinds carry the same lines in order, deliver from the event loop and never inside `send`, and end the same way.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from drivers.bench.wire import LINE_MAX, Message, WireError, decode, encode

WAITING_MAX: Final = 4_096
"""The most messages that may wait inside a link in memory: a side that never listens is a programmer's error."""

UNSENT_MAX: Final = 8 * 1024 * 1024
"""The most bytes that may wait for a side that does not read its socket; then it counts as dead."""


class Link(Protocol):
    """One side of the wire."""

    def listen(self, receive: Callable[[Message], None], ended: Callable[[str], None]) -> None:
        """Deliver messages to `receive`, those that came before included; called once.

        `ended` is called once when the other side has closed, died or talked nonsense, with a sentence that says which;
        not after `close` on this side.
        """
        ...

    def send(self, message: Message) -> None:
        """Send without ever blocking; a message on a link that has ended is dropped."""
        ...

    def close(self) -> None:
        """End the link: what was sent before still arrives, what was on its way here is dropped. May be repeated."""
        ...


class _MemoryLink:
    """One side of a link inside one event loop."""

    def __init__(self) -> None:
        self._other: _MemoryLink | None = None
        self._waiting: deque[bytes] = deque()
        self._receive: Callable[[Message], None] | None = None
        self._ended: Callable[[str], None] | None = None
        self._closed = False

    def join(self, other: _MemoryLink) -> None:
        self._other = other

    def listen(self, receive: Callable[[Message], None], ended: Callable[[str], None]) -> None:
        assert self._receive is None, "listen is called once"
        self._receive, self._ended = receive, ended
        for _ in self._waiting:
            asyncio.get_running_loop().call_soon(self._deliver)

    def send(self, message: Message) -> None:
        if not self._closed and self._other is not None:
            self._other.arrive(encode(message))

    def close(self) -> None:
        if not self._closed and self._other is not None:
            self._other.arrive(b"")
        self._end()

    def arrive(self, line: bytes) -> None:
        """Take a line from the other side; an empty one says that it has closed."""
        if self._closed:
            return
        assert len(self._waiting) < WAITING_MAX, "nobody listens on this link"
        self._waiting.append(line)
        if self._receive is not None:
            asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        if self._closed or self._receive is None or self._ended is None:
            return
        line = self._waiting.popleft()
        if line:
            self._receive(decode(line))
        else:
            self._end()
            self._ended("the other side closed the link")

    def _end(self) -> None:
        self._closed = True
        self._waiting.clear()


def memory_links() -> tuple[Link, Link]:
    """Make a link in memory: the terminal's side and the world's side."""
    terminal_side, world_side = _MemoryLink(), _MemoryLink()
    terminal_side.join(world_side)
    world_side.join(terminal_side)
    return terminal_side, world_side


class _SocketLink(asyncio.Protocol):
    """One side of a link over a stream socket, as an asyncio protocol."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._waiting: deque[Message] = deque()
        self._receive: Callable[[Message], None] | None = None
        self._ended: Callable[[str], None] | None = None
        self._end: str | None = None
        self._told = False

    def listen(self, receive: Callable[[Message], None], ended: Callable[[str], None]) -> None:
        assert self._receive is None, "listen is called once"
        self._receive, self._ended = receive, ended
        asyncio.get_running_loop().call_soon(self._deliver)

    def send(self, message: Message) -> None:
        if self._end is not None or self._transport is None:
            return
        if self._transport.get_write_buffer_size() > UNSENT_MAX:
            self._stop("the other side does not read")
            return
        self._transport.write(encode(message))

    def close(self) -> None:
        self._told = True
        self._waiting.clear()
        self._end = self._end or "this side closed the link"
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._end is not None:
            return
        self._unread += data
        *lines, rest = bytes(self._unread).split(b"\n")
        self._unread = bytearray(rest)
        try:
            self._waiting.extend(decode(line) for line in lines)
        except WireError as exc:
            self._stop(f"the other side sent nonsense: {exc}")
        if len(rest) >= LINE_MAX:
            self._stop(f"the other side sent a line longer than {LINE_MAX} bytes")
        self._deliver()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop("the other side is gone" if exc is None else f"the link broke: {exc}")

    def _stop(self, reason: str) -> None:
        if self._end is None:
            self._end = reason
            asyncio.get_running_loop().call_soon(self._deliver)
        if self._transport is not None:
            self._transport.abort()

    def _deliver(self) -> None:
        """Hand over all that waits, then the end: called again whenever there is more of either."""
        if self._receive is None or self._ended is None:
            return
        while self._waiting:
            self._receive(self._waiting.popleft())
        if self._end is not None and not self._told:
            self._told = True
            self._ended(self._end)


async def socket_link(connected: socket.socket) -> Link:
    """Make one side of a link over a connected stream socket, which the link then owns."""
    connected.settimeout(0)
    loop = asyncio.get_running_loop()
    _transport, link = await loop.create_connection(_SocketLink, sock=connected)
    return link


async def inherited_link(fd: int) -> Link:
    """Make the terminal's side over the socket that the world process has handed down as file descriptor `fd`.

    Raises: WireError - `fd` is not an open stream socket.
    """
    try:
        connected = socket.socket(fileno=fd)
    except OSError as exc:
        raise WireError(f"file descriptor {fd} is not a socket of the bench: {exc.strerror}") from exc
    if connected.type != socket.SOCK_STREAM:
        raise WireError(f"file descriptor {fd} is not a stream socket")
    return await socket_link(connected)
