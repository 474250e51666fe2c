"""Pre-authorisation 预授权: an amount is held on a card, to be completed or let go later."""

from __future__ import annotations

from firmware.flows.by_card import by_card
from firmware.flows.errand import Errand
from firmware.flows.offered import tell_unless_offered
from firmware.flows.typed import type_amount
from firmware.host.values import Transaction
from firmware.journal import Kind, Record
from firmware.terminal import Terminal


async def preauth(t: Terminal) -> Record | None:
    """Ask for an amount and a card, and hold the amount on it; None where it was declined.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was held; OutcomeUnknown.
    """
    if not await tell_unless_offered(t, Transaction.PREAUTH):
        return None
    amount = await type_amount(t, t.language.words.text("menu", "preauth"))
    return await by_card(t, Errand(Kind.PREAUTH, Transaction.PREAUTH, amount))
