"""A card that was declined: told with its reason, given back, and on paper where the shop wants that.

What only the acquirer's books know is told as such: the person must ask there.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.card_removal import await_removal
from firmware.flows.paper import Told, print_receipt
from firmware.flows.sign_on import no_keys
from firmware.hal import Beep
from firmware.journal import Phase, Record
from firmware.receipts.slips import came_to_nothing, decline_reason, response_text
from firmware.surfaces import cell_width
from firmware.terminal import Terminal

_UNASKED: Final = ("no_answer", "Z3")
"""The reasons that say that nobody could be asked."""


async def tell_declined(t: Terminal, record: Record) -> None:
    """Say that the card was declined and why, give it back if it is in the slot, and print.

    `record` has come to a phase without money, which is on disk. Raises: Tampered.
    """
    assert came_to_nothing(record), record.phase
    reason = _reason(t, record)
    text_id = "unresolved" if record.phase is Phase.UNRESOLVED else "declined"
    told = Told(text_id, {"amount": record.amount.decimal(), "reason": reason})
    t.devices.panel.beep(Beep.ERROR)
    t.events.discard_keys()
    told.show(t, "remove_card" if t.events.card_in else "")
    await await_removal(t)
    await print_receipt(t, record, told)


def _reason(t: Terminal, record: Record) -> str:
    """Why, in one line of the screen: the acquirer's own text where it fits."""
    words = t.language.words
    said = response_text(record, t.responses, words.language)
    if 0 < cell_width(said) <= t.devices.display.columns:
        return said
    reason = decline_reason(record)
    return words.text("declines", (no_keys(t) if reason in _UNASKED else None) or reason)
