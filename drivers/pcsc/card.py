"""A chip card with power, behind PC/SC: time-outs and cancelling around a connection that knows neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from drivers.pcsc.connection import Connection
from drivers.pcsc.worker import Worker
from firmware.hal.errors import CardMute, CardRemoved
from firmware.units import Millis

T = TypeVar("T")

_POWER_OFF_S: Final = 0.5


class PcscCard:
    """One power-up of a card, with a worker of its own; it is of no more use once it has failed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._worker = Worker()
        self._ended: asyncio.Future[None] | None = None
        self._atr = b""

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._atr

    async def power_on(self, timeout_ms: Millis) -> None:
        """Power the card up. Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing."""
        self._atr = await self._call(self._connection.open, timeout_ms)

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        """Send one command APDU and return the response APDU.

        Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing.
        """
        assert 4 <= len(command) <= 261, len(command)
        return await self._call(lambda: self._connection.transmit(command), timeout_ms)

    async def power_off(self) -> None:
        """Take the power from the card; a card that hangs loses it when pcscd gives up on it."""
        await self.ended(_POWER_OFF_S)

    def let_go(self) -> asyncio.Future[None]:
        """Take the power from the card as soon as the call that runs has returned; the future tells when."""
        if self._ended is None:
            self._ended = self._worker.end(self._connection.close)
        return self._ended

    async def ended(self, patience_s: float) -> bool:
        """Let go, and wait a while for it; False where a call still hangs."""
        done, _ = await asyncio.wait({self.let_go()}, timeout=patience_s)
        return bool(done)

    async def _call(self, work: Callable[[], T], timeout_ms: Millis) -> T:
        """Let the worker do it; whatever comes between, the card is let go."""
        if self._ended is not None:
            raise CardRemoved("this card has left the slot, or has no power")
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                return await self._worker.call(work)
        except TimeoutError:
            self.let_go()
            raise CardMute(f"the card said nothing for {timeout_ms} ms") from None
        except BaseException:
            self.let_go()
            raise
