"""A keypad on USB, such as the ten-key pads of counters: the hal's Keypad, found again when it is plugged in anew."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from drivers.hid.events import EventReader
from drivers.listening import Listener
from firmware.hal import EventSink, Key, KeyPressed

TEN_KEYS: Final[Mapping[int, Key]] = {
    82: Key.D0,
    79: Key.D1,
    80: Key.D2,
    81: Key.D3,
    75: Key.D4,
    76: Key.D5,
    77: Key.D6,
    71: Key.D7,
    72: Key.D8,
    73: Key.D9,
    83: Key.POINT,
    96: Key.ENTER,
    14: Key.CLEAR,
    74: Key.CANCEL,
    78: Key.MENU,
    98: Key.F1,
    55: Key.F2,
    69: Key.F3,
}
"""What the keys of a ten-key pad mean: - cancels, + is the menu, Backspace clears, / * and Num Lock are F1 to F3."""


class HidKeypad:
    """The hal's Keypad behind a typing device.

    Two keys down at once are two presses, in the order of their events; while a PIN is typed, none counts unless it is
    down alone.
    """

    def __init__(self, open_line: Callable[[], int], keys: Mapping[int, Key] = TEN_KEYS) -> None:
        self._keys = keys
        self._events = EventReader()
        self._down: set[int] = set()
        self._spoilt = False
        self._sink: EventSink | None = None
        self._diversion: Callable[[Key], None] | None = None
        self._listener = Listener(open_line, self._hear, self._forget)

    def start(self, sink: EventSink) -> None:
        """Begin to post presses; a keypad that is unplugged is waited for."""
        self._sink = sink
        self._listener.start()

    @contextlib.contextmanager
    def diverted(self, receive: Callable[[Key], None]) -> Iterator[None]:
        """Hand presses to `receive` instead, none of them ever posted: the keypad is a PIN pad meanwhile."""
        assert self._diversion is None, "one PIN is entered at a time"
        self._diversion = receive
        try:
            yield
        finally:
            self._diversion = None

    async def close(self) -> None:
        """Stop posting and let go of the device."""
        self._sink = None
        await self._listener.close()

    def _hear(self, data: bytes) -> None:
        for moved in self._events.feed(data):
            if moved.down:
                self._down.add(moved.code)
                self._spoilt = self._spoilt or len(self._down) > 1
                self._press(moved.code)
            else:
                self._down.discard(moved.code)
                self._spoilt = self._spoilt and bool(self._down)

    def _press(self, code: int) -> None:
        key = self._keys.get(code)
        if key is None:
            return
        if self._diversion is not None:
            if not self._spoilt:
                self._diversion(key)
        elif self._sink is not None:
            self._sink.post(KeyPressed(key))

    def _forget(self) -> None:
        """Nothing is held down on a keypad that is gone."""
        self._events.forget()
        self._down.clear()
        self._spoilt = False
