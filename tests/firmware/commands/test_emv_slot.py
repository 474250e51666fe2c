"""`tillberry emv` in front of a reader: waiting for a card, a reader that is not there, Ctrl-C."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.commands.emv.replay import ReplayedCard
from firmware.commands.emv.trace import TracedExchange
from firmware.commands.emv.traced_card import Exchange
from firmware.hal import Card, CardInserted, CardTaken, Event, EventSink
from firmware.hal.errors import CardRemoved, ReaderMissing
from firmware.units import Millis
from tests.firmware.commands.emv_site import BASIC, Desk, Ended, Slot, chip


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def test_reader_without_card_asks_for_one_and_gives_up(desk: Desk) -> None:
    ended = desk.typed(*BASIC, "--wait", "0")

    assert (ended.status, ended.out) == (2, "")
    assert "insert the card: test reader" in ended.err
    assert "no card came within 0 s" in ended.err
    assert desk.slot.closed


def test_reader_that_is_not_there_is_told_at_once(desk: Desk) -> None:
    slot = Unplugged()

    ended = desk.typed(*BASIC, slot=slot)

    assert (ended.status, ended.err) == (2, "tillberry emv: there is no card reader 'test reader'\n")
    assert slot.closed


def test_interrupt_ends_cleanly_with_status_130(desk: Desk) -> None:
    slot = Interrupted()

    ended = desk.typed(*BASIC, slot=slot)

    assert ended == Ended(130, "", "")
    assert slot.closed


def test_reader_gets_its_card_late_and_goes_on(desk: Desk) -> None:
    slot = FilledLate()

    ended = desk.typed(*BASIC, "--json", "--wait", "5", slot=slot)

    assert (ended.status, ended.report["outcome"]) == (0, "approved")
    assert ended.err == "tillberry emv: insert the card: test reader\n"


class FilledLate(Slot):
    """A slot that is empty until somebody asks for a card; a card was in it for a moment before."""

    def __init__(self) -> None:
        super().__init__(chip("no-cvm"))
        self._sink: EventSink | None = None
        self._looks = 0

    def start(self, sink: EventSink) -> None:
        sink.post(CardInserted(self.name), lambda: None)
        sink.post(CardTaken(self.name))
        self._sink = sink

    async def power_on(self, timeout_ms: Millis) -> Card:
        assert self._sink is not None
        self._looks += 1
        if self._looks == 1:
            asyncio.get_running_loop().call_later(0.01, self._sink.post, CardInserted(self.name))
            raise CardRemoved("there is no card in the slot")
        return await super().power_on(timeout_ms)


class JustThere(Slot):
    """A slot whose card comes in the moment that the reader is looked for."""

    def __init__(self) -> None:
        super().__init__(chip("no-cvm"))
        self._sink: EventSink | None = None

    def start(self, sink: EventSink) -> None:
        self._sink = sink

    async def power_on(self, timeout_ms: Millis) -> Card:
        assert self._sink is not None
        self._sink.post(CardInserted(self.name))
        return await super().power_on(timeout_ms)


def test_card_that_comes_at_the_last_moment_is_played(desk: Desk) -> None:
    assert desk.typed(*BASIC, "--wait", "0", slot=JustThere()).status == 0


class Unplugged(Slot):
    """A reader that is not plugged in."""

    def __init__(self) -> None:
        super().__init__(power=ReaderMissing("there is no card reader 'test reader'"))

    def start(self, sink: EventSink) -> None:
        """There is nothing to watch."""


class Interrupted(Slot):
    """Ctrl-C is pressed as soon as the card is powered."""

    def __init__(self) -> None:
        super().__init__(chip("no-cvm"))

    async def power_on(self, timeout_ms: Millis) -> Card:
        raise KeyboardInterrupt


def test_replayed_card_is_always_in_its_slot() -> None:
    posted: list[Event] = []

    class Sink:
        """Honours the hal's EventSink."""

        def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
            posted.append(event)
            return True

    card = ReplayedCard(Path("a.trace"), [TracedExchange(22, Exchange("", b"\x3b\x00", "", 1.0))])
    card.start(Sink())
    asyncio.run(card.close())

    assert posted == [CardInserted(card.name)]
