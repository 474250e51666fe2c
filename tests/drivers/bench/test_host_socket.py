"""The bench terminal's line to the acquirer before anybody has said where it leads, and when it is unplugged."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drivers.bench.host_socket import BenchHost
from drivers.bench.wire import HostLine
from firmware.hal.errors import LinkLost, LinkRefused, LinkTimedOut
from firmware.units import Millis
from tests.certificates import authority
from tests.contract.bench_wiring import Outside, settled
from tests.contract.host_wiring import Listener, server_context

PATIENCE = Millis(5_000)


def test_connect_waits_for_the_bench_to_say_where_the_line_leads(tmp_path: Path) -> None:
    async def scene() -> None:
        outside, listener = Outside(), Listener(server_context(tmp_path))
        await listener.listen()
        channel = BenchHost(outside.harness)
        with pytest.raises(LinkTimedOut):
            await channel.connect(Millis(20))
        with pytest.raises(LinkLost):
            await channel.send(b"early", PATIENCE)
        connecting = asyncio.create_task(channel.connect(PATIENCE))
        await asyncio.sleep(0)
        outside.say(HostLine(listener.port, str(authority().write(tmp_path / "ca.pem"))))
        await connecting
        await channel.send(b"hello", PATIENCE)
        assert await listener.heard() == b"hello"
        await channel.close()
        await listener.stop()

    asyncio.run(scene())


def test_line_unplugged_ends_the_connection_and_refuses_until_it_is_plugged_in_again(tmp_path: Path) -> None:
    async def scene() -> None:
        outside, listener = Outside(), Listener(server_context(tmp_path))
        await listener.listen()
        channel = BenchHost(outside.harness)
        line = HostLine(listener.port, str(authority().write(tmp_path / "ca.pem")))
        outside.say(line)
        await channel.connect(PATIENCE)
        receiving = asyncio.create_task(channel.receive(PATIENCE))
        await settled()
        outside.say(HostLine())
        with pytest.raises(LinkLost):
            await receiving
        with pytest.raises(LinkRefused, match="unplugged"):
            await channel.connect(PATIENCE)
        outside.say(line)
        await settled()
        await channel.connect(PATIENCE)
        assert listener.connections == 2
        await channel.close()
        await listener.stop()

    asyncio.run(scene())


def test_ca_that_cannot_be_read_is_a_refusal_and_no_crash(tmp_path: Path) -> None:
    async def scene() -> None:
        outside = Outside()
        channel = BenchHost(outside.harness)
        outside.say(HostLine(1, str(tmp_path / "none.pem")))
        await settled()
        with pytest.raises(LinkRefused, match=r"none\.pem"):
            await channel.connect(PATIENCE)

    asyncio.run(scene())
