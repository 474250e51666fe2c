"""Slots for the contract of card readers: a reader, and the hand and the card in front of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Protocol

from drivers.bench.card_readers import BenchCardReader
from drivers.bench.devices import Harness
from drivers.bench.link import memory_links
from drivers.bench.wire import CardAnswer, CardCommand, CardFault, CardIn, CardOut, CardPower, Message
from firmware.hal import CardReader
from tests.virtual_time import run_virtually

ATR = bytes.fromhex("3B6500002063CB6600")


class Trouble(StrEnum):
    """What a card does instead of answering."""

    MUTE = "mute"
    GARBLED = "garbled"
    LEAVES = "leaves"


class Slot(Protocol):
    """A reader whose slot a test can reach; the card in it answers as it was told, and 9000 otherwise."""

    @staticmethod
    def play(scene: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run a scene on a loop that suits the reader."""

    @property
    def reader(self) -> CardReader: ...

    @property
    def powered(self) -> bool: ...

    def insert(self) -> None: ...

    def remove(self) -> None: ...

    def will_answer(self, *answers: bytes | Trouble) -> None:
        """What the card makes of the next resets and commands, in order; a reset without such is answered ATR."""

    async def settled(self) -> None:
        """Let what is on its way arrive."""


class BenchSlot:
    """The bench's reader, and the world's end of its wire played by hand."""

    def __init__(self) -> None:
        terminal_side, self._link = memory_links()
        self._reader = BenchCardReader(Harness(terminal_side, lambda _reason: None))
        self._powered = False
        self._answers: deque[bytes | Trouble] = deque()
        self.commands: list[bytes] = []
        self._link.listen(self._heard, lambda _reason: None)

    @staticmethod
    def play(scene: Callable[[], Coroutine[None, None, None]]) -> None:
        run_virtually(scene())

    @property
    def reader(self) -> CardReader:
        return self._reader

    @property
    def powered(self) -> bool:
        return self._powered

    def insert(self) -> None:
        self._link.send(CardIn())

    def remove(self) -> None:
        self._powered = False
        self._link.send(CardOut())

    def will_answer(self, *answers: bytes | Trouble) -> None:
        self._answers.extend(answers)

    async def settled(self) -> None:
        await asyncio.sleep(0.05)

    def _heard(self, message: Message) -> None:
        if isinstance(message, CardPower):
            self._powered = message.on
            if message.on:
                self._answer(message.command_id, ATR)
        elif isinstance(message, CardCommand):
            self.commands.append(message.command)
            self._answer(message.command_id, b"\x90\x00")

    def _answer(self, number: int, ordinary: bytes) -> None:
        match self._answers.popleft() if self._answers else ordinary:
            case Trouble.MUTE:
                pass
            case Trouble.GARBLED:
                self._link.send(CardAnswer(number, b"", CardFault.GARBLED))
            case Trouble.LEAVES:
                self.remove()
            case bytes(data):
                self._link.send(CardAnswer(number, data))
