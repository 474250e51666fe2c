"""The PC/SC reader for the contract of card readers: a real pcscd, and a scripted card in the virtual reader.

The card lives on the test's own event loop, the driver's calls to pcscd in its threads. pcscd asks for the answer to
reset all the time, to see whether the card is there; so a trouble at reset begins with the power and not with the
question.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import ClassVar, Final

from drivers.pcsc.choice import ReaderChoice
from firmware.hal import CardReader
from tests.contract.card_slots import ATR, Trouble
from tests.hil.pcscd import READERS, Pcscd, running

LOOK_EVERY_S: Final = 0.03
PCSCD_LOOKS_EVERY_S: Final = 0.5
SILENCE_S: Final = 2.4
"""Longer than the time-outs of the contract: then the card speaks again, as a reader would give up on it."""
OFF, ON, RESET, TELL_ATR = 0, 1, 2, 4


class PcscSlot:
    """The first virtual slot, and the card in it."""

    daemon: ClassVar[Pcscd]

    def __init__(self) -> None:
        from drivers.pcsc.reader import PcscReader  # noqa: PLC0415 - a machine without pyscard runs the other tests

        self._reader = PcscReader(ReaderChoice(READERS[0]), look_every_s=LOOK_EVERY_S)
        self._answers: deque[bytes | Trouble] = deque()
        self._line: asyncio.StreamWriter | None = None
        self._playing: asyncio.Task[None] | None = None
        self._at_reset: bytes | Trouble = ATR
        self._silent = False
        self.powered = False

    @staticmethod
    def play(scene: Callable[[], Coroutine[None, None, None]]) -> None:
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as PcscSlot.daemon:
            asyncio.run(scene())

    @property
    def reader(self) -> CardReader:
        return self._reader

    def insert(self) -> None:
        line = self.daemon.call_in()
        line.setblocking(False)
        self._playing = asyncio.get_running_loop().create_task(self._play(line))

    def remove(self) -> None:
        self.powered = self._silent = False
        if self._playing is not None:
            self._playing.cancel()

    def will_answer(self, *answers: bytes | Trouble) -> None:
        self._answers.extend(answers)

    async def settled(self) -> None:
        """Wait for the silence of a card to end, then until pcscd and the driver have looked."""
        for _ in range(100):
            if not self._silent:
                break
            await asyncio.sleep(SILENCE_S / 50)
        for _ in range(10):
            await asyncio.sleep((PCSCD_LOOKS_EVERY_S + 3 * LOOK_EVERY_S) / 10)

    async def _play(self, line: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=line)
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                body = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                answer = self._power(body[0]) if len(body) == 1 else self._answer()
                if answer is Trouble.LEAVES:
                    self.powered = False
                    return
                await self._reply(answer, writer)

    def _power(self, control: int) -> bytes | Trouble:
        if control in (ON, RESET):
            if self._answers and isinstance(self._answers[0], Trouble):
                self._at_reset = self._answers.popleft()
            self.powered = True
        elif control == OFF:
            self.powered = False
        return self._at_reset if control == TELL_ATR else b""

    def _answer(self) -> bytes | Trouble:
        return self._answers.popleft() if self._answers else b"\x90\x00"

    async def _reply(self, answer: bytes | Trouble, writer: asyncio.StreamWriter) -> None:
        if answer is Trouble.MUTE:
            self._silent = True
            for _ in range(50):
                await asyncio.sleep(SILENCE_S / 50)
            self._silent = False
        data = {Trouble.MUTE: ATR, Trouble.GARBLED: b"\x90"}[answer] if isinstance(answer, Trouble) else answer
        if data:
            writer.write(len(data).to_bytes(2, "big") + data)
