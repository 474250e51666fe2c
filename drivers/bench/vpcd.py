"""A test card in the virtual reader vpcd of vsmartcard: the protocol between the reader and the card that calls it.

Each message is a length of two bytes, big-endian, and a body. A body of one byte is the reader's control of the card:
00 power off, 01 power on, 02 reset, 04 tell the answer to reset; only the last is answered. Every other body is a
command APDU, and is answered. The reader listens, the card connects.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from typing import Final

from drivers.bench.cards import Mute, Pulled, TestCard

_POWER_OFF: Final = 0
_POWER_ON: Final = 1
_RESET: Final = 2
_TELL_ATR: Final = 4
_PREFIX: Final = 2
_CHUNK: Final = 4096


class VpcdCard:
    """The card's end of the protocol, without the socket: bytes from the reader in, bytes to the reader out."""

    def __init__(self, insert: Callable[[], TestCard]) -> None:
        self._insert = insert
        self._card = insert()
        self._buffer = bytearray()
        self.slow_ms = 0
        """How long the card takes for the answers that `feed` returned last."""

    def feed(self, data: bytes) -> bytes:
        """Take what the reader sent, in pieces of any size; returns what to send back. Raises: Pulled.

        A message has at most 65 535 bytes, so no more than one message is ever kept. A mute card returns nothing.
        """
        self._buffer += data
        self.slow_ms = 0
        replies = bytearray()
        while (body := self._next_message()) is not None:
            reply = self._answer(body)
            if reply:
                replies += len(reply).to_bytes(_PREFIX, "big") + reply
        return bytes(replies)

    def _next_message(self) -> bytes | None:
        if len(self._buffer) < _PREFIX:
            return None
        end = _PREFIX + int.from_bytes(self._buffer[:_PREFIX], "big")
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_PREFIX:end])
        del self._buffer[:end]
        return body

    def _answer(self, body: bytes) -> bytes:
        if len(body) > 1:
            self.slow_ms += self._card.slow_ms
            try:
                return self._card.transmit(body)
            except Mute:
                return b""
        control = body[0] if body else _POWER_OFF
        if control in (_POWER_ON, _RESET):
            self._card = self._insert()
        return self._card.atr if control == _TELL_ATR else b""


def play(card: VpcdCard, connection: socket.socket) -> None:
    """Play a card on a connected socket until it is pulled or the reader hangs up. Raises: OSError.

    A slow card takes its time for each command, but tells its answer to reset at once: the reader asks for that all the
    time, to see whether the card is still there.

    Debian's vpcd sends length and body apart, so each command would wait 40 ms for a delayed acknowledgement; asking
    for a quick one does not last, and is asked again before each read.
    """
    while True:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        data = connection.recv(_CHUNK)
        if not data:
            return
        try:
            replies = card.feed(data)
        except Pulled:
            return
        if card.slow_ms:
            select.select([connection], [], [], card.slow_ms / 1000)  # A reader that hangs up ends the wait.
        connection.sendall(replies)
