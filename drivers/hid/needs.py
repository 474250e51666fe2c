"""What a device that types needs of the board: its socket, and the right to read what it types."""

from __future__ import annotations

from pathlib import Path

from drivers.hid.options import device_of
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Needs, Socket


def keypad(options: Options, board: Path) -> Needs:
    """Of a ten-key pad. Raises: ConfigError."""
    return typing("keypad", options, board)


def stripe_reader(options: Options, board: Path) -> Needs:
    """Of a stripe reader. Raises: ConfigError."""
    return typing("stripe_reader", options, board)


def scanner(options: Options, board: Path) -> Needs:
    """Of a scanner. Raises: ConfigError."""
    return typing("scanner", options, board)


def typing(device: str, options: Options, board: Path) -> Needs:
    """Of any of them: the file that its table names. Raises: ConfigError."""
    path = device_of(device, options, board)
    appears = "plug it in; `ls /dev/input/by-id` tells its name, for the board's file"
    return Needs(socket=Socket.USB, claims=(f"the input {path}",), machine=(DeviceFile(path, appears),))
