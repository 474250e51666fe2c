"""The file of a typing device, taken for this program alone: what it types must reach nobody else."""

from __future__ import annotations

import fcntl
import os
from typing import Final

EVIOCGRAB: Final = 0x40044590
"""_IOW('E', 0x90, int), linux/input.h."""


def open_alone(path: str) -> int:
    """Open `path` and grab it; what it types goes to no console. Raises: OSError."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(number, EVIOCGRAB, 1)
    except BaseException:
        os.close(number)
        raise
    return number
