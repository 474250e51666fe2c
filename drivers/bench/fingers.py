"""The fingers on the keypad: keys go down one at a time, and each waits until the terminal has answered it.

A key is answered when a flow has taken it and then a frame was shown or the terminal waits for a person again. So a
caller that presses keys may look at the screen afterwards and see what they did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from drivers.bench.wire import KeyDown
from firmware.errors import TillberryError
from firmware.hal import Key

PATIENCE_S: Final = 5.0
"""How long one key waits for its answer, in seconds."""

KEYS_MAX: Final = 64
"""The most keys in one call."""


class KeysLeft(TillberryError):
    """The terminal did not take these keys; the first of them may still be taken later, where one runs."""

    def __init__(self, keys: tuple[Key, ...], why: str = "the terminal did not answer in time") -> None:
        super().__init__(f"{why}; keys left: {' '.join(keys) or 'none'}")
        self.keys = keys


@dataclass(slots=True)
class _Press:
    """A key that is down."""

    key_id: int
    key: Key
    answered: asyncio.Future[None]
    taken: bool = False


class Fingers:
    """Presses keys for everybody who asks, in turns.

    `send` carries a key to the terminal; one key waits at most `patience_s` seconds for its answer.
    """

    def __init__(self, send: Callable[[KeyDown], None], patience_s: float) -> None:
        self._send = send
        self._patience_s = patience_s
        self._turn = asyncio.Lock()
        self._listening = asyncio.Event()
        self._press: _Press | None = None
        self._last_id = 0

    async def press(self, keys: Sequence[Key], when: Callable[[], None] = lambda: None) -> None:
        """Press `keys` in order and return when the last is answered; callers take turns.

        `when` is called as the turn comes, and may raise to press nothing. Raises: KeysLeft - a key was not answered
        within the patience, or the terminal died under it.
        """
        left = list(keys)
        async with self._my_turn(left):
            when()
            while left:
                await self._press_first(left)

    def terminal_up(self) -> None:
        """The terminal listens to keys from now on; those that wait go down."""
        self._listening.set()

    def terminal_down(self) -> None:
        """The terminal is gone, and with it the key that was down."""
        self._listening.clear()
        if self._press is not None and not self._press.answered.done():
            self._press.answered.set_exception(ConnectionError("the terminal is gone"))

    def key_taken(self, key_id: int) -> Key | None:
        """A flow took the key of this number; returns it, or None if it is no longer waited for."""
        if self._press is None or self._press.key_id != key_id:
            return None
        self._press.taken = True
        return self._press.key

    def terminal_answered(self) -> None:
        """A frame was shown, or the terminal waits for a person: that answers a key that was taken."""
        if self._press is not None and self._press.taken and not self._press.answered.done():
            self._press.answered.set_result(None)

    @asynccontextmanager
    async def _my_turn(self, keys: Sequence[Key]) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience_s):
                await self._turn.acquire()
        except TimeoutError:
            raise KeysLeft(tuple(keys)) from None
        try:
            yield
        finally:
            self._turn.release()

    async def _press_first(self, left: list[Key]) -> None:
        """Press the first of `left` and drop it from there as soon as it is taken."""
        try:
            async with asyncio.timeout(self._patience_s):
                await self._listening.wait()
                self._last_id += 1
                self._press = _Press(self._last_id, left[0], asyncio.get_running_loop().create_future())
                self._send(KeyDown(self._last_id, left[0]))
                await self._press.answered
        except (TimeoutError, ConnectionError):
            was_taken = self._press is not None and self._press.taken
            raise KeysLeft(tuple(left[1:] if was_taken else left)) from None
        finally:
            self._press = None
        del left[0]
