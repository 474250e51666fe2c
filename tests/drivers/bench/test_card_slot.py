"""The slot of the world with real test cards in it, as the terminal's card reader meets it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.bench.card_readers import BenchCardReader, BenchStripeReader
from drivers.bench.card_slot import NoChip, SlotEmpty, SlotTaken
from drivers.bench.cards import Fault, load_cards
from drivers.bench.devices import BenchDisplay, BenchKeypad, BenchPanel, Harness
from drivers.bench.link import memory_links
from drivers.bench.world import UnknownCard, World
from drivers.keypad_pin.pad import KeypadPinPad
from firmware.hal import CardInserted, CardTaken, Key, StripeSwiped
from firmware.hal.errors import CardError, CardMute, CardRemoved
from firmware.surfaces import Frame
from firmware.units import Millis
from tests.contract.bench_wiring import Events
from tests.virtual_time import run_virtually

CARD = "no-cvm"
SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")
NO_SUCH_INSTRUCTION = bytes.fromhex("80FF0000")
PATIENCE = Millis(5_000)


class Terminal:
    """The card devices of one start of a terminal."""

    def __init__(self, world: World) -> None:
        terminal_side, world_side = memory_links()
        harness = Harness(terminal_side, lambda _reason: None)
        self.reader = BenchCardReader(harness)
        self.stripes = BenchStripeReader(harness)
        self.events = Events()
        world.attach(world_side)
        self.reader.start(self.events)
        self.stripes.start(self.events)


def at_slot(scene: Callable[[World, Terminal], Awaitable[None]]) -> None:
    async def main() -> None:
        world = World()
        terminal = Terminal(world)
        await asyncio.sleep(0.01)
        await scene(world, terminal)

    run_virtually(main())


def card_in(world: World) -> object:
    return world.snapshot()["card"]


def test_card_inserted_is_seen_powered_and_counted() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        assert card_in(world) is None
        world.insert_card(CARD)
        assert card_in(world) == {"name": CARD, "powered": False, "apdus": 0}
        await asyncio.sleep(0.01)
        card = await terminal.reader.power_on(PATIENCE)
        assert card.atr.startswith(b"\x3b")
        assert (await card.transmit(SELECT, PATIENCE)).endswith(b"\x90\x00")
        assert card_in(world) == {"name": CARD, "powered": True, "apdus": 1}
        await card.power_off()
        await asyncio.sleep(0.01)
        assert card_in(world) == {"name": CARD, "powered": False, "apdus": 1}
        world.remove_card()
        await asyncio.sleep(0.01)
        assert card_in(world) is None
        assert terminal.events.posted == [CardInserted("bench"), CardTaken("bench")]

    at_slot(scene)


def test_slot_taken_or_empty_and_cards_that_are_none_are_refused() -> None:
    async def scene(world: World, _terminal: Terminal) -> None:
        with pytest.raises(SlotEmpty):
            world.remove_card()
        with pytest.raises(UnknownCard, match=CARD):
            world.insert_card("gold")
        with pytest.raises(UnknownCard):
            world.swipe_card("gold")
        with pytest.raises(NoChip, match="swipe"):
            world.insert_card("up-stripe")
        world.insert_card(CARD)
        with pytest.raises(SlotTaken, match=CARD):
            world.insert_card(CARD)

    at_slot(scene)


def test_power_cut_takes_the_card_its_power_but_leaves_it_in_the_slot() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        world.insert_card(CARD)
        await asyncio.sleep(0.01)
        await terminal.reader.power_on(PATIENCE)
        world.detach()
        assert card_in(world) == {"name": CARD, "powered": False, "apdus": 0}
        after = Terminal(world)
        await asyncio.sleep(0.01)
        assert after.events.posted == [CardInserted("bench")]
        card = await after.reader.power_on(PATIENCE)
        assert (await card.transmit(SELECT, PATIENCE)).endswith(b"\x90\x00")

    at_slot(scene)


def test_card_put_in_while_the_terminal_is_off_is_found_by_the_next_one() -> None:
    async def scene(world: World, _terminal: Terminal) -> None:
        world.detach()
        world.insert_card(CARD)
        world.swipe_card(CARD)
        after = Terminal(world)
        await asyncio.sleep(0.01)
        assert after.events.posted == [CardInserted("bench")]

    at_slot(scene)


def test_card_that_is_pulled_at_a_command_leaves_the_slot() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        world.insert_card(CARD, Fault(pull_at_apdu=2))
        await asyncio.sleep(0.01)
        card = await terminal.reader.power_on(PATIENCE)
        await card.transmit(SELECT, PATIENCE)
        with pytest.raises(CardRemoved):
            await card.transmit(SELECT, PATIENCE)
        await asyncio.sleep(0.01)
        assert card_in(world) is None
        assert terminal.events.posted == [CardInserted("bench"), CardTaken("bench")]
        world.insert_card(CARD)
        await asyncio.sleep(0.01)
        again = await terminal.reader.power_on(PATIENCE)
        for _ in range(3):
            await again.transmit(SELECT, PATIENCE)

    at_slot(scene)


def test_card_that_goes_mute_is_told_after_its_waiting_time() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        world.insert_card(CARD, Fault(mute_at_apdu=1))
        await asyncio.sleep(0.01)
        card = await terminal.reader.power_on(PATIENCE)
        start = asyncio.get_running_loop().time()
        with pytest.raises(CardMute):
            await card.transmit(SELECT, PATIENCE)
        assert asyncio.get_running_loop().time() - start == pytest.approx(1, abs=0.1)

    at_slot(scene)


def test_card_that_is_slow_answers_in_time_or_not_at_all() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        world.insert_card(CARD, Fault(slow_ms=100))
        await asyncio.sleep(0.01)
        card = await terminal.reader.power_on(PATIENCE)
        start = asyncio.get_running_loop().time()
        await card.transmit(SELECT, PATIENCE)
        assert asyncio.get_running_loop().time() - start == pytest.approx(0.1, abs=0.02)
        with pytest.raises(CardMute):
            await card.transmit(SELECT, Millis(50))
        await asyncio.sleep(1)
        again = await terminal.reader.power_on(PATIENCE)
        assert (await again.transmit(NO_SUCH_INSTRUCTION, PATIENCE)) == bytes.fromhex("6D00")

    at_slot(scene)


def test_card_removed_while_it_thinks_ends_the_command() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        world.insert_card(CARD, Fault(slow_ms=20_000))
        await asyncio.sleep(0.01)
        asking = asyncio.create_task(terminal.reader.power_on(Millis(30_000)))
        await asyncio.sleep(5)
        world.remove_card()
        with pytest.raises(CardRemoved):
            await asking
        await asyncio.sleep(30)
        assert card_in(world) is None

    at_slot(scene)


def test_card_without_power_answers_no_command() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        world.insert_card(CARD)
        await asyncio.sleep(0.01)
        card = await terminal.reader.power_on(PATIENCE)
        await card.power_off()
        with pytest.raises(CardError):
            await card.transmit(SELECT, PATIENCE)

    at_slot(scene)


def test_card_swiped_gives_its_track_or_none_where_it_is_unreadable() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        world.swipe_card("up-stripe")
        world.swipe_card("up-stripe", readable=False)
        await asyncio.sleep(0.01)
        read, unread = terminal.events.posted
        assert isinstance(read, StripeSwiped)
        assert read.track2 is not None
        assert read.track2.reveal() == load_cards()["up-stripe"].track2
        assert unread == StripeSwiped(None)

    at_slot(scene)


def test_changes_of_a_card_hold_nothing_that_was_said_to_it() -> None:
    async def scene(world: World, terminal: Terminal) -> None:
        seq = world.changes.seq
        world.insert_card(CARD)
        await asyncio.sleep(0.01)
        card = await terminal.reader.power_on(PATIENCE)
        await card.transmit(bytes.fromhex("0020008008241234FFFFFFFFFF"), PATIENCE)
        changes = world.changes.after(seq)
        assert changes is not None
        assert [change.name for change in changes] == ["card"] * 3
        assert "1234" not in repr([change.data for change in changes])

    at_slot(scene)


def test_pin_typed_by_the_fingers_is_answered_key_by_key_and_told_as_stars() -> None:
    async def main() -> None:
        world = World()
        terminal_side, world_side = memory_links()
        harness = Harness(terminal_side, lambda _reason: None)
        keypad, panel = BenchKeypad(harness), BenchPanel(harness)
        world.attach(world_side)
        harness.hello({}, {}, "tft-320x240")
        pad = KeypadPinPad(keypad, BenchDisplay(harness, 37, chinese=True), panel)
        entering = asyncio.ensure_future(
            pad.enter(lambda count: Frame("pin", "*" * count), frozenset({4}), PATIENCE),
        )
        await asyncio.sleep(0.01)
        assert not world.busy
        seq = world.changes.seq
        for count, key in enumerate("1234", 1):
            await world.press([Key(key)])
            assert world.frame.title == "*" * count
        world_keys = asyncio.ensure_future(world.press([Key.ENTER]))
        assert await entering is not None
        panel.attend(waiting=True)
        await world_keys
        changes = world.changes.after(seq)
        assert changes is not None
        assert [change.data["key"] for change in changes if change.name == "key"] == [*"****", "ENTER"]

    run_virtually(main())
