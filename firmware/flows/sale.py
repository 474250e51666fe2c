"""Sale 消费: the amount is known, the customer chooses how to pay."""

from __future__ import annotations

from firmware.flows.cash_sale import cash_sale
from firmware.flows.dialogue import Cancelled, choose, show
from firmware.hal import Key
from firmware.journal import Record
from firmware.terminal import Terminal
from firmware.units import Money


async def sale(t: Terminal, amount: Money) -> Record:
    """Ask how `amount` is paid, and take the payment. Raises: Cancelled, TimedOut, Tampered, StorageFailed."""
    show(t, "choose_payment", amount=amount.decimal())
    match await choose(t, (Key.F1, Key.CANCEL)):
        case Key.F1:
            return await cash_sale(t, amount)
        case _:
            raise Cancelled("no way of paying was chosen")
