"""Cash advance 取现: the shop hands over cash, and the card is charged with it."""

from __future__ import annotations

from firmware.emv.session import TransactionType
from firmware.flows.by_card import by_card
from firmware.flows.errand import Errand
from firmware.flows.offered import tell_unless_offered
from firmware.flows.typed import type_amount
from firmware.host.values import Transaction
from firmware.journal import Kind, Record
from firmware.terminal import Terminal


async def cash_advance(t: Terminal) -> Record | None:
    """Ask for an amount and a card, and charge it; None where it was declined: no cash is handed over then.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was charged; OutcomeUnknown.
    """
    if not await tell_unless_offered(t, Transaction.CASH_ADVANCE):
        return None
    amount = await type_amount(t, t.language.words.text("menu", "cash_advance"))
    return await by_card(t, Errand(Kind.CASH_ADVANCE, Transaction.CASH_ADVANCE, amount, purpose=TransactionType.CASH))
