"""What the line to the acquirer needs: the other end, or the serial line to it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.header import serial_line
from drivers.options import BoardOptions
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Needs, Peer, Socket

_TRUST: Final = ("ca", "certificate", "key")


def tcp_host(content: Options, board: Path) -> Needs:
    """Of a line over TCP: each address answers, and the files of its TLS are there. Raises: ConfigError."""
    options = BoardOptions(board, "host", content)
    port = options.number("port", 1, 65_535)
    mend = "check the network and the address; the acquirer tells which addresses it has"
    peers = [Peer(options.text("address"), port, mend)]
    if options.has("second_address"):
        peers.append(Peer(options.text("second_address"), options.number("second_port", 1, 65_535, port), mend))
    files = (options.file(key) for key in _TRUST if options.has(key))
    trust = (DeviceFile(str(file.absolute()), f"put the acquirer's file at {file}", writes=False) for file in files)
    return Needs(socket=Socket.ETHERNET, machine=(*trust, *peers))


def serial_host(content: Options, board: Path) -> Needs:
    """Of a line over a serial port. Raises: ConfigError."""
    device = BoardOptions(board, "host", content).text("device")
    return serial_line(device)
