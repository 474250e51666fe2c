"""Giving a card back: the slot is watched, with beeps, until it is empty."""

from __future__ import annotations

from typing import Final

from firmware.events import NothingHappened
from firmware.flows.dialogue import Tampered, refuse
from firmware.hal import Beep, CardTaken, TamperDetected
from firmware.terminal import Terminal
from firmware.units import Millis

REMIND_MS: Final = Millis(1_500)
REMINDERS_MAX: Final = 200
"""Five minutes of reminding; then the terminal is idle with the card still in its slot."""


async def await_removal(t: Terminal) -> None:
    """Remind by beeps until no card stands in the slot. Raises: Tampered."""
    for _ in range(REMINDERS_MAX):
        if not t.events.card_in:
            return
        try:
            event = await t.events.take(REMIND_MS)
        except NothingHappened:
            t.devices.panel.beep(Beep.ATTENTION)
            continue
        match event:
            case CardTaken():
                continue
            case TamperDetected():
                raise Tampered("the enclosure was opened")
            case _:
                refuse(t)
