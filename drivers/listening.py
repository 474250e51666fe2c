"""Listens to a file of the kernel's for as long as it is there, and looks for it again when it is gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from drivers.descriptor import Descriptor
from firmware.units import Millis

LOOK_S: Final = (0.5, 1.0, 2.0)
"""How long until the next look for a device that is unplugged; the last goes on."""
_PATIENCE: Final = Millis(3_600_000)


class Listener:
    """Hands all that a device says to `heard`; `lost` is called when it goes, whatever it was at.

    `open_line` returns a descriptor, and raises OSError or ValueError while the device is not there.
    """

    def __init__(
        self, open_line: Callable[[], int], heard: Callable[[bytes], None], lost: Callable[[], None] = lambda: None
    ) -> None:
        self._open_line = open_line
        self._heard = heard
        self._lost = lost
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, once; a device that is unplugged is waited for."""
        assert self._listening is None, "a device is listened to once"
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def close(self) -> None:
        """Listen no more; may be called more than once."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    async def _listen(self) -> None:
        looks = 0
        while True:
            try:
                line = Descriptor(self._open_line())
            except (OSError, ValueError):
                await asyncio.sleep(LOOK_S[min(looks, len(LOOK_S) - 1)])
                looks += 1
                continue
            looks = 0
            try:
                while True:
                    data = await line.read(_PATIENCE)
                    if data:
                        self._heard(data)
            except OSError:
                self._lost()
            finally:
                line.close()
