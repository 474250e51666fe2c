"""The PIN of a card whose chip does not ask for it: asked for on the PIN pad, for its issuer alone.

Owned here: when a stripe wants a PIN. Its service code says so (ISO/IEC 7813); without a PIN pad or an acquirer nobody
is asked, and the issuer decides without.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.dialogue import Cancelled, TimedOut, time_of_day, unless_tampered
from firmware.flows.errand import Errand
from firmware.hal import EnteredPin
from firmware.hal.errors import DeviceMissing, DisplayFailed, EntryCancelled, EntryTimedOut
from firmware.log import LogEvent, log
from firmware.screens.entry import pin_entry
from firmware.screens.look import compose
from firmware.stripe import PinRule
from firmware.surfaces import Frame
from firmware.terminal import Terminal
from firmware.wording import pin_prompt_words

PIN_LENGTHS: Final = frozenset(range(4, 13))
"""ISO 9564-1: 4 to 12 digits."""
BYPASS: Final = 0
REQUIRED: Final = "required"
SKIPPABLE: Final = "first"
"""The prompts: one under which a PIN must be typed, one under which ENTER alone goes on without."""


async def take_pin(t: Terminal, errand: Errand, rule: PinRule) -> EnteredPin | None:
    """Ask for the PIN as the card's service code, or the shop's rule, wants it; None where there is none.

    Whoever gets it must forget it. Raises: Cancelled, TimedOut, Tampered.
    """
    pad = t.devices.pin_pad
    if rule is PinRule.NOT_ASKED or pad is None or t.acquirer is None or t.devices.display.failed:
        return None
    required = rule is PinRule.REQUIRED
    prompt = REQUIRED if required else SKIPPABLE
    words = t.language.words
    refusal = t.pin_gate.refusal(prompt, words.language, pin_prompt_words(words, prompt))
    if refusal is not None:
        log.error(LogEvent.PIN_REFUSED, fact=refusal, why=t.pin_gate.fault)
        return None

    def screen(typed: int) -> Frame:
        values = {"amount": errand.shown(words), "note": words.text("pin_prompts", prompt)}
        return compose(words, "enter_pin", pin_entry(typed), time_of_day(t), **values)

    lengths = PIN_LENGTHS if required else PIN_LENGTHS | {BYPASS}
    t.events.discard_keys()
    try:
        return await unless_tampered(t, pad.enter(screen, lengths, t.parameters.waits.entry))
    except EntryCancelled as error:
        raise Cancelled("the PIN was cancelled") from error
    except EntryTimedOut as error:
        raise TimedOut("nobody typed the PIN") from error
    except (DeviceMissing, DisplayFailed):
        return None
