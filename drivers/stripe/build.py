"""The stripe reader, as a board asks for it."""

from __future__ import annotations

from functools import partial

from drivers.hid.device import open_alone
from drivers.hid.options import device_of
from drivers.hid.typing import Typist
from drivers.place import Options, Place
from drivers.serial_line import line_of
from drivers.stripe.reader import LineStripeReader


def serial(options: Options, place: Place) -> LineStripeReader:
    """On a serial line. Raises: ConfigError."""
    return LineStripeReader(line_of("stripe_reader", options, place.site.board).open)


def hid(options: Options, place: Place) -> LineStripeReader:
    """Typing as a keyboard does. Raises: ConfigError."""
    typist = Typist()
    opened = partial(open_alone, device_of("stripe_reader", options, place.site.board))
    return LineStripeReader(opened, typist.feed, typist.forget)
