"""What the kernel tells of a typing device, as values: key codes, pressed or released.

Source: Linux Documentation/input/input.rst (struct input_event), include/uapi/linux/input-event-codes.h.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_EVENT: Final = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value, as this machine's kernel writes them."""
_EV_KEY: Final = 1
_RELEASED, _PRESSED = 0, 1


@dataclass(frozen=True, slots=True)
class KeyMoved:
    """One key went down or came up; repeats are not told."""

    code: int
    down: bool


class EventReader:
    """Takes bytes in any pieces and gives key movements; it holds one unfinished event."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[KeyMoved]:
        """Return the movements that `data` completes. Never raises."""
        data = self._rest + data
        whole = len(data) - len(data) % _EVENT.size
        self._rest = data[whole:]
        moved = []
        for _seconds, _micros, kind, code, value in _EVENT.iter_unpack(data[:whole]):
            if kind == _EV_KEY and value in {_RELEASED, _PRESSED}:
                moved.append(KeyMoved(code, value == _PRESSED))
        return moved

    def forget(self) -> None:
        """Drop what is unfinished: the device is another one now."""
        self._rest = b""


def packed(code: int, value: int, kind: int = _EV_KEY) -> bytes:
    """One event as the kernel writes it, at time zero."""
    return _EVENT.pack(0, 0, kind, code, value)
