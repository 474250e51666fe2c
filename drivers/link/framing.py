"""Where a message begins and ends on a wire: a length in front of it, or a serial block around it.

Sans-IO: bytes in, whole messages out. A wire that breaks its framing cannot be trusted again, so the error is final for
that connection. What is not here: repeating a block. A repeat on the wire could charge twice; exchanges above reverse.
"""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import xor
from typing import Final, Protocol

from firmware.errors import TillberryError

MESSAGE_MAX: Final = 65_535
STX, ETX = 0x02, 0x03
NOISE_MAX: Final = 1_024
"""Bytes in front of a serial block that are taken for noise; more is another protocol."""


class FramingBroken(TillberryError):
    """What came over the wire is not framed as agreed; never holds a byte of it."""


class Length(StrEnum):
    """How a length is written."""

    BINARY = "binary2"
    """Two bytes, the high one first."""
    ASCII = "ascii4"
    """Four decimal digits in ASCII."""
    BCD = "bcd2"
    """Four decimal digits, two to a byte."""


class Framing(Protocol):
    """One way to tell messages apart on a wire."""

    def wrap(self, message: bytes) -> bytes:
        """Return `message`, 1 to `MESSAGE_MAX` bytes, as it stands on the wire. Raises: FramingBroken - too long."""
        ...

    def take(self, received: bytearray) -> bytes | None:
        """Cut the first whole message out of `received`, None where it is not whole yet. Raises: FramingBroken."""
        ...


class LengthPrefix:
    """A length in front of each message; `inclusive` where the length counts itself too."""

    def __init__(self, length: Length = Length.BINARY, *, inclusive: bool = False) -> None:
        self._length = length
        self._size: Final = 4 if length is Length.ASCII else 2
        self._extra: Final = self._size if inclusive else 0
        self._most: Final = (65_535 if length is Length.BINARY else 9_999) - self._extra

    def wrap(self, message: bytes) -> bytes:
        """Put the length in front."""
        assert message, "an empty message"
        if len(message) > self._most:
            raise FramingBroken(f"a message of {len(message)} bytes, where a length can say {self._most}")
        return self._write(len(message) + self._extra) + message

    def take(self, received: bytearray) -> bytes | None:
        """Cut off one message. Raises: FramingBroken - a length of nothing, or one that is no number."""
        if len(received) < self._size:
            return None
        size = self._read(bytes(received[: self._size])) - self._extra
        if size < 1:
            raise FramingBroken("a length of nothing")
        end = self._size + size
        if len(received) < end:
            return None
        message = bytes(received[self._size : end])
        del received[:end]
        return message

    def _write(self, number: int) -> bytes:
        match self._length:
            case Length.BINARY:
                return number.to_bytes(2, "big")
            case Length.ASCII:
                return b"%04d" % number
            case Length.BCD:
                return bytes.fromhex(f"{number:04d}")

    def _read(self, digits: bytes) -> int:
        if self._length is Length.BINARY:
            return int.from_bytes(digits, "big")
        text = digits if self._length is Length.ASCII else digits.hex().encode()
        if not text.isdigit():
            raise FramingBroken("a length that is no number")
        return int(text)


class SerialBlock:
    """STX, length and message, ETX and LRC, the exclusive or of all between STX and itself."""

    def __init__(self, prefix: LengthPrefix) -> None:
        self._prefix = prefix

    def wrap(self, message: bytes) -> bytes:
        """Make a block."""
        body = self._prefix.wrap(message) + bytes([ETX])
        return bytes([STX]) + body + bytes([_lrc(body)])

    def take(self, received: bytearray) -> bytes | None:
        """Cut out one block; what stands in front of its STX is noise of the line.

        Raises: FramingBroken - too much noise, a wrong length, no ETX where it should be, or a wrong LRC.
        """
        start = received.find(STX)
        if start < 0 and len(received) <= NOISE_MAX:
            return None
        if not 0 <= start <= NOISE_MAX:
            raise FramingBroken("noise where a block should begin")
        del received[:start]
        body = received[1:]
        size = len(body)
        message = self._prefix.take(body)
        if message is None or len(body) < 2:
            return None
        end = 1 + size - len(body)
        if body[0] != ETX:
            raise FramingBroken("a block whose length is wrong")
        if body[1] != _lrc(bytes(received[1 : end + 1])):
            raise FramingBroken("a block with a wrong check byte")
        del received[: end + 2]
        return message


def _lrc(data: bytes) -> int:
    return reduce(xor, data, 0)
