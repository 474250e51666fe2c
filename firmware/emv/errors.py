"""What a card can do wrong, named for the fact, the tag and the place; never with the card's data."""

from __future__ import annotations

from firmware.errors import TillberryError
from firmware.hal.errors import CardError


class CardDataError(CardError):
    """The card's data is malformed, missing or contradictory.

    `place` says where it stood (`FCI of the selected application`, `record 2 of SFI 1`), `tag` what was wrong, None
    where no tag is to blame. Source: Book 3 §7.5.
    """

    def __init__(self, fact: str, *, place: str, tag: int | None = None) -> None:
        named = "" if tag is None else f" (tag {tag:X})"
        super().__init__(f"{place}: {fact}{named}")
        self.fact = fact
        self.place = place
        self.tag = tag


class CommandRefused(CardError):
    """The card answered a command with a status that ends the transaction. Source: Book 3 §6.3.5."""

    def __init__(self, command: str, status: int) -> None:
        super().__init__(f"{command} was answered {status:04X}")
        self.command = command
        self.status = status


class KernelLimit(CardError):
    """The card made the kernel do more than any card may: commands, records or bytes."""


class ParametersMissing(TillberryError):
    """The terminal has no parameters for what it was asked to do."""

    exit_status = 78
