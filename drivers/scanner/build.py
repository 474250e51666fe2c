"""The scanner, as a board asks for it."""

from __future__ import annotations

from functools import partial

from drivers.hid.device import open_alone
from drivers.hid.options import device_of
from drivers.hid.typing import Typist
from drivers.place import Options, Place
from drivers.scanner.reader import LineScanner
from drivers.serial_line import line_of


def serial(options: Options, place: Place) -> LineScanner:
    """On a serial line. Raises: ConfigError."""
    return LineScanner(line_of("scanner", options, place.site.board).open)


def hid(options: Options, place: Place) -> LineScanner:
    """Typing as a keyboard does. Raises: ConfigError."""
    typist = Typist()
    opened = partial(open_alone, device_of("scanner", options, place.site.board))
    return LineScanner(opened, typist.feed, typist.forget)
