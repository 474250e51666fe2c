"""What it needs of the board on a serial line."""

from __future__ import annotations

from pathlib import Path

from drivers.header import serial_line
from drivers.place import Options
from drivers.serial_line import line_of
from firmware.hal.needs import Needs


def serial(options: Options, board: Path) -> Needs:
    """Its line, and nothing else. Raises: ConfigError."""
    return serial_line(line_of("stripe_reader", options, board).device)
