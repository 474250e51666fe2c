"""What `firmware.hal.CardReader` says a chip card reader must do, asked of every reader that there is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.bench.card_readers import BenchCardReader
from drivers.bench.wire import CardAnswer, CardFault
from firmware.hal import Card, CardInserted, CardTaken
from firmware.hal.errors import CardError, CardGarbled, CardMute, CardRemoved
from firmware.units import Millis
from tests.contract.bench_wiring import Events, Outside, settled
from tests.contract.card_slots import ATR, BenchSlot, Slot, Trouble
from tests.contract.pcsc_slot import PcscSlot
from tests.virtual_time import run_virtually

every_reader = pytest.mark.parametrize("build", [BenchSlot, PcscSlot])
Build = type[Slot]

SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")
PATIENCE = Millis(2_000)
TROUBLES = [(Trouble.MUTE, CardMute), (Trouble.GARBLED, CardGarbled), (Trouble.LEAVES, CardRemoved)]


def watching(build: Build, scene: Callable[[Slot, Events], Awaitable[None]]) -> None:
    """Play a scene with a reader that has been started on an empty slot."""

    async def main() -> None:
        slot, events = build(), Events()
        slot.reader.start(events)
        await slot.settled()
        await scene(slot, events)
        await slot.reader.close()
        await slot.reader.close()

    build.play(main)


async def powered(slot: Slot) -> Card:
    slot.insert()
    await slot.settled()
    return await slot.reader.power_on(PATIENCE)


@every_reader
def test_card_inserted_and_taken_is_posted_once_each(build: Build) -> None:
    async def scene(slot: Slot, events: Events) -> None:
        name = slot.reader.name
        for _ in range(3):
            slot.insert()
            await slot.settled()
            slot.remove()
            await slot.settled()
        assert events.posted == [CardInserted(name), CardTaken(name)] * 3

    watching(build, scene)


@every_reader
def test_card_that_stands_in_the_slot_at_the_start_is_posted(build: Build) -> None:
    async def scene() -> None:
        slot, events = build(), Events()
        slot.insert()
        await slot.settled()
        slot.reader.start(events)
        await slot.settled()
        assert events.posted == [CardInserted(slot.reader.name)]
        await slot.reader.close()

    build.play(scene)


@every_reader
def test_slot_that_is_empty_at_the_start_posts_nothing(build: Build) -> None:
    async def scene(_slot: Slot, events: Events) -> None:
        assert events.posted == []

    watching(build, scene)


@every_reader
def test_card_inserted_after_close_is_not_posted(build: Build) -> None:
    async def scene(slot: Slot, events: Events) -> None:
        await slot.reader.close()
        slot.insert()
        await slot.settled()
        assert events.posted == []

    watching(build, scene)


@every_reader
def test_card_powered_on_gives_its_atr_and_answers_commands(build: Build) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        card = await powered(slot)
        assert card.atr == ATR
        slot.will_answer(
            bytes.fromhex("6F1A9000"), bytes.fromhex("6110"), bytes.fromhex("6C13"), bytes(256) + b"\x90\0"
        )
        answers = [await card.transmit(SELECT, PATIENCE) for _ in range(4)]
        assert answers == [bytes.fromhex("6F1A9000"), b"\x61\x10", b"\x6c\x13", bytes(256) + b"\x90\0"]
        assert slot.powered
        await card.power_off()
        await card.power_off()
        await slot.settled()
        assert not slot.powered

    watching(build, scene)


@every_reader
def test_slot_without_a_card_powered_on_says_removed(build: Build) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        with pytest.raises(CardRemoved):
            await slot.reader.power_on(PATIENCE)

    watching(build, scene)


@every_reader
@pytest.mark.parametrize(("trouble", "error"), TROUBLES)
def test_card_in_trouble_at_reset_is_named_for_the_fact(build: Build, trouble: Trouble, error: type[CardError]) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        slot.insert()
        await slot.settled()
        slot.will_answer(trouble)
        start = asyncio.get_running_loop().time()
        with pytest.raises(error):
            await slot.reader.power_on(PATIENCE)
        assert asyncio.get_running_loop().time() - start < 2.5

    watching(build, scene)


@every_reader
@pytest.mark.parametrize(("trouble", "error"), TROUBLES)
def test_card_in_trouble_at_a_command_is_of_no_more_use(build: Build, trouble: Trouble, error: type[CardError]) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        card = await powered(slot)
        slot.will_answer(trouble)
        start = asyncio.get_running_loop().time()
        with pytest.raises(error):
            await card.transmit(SELECT, PATIENCE)
        assert asyncio.get_running_loop().time() - start < 2.5
        with pytest.raises(CardError):
            await card.transmit(SELECT, PATIENCE)
        await card.power_off()
        await slot.settled()
        assert not slot.powered

    watching(build, scene)


@every_reader
def test_card_removed_and_inserted_again_is_another_card(build: Build) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        before = await powered(slot)
        slot.remove()
        await slot.settled()
        after = await powered(slot)
        with pytest.raises(CardError):
            await before.transmit(SELECT, PATIENCE)
        await before.power_off()
        assert await after.transmit(SELECT, PATIENCE) == b"\x90\x00"

    watching(build, scene)


@every_reader
def test_card_that_was_mute_works_after_the_next_reset(build: Build) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        card = await powered(slot)
        slot.will_answer(Trouble.MUTE)
        with pytest.raises(CardMute):
            await card.transmit(SELECT, PATIENCE)
        again = await slot.reader.power_on(PATIENCE)
        assert await again.transmit(SELECT, PATIENCE) == b"\x90\x00"

    watching(build, scene)


@every_reader
def test_errors_of_the_card_hold_no_command(build: Build) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        verify = bytes.fromhex("0020008008241234FFFFFFFFFF")
        for trouble, error in TROUBLES:
            card = await powered(slot)
            slot.will_answer(trouble)
            with pytest.raises(error) as caught:
                await card.transmit(verify, PATIENCE)
            assert "1234" not in repr(caught.value)
            if trouble is not Trouble.LEAVES:
                slot.remove()
                await slot.settled()

    watching(build, scene)


@pytest.mark.parametrize("atr", [b"", b"\x3b", bytes(34)])
def test_bench_answer_to_reset_of_a_wrong_length_is_garbled(atr: bytes) -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        slot.insert()
        await slot.settled()
        slot.will_answer(atr)
        with pytest.raises(CardGarbled):
            await slot.reader.power_on(PATIENCE)
        await slot.settled()
        assert not slot.powered

    watching(BenchSlot, scene)


def test_bench_answer_without_a_status_is_garbled() -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        card = await powered(slot)
        slot.will_answer(b"\x90")
        with pytest.raises(CardGarbled):
            await card.transmit(SELECT, PATIENCE)

    watching(BenchSlot, scene)


def test_bench_answer_that_comes_too_late_is_not_taken_for_the_next() -> None:
    async def scene() -> None:
        outside = Outside()
        reader = BenchCardReader(outside.harness)
        outside.say(CardAnswer(1, ATR))
        outside.say(CardAnswer(2, b"\x90\x00", CardFault.MUTE))
        await settled()
        with pytest.raises(CardRemoved):
            await reader.power_on(PATIENCE)

    run_virtually(scene())


def test_bench_command_cancelled_leaves_the_reader_ready() -> None:
    async def scene(slot: Slot, _events: Events) -> None:
        card = await powered(slot)
        slot.will_answer(Trouble.MUTE)
        asking = asyncio.create_task(card.transmit(SELECT, PATIENCE))
        await slot.settled()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await card.power_off()
        again = await slot.reader.power_on(PATIENCE)
        assert await again.transmit(SELECT, PATIENCE) == b"\x90\x00"

    watching(BenchSlot, scene)
