"""What the kernel may ask of a person, and the PIN it may be given; the flow and the command line answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firmware.emv.outcome import StandardMessage
from firmware.hal import EnteredPin


class PinPrompt(StrEnum):
    """Why a PIN is asked for."""

    FIRST = "first"
    AGAIN = "again"
    LAST_TRY = "last_try"


class NoPin(StrEnum):
    """Why there is no PIN."""

    BYPASSED = "bypassed"
    PAD_BROKEN = "pad_broken"


@dataclass(frozen=True, slots=True)
class ApplicationName:
    """How an application is called to a person: its preferred name, else its label, else its AID in hex."""

    name: str
    needs_confirmation: bool


class Cardholder(Protocol):
    """The person behind the kernel's questions. CANCEL and silence raise, and end the transaction."""

    async def choose(self, names: Sequence[ApplicationName], *, again: bool) -> int:
        """Return the place of the chosen application. `again`: the one chosen before did not work.

        Raises: EntryCancelled, EntryTimedOut.
        """
        ...

    async def confirm(self, name: ApplicationName) -> bool:
        """Whether the one application may be used. Raises: EntryCancelled, EntryTimedOut."""
        ...

    async def enter_pin(self, prompt: PinPrompt, *, online: bool) -> EnteredPin | NoPin:
        """Take a PIN, for the issuer (`online`) or for the card. Raises: EntryCancelled, EntryTimedOut."""
        ...

    def tell(self, message: StandardMessage) -> None:
        """Show one of the standard messages; returns at once."""
        ...
