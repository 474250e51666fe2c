"""The table of a device that types, of a board file."""

from __future__ import annotations

from pathlib import Path

from drivers.options import BoardOptions
from drivers.place import Options


def device_of(device: str, content: Options, board: Path) -> str:
    """The file that `device` names, such as /dev/input/by-id/usb-...-event-kbd. Raises: ConfigError."""
    options = BoardOptions(board, device, content)
    path = options.text("device")
    options.done()
    return path
