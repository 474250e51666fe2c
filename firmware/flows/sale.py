"""Sale 消费: the amount is known, the customer chooses how to pay: by card, or in cash."""

from __future__ import annotations

from firmware.flows.by_card import Offered, by_card
from firmware.flows.cash_sale import cash_sale
from firmware.flows.errand import sale_of
from firmware.flows.forward import room_to_wait
from firmware.journal import Record
from firmware.terminal import Terminal
from firmware.units import Money


async def sale(t: Terminal, amount: Money, card: Offered | None = None) -> Record | None:
    """Ask how `amount` is paid, and take the payment; None where a card was declined.

    `card` is the one that was offered before the amount was known.
    Raises: Cancelled, TimedOut, Tampered; StorageFailed - nothing was sold; OutcomeUnknown.
    """
    # Where as much waits for the acquirer already as may, only the acquirer can approve.
    errand = sale_of(amount, only_online=not room_to_wait(t, amount))
    return await by_card(t, errand, card, cash=lambda: cash_sale(t, amount))
