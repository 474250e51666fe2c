"""A keypad as PIN pad: taken over while a PIN is typed, so that no digit becomes an event.

Owned here: every key looks and sounds the same, and a PIN that is not handed over is overwritten on every way out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol, runtime_checkable

from drivers.keypad_pin.typed_pin import TypedPin
from firmware.hal import Beep, Display, Key, Panel
from firmware.hal.errors import EntryCancelled, EntryTimedOut
from firmware.surfaces import Frame
from firmware.units import Millis

KEYS_WAITING_MAX: Final = 32
"""How many presses may wait while the pad is at work; more are dropped with an error sound."""


@runtime_checkable
class DivertibleKeypad(Protocol):
    """A keypad whose presses can go to a PIN pad; meanwhile only a key that is down alone may count."""

    def diverted(self, receive: Callable[[Key], None]) -> AbstractContextManager[None]:
        """Hand presses to `receive` instead of posting them, as long as the context lasts."""
        ...


class KeypadPinPad:
    """Takes PINs on a keypad, shown on the display as asterisks that the caller's frames draw."""

    def __init__(self, keypad: DivertibleKeypad, display: Display, panel: Panel) -> None:
        self._keypad = keypad
        self._display = display
        self._panel = panel

    async def enter(
        self, screen: Callable[[int], Frame], lengths: frozenset[int], timeout_ms: Millis
    ) -> TypedPin | None:
        """Take a PIN, or None for a bypass; on every way out the digits typed are overwritten.

        Raises: EntryCancelled, EntryTimedOut.
        """
        assert lengths, "some length must be allowed"
        assert lengths <= {0, *range(4, 13)}, "a PIN has 4 to 12 digits"
        entry = _Entry(max(lengths))
        keys: asyncio.Queue[Key] = asyncio.Queue(KEYS_WAITING_MAX)

        def take(key: Key) -> None:
            if keys.full():
                self._panel.beep(Beep.ERROR)
            else:
                keys.put_nowait(key)

        with self._keypad.diverted(take):
            try:
                while True:
                    self._display.show(screen(entry.count))
                    key = await self._next(keys, timeout_ms)
                    if key is Key.ENTER and entry.count in lengths:
                        self._panel.beep(Beep.KEY)
                        return entry.take()
                    self._panel.beep(Beep.KEY if entry.press(key) else Beep.ERROR)
            finally:
                entry.wipe()

    async def _next(self, keys: asyncio.Queue[Key], timeout_ms: Millis) -> Key:
        """Return the next key. Raises: EntryCancelled, EntryTimedOut."""
        if keys.empty():
            self._panel.attend(waiting=True)
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                key = await keys.get()
        except TimeoutError:
            raise EntryTimedOut(f"no key was pressed for {timeout_ms} ms") from None
        finally:
            self._panel.attend(waiting=False)
        if key is Key.CANCEL:
            raise EntryCancelled("CANCEL was pressed on the PIN pad")
        return key


class _Entry:
    """The digits typed so far."""

    def __init__(self, most: int) -> None:
        self._digits = bytearray(most)
        self.count = 0

    def press(self, key: Key) -> bool:
        """Type a digit, or erase all with CLEAR; False for a key that does nothing here, such as `00`."""
        if key is Key.CLEAR:
            self.wipe()
            return True
        if len(key.digits) != 1 or self.count == len(self._digits):
            return False
        self._digits[self.count] = ord(key.digits)
        self.count += 1
        return True

    def take(self) -> TypedPin | None:
        """Hand the digits over, None where there are none; nothing is left here."""
        if self.count == 0:
            return None
        digits = bytearray(self._digits[: self.count])
        self.wipe()
        return TypedPin(digits)

    def wipe(self) -> None:
        """Overwrite all digits."""
        self._digits[:] = bytes(len(self._digits))
        self.count = 0
