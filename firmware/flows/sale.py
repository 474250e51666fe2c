"""Sale 消费: the amount is known, the customer chooses how to pay: a card into the slot, or cash."""

from __future__ import annotations

from typing import Final

from firmware.flows.cash_sale import cash_sale
from firmware.flows.chip_sale import ChipUnreadable, chip_sale
from firmware.flows.dialogue import Cancelled, card_or_key, show
from firmware.hal import Key
from firmware.journal import Record
from firmware.log import LogEvent, log
from firmware.terminal import Terminal
from firmware.units import Money

CHIP_TRIES: Final = 3
"""So often a chip that cannot be read is tried; the stripe comes with the host."""


async def sale(t: Terminal, amount: Money, *, card_in: bool = False) -> Record | None:
    """Ask how `amount` is paid, and take the payment; None where a card was declined.

    `card_in` tells that the card stands in the slot already. Raises: Cancelled, TimedOut, Tampered; StorageFailed -
    nothing was sold; OutcomeUnknown.
    """
    for _ in range(CHIP_TRIES):
        if not card_in:
            show(t, "choose_payment" if t.takes_chips else "choose_cash", amount=amount.decimal())
            match await card_or_key(t, (Key.F1, Key.CANCEL)):
                case Key.F1:
                    return await cash_sale(t, amount)
                case Key.CANCEL:
                    raise Cancelled("no way of paying was chosen")
        card_in = False
        try:
            return await chip_sale(t, amount)
        except ChipUnreadable as error:
            log.warning(LogEvent.CARD_UNREADABLE, why=str(error))
    raise Cancelled("the chip could not be read")
