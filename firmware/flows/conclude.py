"""How an errand by card ends: the answer is told, and its slip printed. The chip's way has its own end before this."""

from __future__ import annotations

from firmware.flows.authorise import Approved, Authorisation, Offline
from firmware.flows.decline import tell_declined
from firmware.flows.paper import Told, print_receipt
from firmware.hal import Beep
from firmware.journal import Phase, Record
from firmware.terminal import Terminal


def told_approved(record: Record, text_id: str) -> Told:
    """The screen of an approval: `text_id`, or what is still to be paid where only a part was approved."""
    assert record.card is not None, "who paid by card has a card"
    values = {"amount": record.approved.decimal(), "card": record.card.pan_masked}
    if record.approved < record.amount:
        return Told("partly_approved", {"rest": (record.amount - record.approved).decimal(), **values})
    return Told(text_id, values)


async def conclude(t: Terminal, heard: Authorisation, text_id: str) -> Record | None:
    """Tell what the acquirer has said, and print; None where no money has moved.

    Raises: Tampered; StorageFailed - the record keeps its duty.
    """
    if isinstance(heard, Approved):
        t.devices.panel.beep(Beep.OK)
        return await print_receipt(t, heard.record, told_approved(heard.record, text_id))
    record = t.journal.advance(heard.record, Phase.DECLINED) if isinstance(heard, Offline) else heard.record
    await tell_declined(t, record)
    return None
