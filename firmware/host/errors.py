"""What goes wrong with an acquirer's messages; each error tells a fact and never what a message held."""

from __future__ import annotations

from firmware.errors import TillberryError


class BadMessage(TillberryError):
    """Bytes that are no message of this dialect."""

    exit_status = 65


class BadAnswer(TillberryError):
    """A message that is no valid answer to the question asked; nothing in it may be believed."""

    exit_status = 65


class MacWrong(BadAnswer):
    """An approval whose message authentication code is missing or wrong."""
