"""A descriptor on the event loop: what is there at once, what comes later, what never comes, and the end."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from drivers.descriptor import Descriptor, LineEnded
from firmware.units import Millis
from tests.virtual_time import run_virtually

LONG = Millis(60_000)


def pair() -> tuple[Descriptor, socket.socket]:
    near, far = socket.socketpair()
    return Descriptor(near.detach()), far


def test_read_returns_what_is_there_what_comes_and_nothing_when_time_is_over() -> None:
    async def scene() -> None:
        near, far = pair()
        with far:
            assert await near.read(Millis(0)) == b""
            assert await near.read(LONG) == b""
            far.send(b"at once")
            assert await near.read(Millis(0)) == b"at once"
            asyncio.get_running_loop().call_later(1, far.send, b"later")
            assert await near.read(LONG) == b"later"
            far.send(b"forgotten")
            near.forget_input()
            assert await near.read(Millis(0)) == b""
        near.close()
        near.close()

    run_virtually(scene())


def test_end_of_the_other_side_is_told_by_reading_and_by_writing() -> None:
    async def scene() -> None:
        near, far = pair()
        far.close()
        with pytest.raises(LineEnded):
            await near.read(LONG)
        with pytest.raises(OSError, match="Broken pipe"):
            await near.write(b"x", LONG)
        near.close()

    run_virtually(scene())


def test_write_returns_what_was_taken_when_time_is_over_and_goes_on_when_there_is_room() -> None:
    async def scene() -> None:
        near, far = pair()
        with far:
            much = bytes(10_000_000)
            taken = await near.write(much, Millis(500))
            assert 0 < taken < len(much)
            assert await near.write(b"x", Millis(500)) == 0
            asyncio.get_running_loop().call_later(1, far.recv, taken)
            assert await near.write(b"x", LONG) == 1
        near.close()

    run_virtually(scene())


def test_device_that_answers_with_nothing_is_asked_a_few_times_a_second_and_is_not_gone() -> None:
    async def scene() -> None:
        # The null device answers every read at once with nothing, as usblp does for an empty packet.
        printer = Descriptor(os.open(os.devnull, os.O_RDWR), empty_is_end=False)
        loop = asyncio.get_running_loop()
        assert await printer.read(Millis(0)) == b""
        assert loop.time() == 0
        assert await printer.read(Millis(320)) == b""
        assert loop.time() == pytest.approx(0.32)
        printer.close()

    run_virtually(scene())
