"""What `firmware.hal.HostChannel` says a channel to an acquirer must do, asked of every channel that there is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from firmware.hal.errors import LinkError, LinkLost, LinkTimedOut
from firmware.units import Millis
from tests.contract.host_wiring import Outside, Wiring, bench, play, serial_block, serial_length, simulated, tcp, tls

WIRINGS = {
    "simulated": simulated,
    "tcp": tcp,
    "tls": tls,
    "the bench's": bench,
    "serial with a length": serial_length,
    "serial in blocks": serial_block,
}
every_channel = pytest.mark.parametrize("wiring", WIRINGS.values(), ids=WIRINGS.keys())

PATIENCE = Millis(5_000)
MESSAGE = bytes.fromhex("600003000060310031310002003020")


@every_channel
@pytest.mark.parametrize("size", [1, 300, 65_535])
def test_messages_of_any_size_pass_both_ways_unchanged(wiring: Wiring, size: int, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        message = bytes(index * 7 & 0xFF for index in range(size))
        await outside.channel.connect(PATIENCE)
        sending = asyncio.create_task(outside.channel.send(message, PATIENCE))
        assert await outside.heard() == message
        await sending
        saying = asyncio.create_task(outside.say(message))
        assert await outside.channel.receive(PATIENCE) == message
        await saying

    play(wiring, tmp_path, scene)


@every_channel
def test_messages_that_come_together_are_received_one_by_one(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        await outside.say(b"one", b"two", b"three")
        assert [await outside.channel.receive(PATIENCE) for _ in range(3)] == [b"one", b"two", b"three"]

    play(wiring, tmp_path, scene)


@every_channel
def test_connect_by_several_at_once_and_again_makes_one_connection(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await asyncio.gather(*(outside.channel.connect(PATIENCE) for _ in range(5)))
        await outside.channel.connect(PATIENCE)
        await outside.channel.send(MESSAGE, PATIENCE)
        assert await outside.heard() == MESSAGE
        assert outside.connections == 1

    play(wiring, tmp_path, scene)


@every_channel
def test_caller_of_connect_that_gives_up_does_not_end_it_for_others(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        early = asyncio.create_task(outside.channel.connect(PATIENCE))
        other = asyncio.create_task(outside.channel.connect(PATIENCE))
        await asyncio.sleep(0)
        early.cancel()
        await other
        await outside.channel.send(MESSAGE, PATIENCE)
        assert await outside.heard() == MESSAGE

    play(wiring, tmp_path, scene)


@every_channel
def test_channel_never_connected_says_lost(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        with pytest.raises(LinkLost):
            await outside.channel.send(MESSAGE, PATIENCE)
        with pytest.raises(LinkLost):
            await outside.channel.receive(PATIENCE)
        await outside.channel.close()

    play(wiring, tmp_path, scene)


@every_channel
def test_receive_without_a_message_times_out_and_leaves_the_connection(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        began = asyncio.get_running_loop().time()
        with pytest.raises(LinkTimedOut):
            await outside.channel.receive(Millis(30))
        assert asyncio.get_running_loop().time() - began < 2
        await outside.say(b"late")
        assert await outside.channel.receive(PATIENCE) == b"late"

    play(wiring, tmp_path, scene)


@every_channel
def test_message_that_is_there_is_received_without_any_time(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        await outside.say(b"one", b"two")
        assert await outside.channel.receive(PATIENCE) == b"one"
        assert await outside.channel.receive(Millis(0)) == b"two"

    play(wiring, tmp_path, scene)


@every_channel
def test_far_end_that_hangs_up_ends_the_waiting(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        waiting = asyncio.create_task(outside.channel.receive(PATIENCE))
        await asyncio.sleep(0.01)
        await outside.hang_up()
        with pytest.raises(LinkLost):
            await waiting
        with pytest.raises(LinkLost):
            await outside.channel.receive(PATIENCE)

    play(wiring, tmp_path, scene)


@every_channel
def test_connection_lost_while_idle_is_made_anew(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        await outside.hang_up()
        await asyncio.sleep(0.05)
        await outside.channel.connect(PATIENCE)
        await outside.channel.send(MESSAGE, PATIENCE)
        assert await outside.heard() == MESSAGE
        await outside.say(b"answer")
        assert await outside.channel.receive(PATIENCE) == b"answer"

    play(wiring, tmp_path, scene)


@every_channel
def test_connection_closed_can_be_opened_again(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        await outside.channel.close()
        await outside.channel.close()
        with pytest.raises(LinkLost):
            await outside.channel.send(MESSAGE, PATIENCE)
        await outside.channel.connect(PATIENCE)
        await outside.channel.send(MESSAGE, PATIENCE)
        assert await outside.heard() == MESSAGE

    play(wiring, tmp_path, scene)


@every_channel
def test_close_ends_what_another_task_waits_for(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        waiting = asyncio.create_task(outside.channel.receive(PATIENCE))
        await asyncio.sleep(0.01)
        await outside.channel.close()
        with pytest.raises(LinkLost):
            await waiting

    play(wiring, tmp_path, scene)


@every_channel
def test_close_ends_a_connection_that_is_being_made(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        connecting = asyncio.create_task(outside.channel.connect(PATIENCE))
        await asyncio.sleep(0)
        await outside.channel.close()
        with pytest.raises(LinkLost):
            await connecting

    play(wiring, tmp_path, scene)


@every_channel
def test_far_end_that_is_not_there_is_told_at_once(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.refuse()
        began = asyncio.get_running_loop().time()
        with pytest.raises(LinkError) as caught:
            await outside.channel.connect(PATIENCE)
        assert not isinstance(caught.value, LinkTimedOut)
        assert asyncio.get_running_loop().time() - began < 2

    play(wiring, tmp_path, scene)


@every_channel
def test_errors_hold_nothing_of_a_message(wiring: Wiring, tmp_path: Path) -> None:
    async def scene(outside: Outside) -> None:
        await outside.channel.connect(PATIENCE)
        await outside.say(b"6224242900000113")
        await outside.hang_up()
        await asyncio.sleep(0.05)
        with pytest.raises(LinkLost) as caught:
            await outside.channel.send(b"6224242900000113", PATIENCE)
        assert "6224" not in repr(caught.value)

    play(wiring, tmp_path, scene)
