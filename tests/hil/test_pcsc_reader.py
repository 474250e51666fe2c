"""The PC/SC reader with the test cards of the bench in a real pcscd: whole sales, and all that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.bench.cards import Fault
from drivers.pcsc.choice import ReaderChoice
from firmware.emv.outcome import Verdict
from firmware.hal import CardInserted, CardTaken
from firmware.hal.errors import CardError, CardMute, CardRemoved, ReaderMissing
from firmware.units import Millis
from tests.contract.bench_wiring import Events
from tests.hil.pcscd import READERS, Pcscd, running
from tests.hil.played import played
from tests.hil.sale import PATIENCE, sell, sell_in_memory

if TYPE_CHECKING:
    from drivers.pcsc.reader import PcscReader

SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")
INSERTED, TAKEN = CardInserted(READERS[0]), CardTaken(READERS[0])


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Pcscd]:
    with running(tmp_path) as pcscd:
        yield pcscd


@pytest.fixture
def own_daemon(daemon: Pcscd) -> Pcscd:
    if daemon.is_the_systems:
        pytest.skip("a pcscd runs here already, and a test does not kill it")
    return daemon


BOUNCED = (INSERTED, TAKEN, INSERTED)


async def come(events: Events, *expected: object) -> None:
    """Wait until the reader has posted exactly this since the last time.

    On a busy machine pcscd may see a virtual card lose its contact as it comes, as a real one may; the reader then says
    that it has left and is back, which is no more than true.
    """
    for _ in range(100):
        if len(events.posted) >= len(expected):
            break
        await asyncio.sleep(0.05)
    while tuple(events.posted[:3]) == BOUNCED:
        del events.posted[:2]
    assert events.posted == list(expected)
    events.posted.clear()


def watching(
    scene: Callable[[PcscReader, Events], Awaitable[None]], wanted: str | int = READERS[0], look_every_s: float = 0.03
) -> None:
    """Play a scene with a reader that has been started."""
    from drivers.pcsc.reader import PcscReader  # noqa: PLC0415 - a machine without pyscard skips the tests

    async def main() -> None:
        reader, events = PcscReader(ReaderChoice(wanted), look_every_s=look_every_s), Events()
        reader.start(events)
        try:
            await scene(reader, events)
        finally:
            await reader.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "name", ["up-debit", "visa-sign", "plain-offline-pin", "mc-offline-pin", "cda", "sda-only", "two-apps", "script"]
)
def test_sale_through_pcscd_is_the_sale_in_memory_byte_for_byte(daemon: Pcscd, name: str) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, name):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)
            assert await sell(card, name) == await sell_in_memory(name)
            await card.power_off()
        await come(events, TAKEN)

    watching(scene)


def test_two_slots_are_told_apart_by_name_and_by_place(daemon: Pcscd) -> None:
    async def second(reader: PcscReader, events: Events) -> None:
        with played(daemon, "up-debit", slot=0), played(daemon, "visa-sign", slot=1):
            await come(events, CardInserted(reader.name))
            card = await reader.power_on(PATIENCE)
            assert (await sell(card, "visa-sign")).outcome.verdict is Verdict.APPROVED
        await come(events, CardTaken(reader.name))

    for wanted in ("Virtual PCD 00 01", "00 01", 1):
        watching(second, wanted)


def test_name_that_fits_two_readers_names_them_both(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with pytest.raises(ReaderMissing, match=r"more than one .*00 00.*00 01"):
            await reader.power_on(PATIENCE)

    watching(scene, "Virtual")


@pytest.mark.parametrize("number", [1, 2, 5, 9])
def test_card_pulled_at_a_command_has_left_and_the_next_card_works(daemon: Pcscd, number: int) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "no-cvm", fault=Fault(pull_at_apdu=number)):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)
            assert (await sell(card, "no-cvm")).outcome.verdict is Verdict.CARD_REMOVED
            await come(events, TAKEN)
        await sells_well(daemon, reader, events)

    watching(scene)


async def sells_well(daemon: Pcscd, reader: PcscReader, events: Events) -> None:
    """Put a good card in, sell, and take it out."""
    with played(daemon, "no-cvm"):
        await come(events, INSERTED)
        card = await reader.power_on(PATIENCE)
        assert (await sell(card, "no-cvm")).outcome.verdict is Verdict.APPROVED
    await come(events, TAKEN)


def test_card_that_falls_silent_is_given_up_in_time_and_the_next_card_works(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "no-cvm", fault=Fault(mute_at_apdu=3)):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)
            began = asyncio.get_running_loop().time()
            assert (await sell(card, "no-cvm", Millis(300))).outcome.verdict is Verdict.CARD_ERROR
            await card.power_off()
            assert asyncio.get_running_loop().time() - began < 2
            with pytest.raises(CardMute, match="still waits"):
                await reader.power_on(Millis(100))
        await come(events, TAKEN)
        await sells_well(daemon, reader, events)

    watching(scene)


def test_slow_card_is_waited_for(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "no-cvm", fault=Fault(slow_ms=60)):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)
            began = asyncio.get_running_loop().time()
            sale = await sell(card, "no-cvm")
            assert sale == await sell_in_memory("no-cvm")
            assert asyncio.get_running_loop().time() - began >= 0.06 * len(sale.exchanges)

    watching(scene)


def test_card_slower_than_the_time_out_is_mute(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "no-cvm", fault=Fault(slow_ms=600)):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)
            with pytest.raises(CardMute, match="100 ms"):
                await card.transmit(SELECT, Millis(100))
            with pytest.raises(CardRemoved):
                await card.transmit(SELECT, PATIENCE)
            again = await reader.power_on(PATIENCE)
            assert (await again.transmit(SELECT, PATIENCE)).endswith(b"\x90\x00")

    watching(scene)


def test_garbage_ends_as_a_card_error(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "garbage"):
            await come(events, INSERTED)
            sale = await sell(await reader.power_on(PATIENCE), "garbage")
            assert sale == await sell_in_memory("garbage")

    watching(scene)


def test_pcscd_killed_and_started_again_is_found_and_sells(own_daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(own_daemon, "no-cvm"):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)
            own_daemon.kill()
            with pytest.raises(CardError):
                await card.transmit(SELECT, PATIENCE)
            await card.power_off()
            await come(events, TAKEN)
            with pytest.raises(ReaderMissing, match="pcscd"):
                await reader.power_on(PATIENCE)
        own_daemon.start()
        await sells_well(own_daemon, reader, events)

    watching(scene)


def test_reader_unplugged_with_a_card_in_it_is_watched_for_until_it_is_back(own_daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(own_daemon, "no-cvm"):
            await come(events, INSERTED)
            own_daemon.stop()
        own_daemon.start_without_readers()
        await come(events, TAKEN)
        with pytest.raises(ReaderMissing, match="no card reader 'Virtual PCD 00 00'"):
            await reader.power_on(PATIENCE)
        own_daemon.stop()
        own_daemon.start()
        await sells_well(own_daemon, reader, events)

    watching(scene)


def test_pcscd_that_starts_after_the_reader_is_found(own_daemon: Pcscd) -> None:
    own_daemon.stop()

    async def scene(reader: PcscReader, events: Events) -> None:
        with pytest.raises(ReaderMissing, match="does not run"):
            await reader.power_on(PATIENCE)
        own_daemon.start()
        await sells_well(own_daemon, reader, events)

    watching(scene)


def test_reader_that_another_program_holds_is_named_for_it(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "no-cvm"):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)

            async def another(reader: PcscReader, events: Events) -> None:
                with pytest.raises(ReaderMissing, match="another program"):
                    await reader.power_on(PATIENCE)

            await asyncio.to_thread(watching, another)
            assert (await sell(card, "no-cvm")).outcome.verdict is Verdict.APPROVED

    watching(scene)


def test_card_changed_between_two_looks_is_told_as_another(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "no-cvm"):
            await come(events, INSERTED)
        with played(daemon, "up-debit"):
            await come(events, TAKEN, INSERTED)
            assert (await sell(await reader.power_on(PATIENCE), "up-debit")).outcome.verdict is Verdict.APPROVED

    watching(scene, look_every_s=1.5)


def test_command_cancelled_leaves_the_reader_ready(daemon: Pcscd) -> None:
    async def scene(reader: PcscReader, events: Events) -> None:
        with played(daemon, "no-cvm", fault=Fault(slow_ms=300)):
            await come(events, INSERTED)
            card = await reader.power_on(PATIENCE)
            asking = asyncio.create_task(card.transmit(SELECT, PATIENCE))
            await asyncio.sleep(0.05)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            again = await reader.power_on(PATIENCE)
            assert (await again.transmit(SELECT, PATIENCE)).endswith(b"\x90\x00")

    watching(scene)
