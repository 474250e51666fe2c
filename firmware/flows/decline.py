"""A card that was declined: on disk first, then told with its reason, and on paper where the shop wants that."""

from __future__ import annotations

from firmware.flows.card_removal import await_removal
from firmware.flows.paper import Told, print_receipt
from firmware.hal import Beep
from firmware.journal import Phase, Record
from firmware.receipts.slips import decline_reason
from firmware.terminal import Terminal


def abandon(t: Terminal, record: Record) -> Record:
    """Put on disk that `record` came to nothing, before anyone is told. Raises: StorageFailed."""
    return t.journal.advance(record, Phase.ABANDONED)


async def tell_declined(t: Terminal, record: Record) -> None:
    """Say that the card was declined and why, give it back if it is in the slot, and print. Raises: Tampered."""
    reason = t.language.words.text("declines", decline_reason(record))
    told = Told("declined", {"amount": record.amount.decimal(), "reason": reason})
    t.devices.panel.beep(Beep.ERROR)
    t.events.discard_keys()
    told.show(t, "remove_card" if t.events.card_in else "")
    await await_removal(t)
    await print_receipt(t, record, told)
