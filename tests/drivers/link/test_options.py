"""The board's `[host]` table becomes a channel, and a slip of the pen is named with file and key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from drivers.link.channel import StreamChannel
from drivers.link.options import serial_channel, tcp_channel
from firmware.errors import ConfigError
from firmware.hal.errors import LinkLost
from firmware.units import Millis
from tests.certificates import ADDRESS, authority
from tests.contract.host_wiring import Concentrator, Listener, server_context

PLAIN = {"address": ADDRESS, "port": 5_000, "tls": False}
LINE = {"device": "/dev/ttyUSB0"}
PATIENCE = Millis(5_000)


def test_tcp_of_the_board_speaks_tls_with_files_beside_the_board(tmp_path: Path) -> None:
    async def scene() -> None:
        listener = Listener(server_context(tmp_path, names=("acquirer.example",)))
        await listener.listen()
        authority().write(tmp_path / "ca.pem")
        authority().issue(tmp_path, "terminal")
        table = {
            "address": ADDRESS,
            "port": listener.port,
            "second_address": ADDRESS,
            "ca": "ca.pem",
            "certificate": "terminal.pem",
            "key": "terminal.key",
            "server_name": "acquirer.example",
        }
        channel = tcp_channel(table, tmp_path / "shop.toml")
        await channel.connect(PATIENCE)
        await channel.send(b"ask", PATIENCE)
        assert await listener.heard() == b"ask"
        await channel.close()
        await listener.stop()

    asyncio.run(scene())


def test_tcp_of_the_board_takes_lengths_as_agreed(tmp_path: Path) -> None:
    async def scene() -> None:
        listener = Listener()
        await listener.listen()
        table = {**PLAIN, "port": listener.port, "length": "ascii4", "length_counts_itself": True}
        channel = tcp_channel(table, tmp_path / "shop.toml")
        await channel.connect(PATIENCE)
        await listener.say_raw(b"0010answer")
        assert await channel.receive(PATIENCE) == b"answer"
        await channel.close()
        await listener.stop()

    asyncio.run(scene())


@pytest.mark.parametrize("framing", ["length", "stx"])
def test_serial_of_the_board_speaks_as_agreed(framing: str, tmp_path: Path) -> None:
    async def scene() -> None:
        channel = serial_channel(
            {"device": str(tmp_path / "line"), "baud": 115_200, "parity": "even", "framing": framing, "length": "bcd2"},
            tmp_path / "shop.toml",
        )
        far_end = Concentrator(tmp_path, channel._framing)
        await channel.connect(PATIENCE)
        await far_end.say(b"hello")
        assert await channel.receive(PATIENCE) == b"hello"
        await channel.close()
        far_end.unplug()

    asyncio.run(scene())


def test_serial_line_used_by_another_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        channels = [serial_channel({"device": str(tmp_path / "line")}, tmp_path / "shop.toml") for _ in range(2)]
        far_end = Concentrator(tmp_path, channels[0]._framing)
        await channels[0].connect(PATIENCE)
        with pytest.raises(LinkLost, match="line: another program is using it"):
            await channels[1].connect(PATIENCE)
        await channels[0].close()
        await channels[1].connect(PATIENCE)
        await channels[1].close()
        far_end.unplug()

    asyncio.run(scene())


def test_serial_line_whose_opening_is_cancelled_is_free_again(tmp_path: Path) -> None:
    async def scene() -> None:
        channel = serial_channel({"device": str(tmp_path / "line")}, tmp_path / "shop.toml")
        far_end = Concentrator(tmp_path, channel._framing)
        for steps in range(1, 5):
            connecting = asyncio.create_task(channel.connect(PATIENCE))
            for _ in range(steps):
                await asyncio.sleep(0)
            await channel.close()
            await asyncio.gather(connecting, return_exceptions=True)
        await channel.connect(PATIENCE)
        await far_end.say(b"hello")
        assert await channel.receive(PATIENCE) == b"hello"
        await channel.close()
        far_end.unplug()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("build", "table", "sentence"),
    [
        (tcp_channel, {"port": 1}, "address: is missing"),
        (tcp_channel, {"address": "a b", "port": 1}, "address: must be 1 to 253 characters"),
        (tcp_channel, {"address": ADDRESS, "port": 65_536}, "port: must be 1 to 65535"),
        (tcp_channel, {"address": ADDRESS, "port": "5000"}, "port: must be int, not str"),
        (tcp_channel, {"address": ADDRESS, "port": 1}, "ca: is missing"),
        (tcp_channel, {"address": ADDRESS, "port": 1, "ca": "absent.pem"}, "no CA certificates"),
        (tcp_channel, {"address": ADDRESS, "port": 1, "ca": "ca.pem", "key": "k"}, "certificate: is missing"),
        (tcp_channel, {**PLAIN, "length": "none"}, "length: must be one of binary2, ascii4, bcd2"),
        (tcp_channel, {**PLAIN, "server_name": "x"}, "server_name: is not known here"),
        (tcp_channel, {**PLAIN, "second_port": 1}, "second_port: is not known here"),
        (tcp_channel, {**PLAIN, "ca": "ca.pem"}, "ca: is not known here"),
        (serial_channel, {}, "device: is missing"),
        (serial_channel, {**LINE, "baud": 9_601}, "baud: must be one of"),
        (serial_channel, {**LINE, "parity": "mark"}, "parity: must be one of none, even, odd"),
        (serial_channel, {**LINE, "framing": "slip"}, "framing: must be one of length, stx"),
        (serial_channel, {**LINE, "address": "x"}, "address: is not known here"),
    ],
)
def test_table_that_is_wrong_names_its_key(
    build: Callable[[Mapping[str, object], Path], StreamChannel],
    table: Mapping[str, object],
    sentence: str,
    tmp_path: Path,
) -> None:
    authority().write(tmp_path / "ca.pem")
    with pytest.raises(ConfigError) as caught:
        build(table, tmp_path / "shop.toml")
    assert sentence in str(caught.value)
