"""Transfer 转账: money goes from the card that is shown to another card, whose number is typed twice.

A transfer cannot be reversed. Where no answer comes, the person is told to ask the acquirer, and the record stays in
sight until it is settled by hand.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.by_card import by_card
from firmware.flows.dialogue import Cancelled, enter, tell
from firmware.flows.errand import Errand
from firmware.flows.offered import tell_unless_offered
from firmware.flows.typed import type_amount
from firmware.hal import Beep
from firmware.host.values import Transaction
from firmware.journal import Kind, Record
from firmware.screens.entry import CardNumberEditor
from firmware.stripe import luhn_holds
from firmware.terminal import Terminal
from firmware.units import Pan

PAN_DIGITS: Final = (12, 19)
TRIES: Final = 3


async def transfer(t: Terminal) -> Record | None:
    """Ask for the target card, the amount and the paying card, and transfer; None where that came to nothing.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was done; OutcomeUnknown.
    """
    if not await tell_unless_offered(t, Transaction.TRANSFER):
        return None
    flow = t.language.words.text("menu", "transfer")
    target = await type_target(t, flow)
    amount = await type_amount(t, flow)
    errand = Errand(Kind.TRANSFER, Transaction.TRANSFER, amount, text=target.reveal().encode())
    return await by_card(t, errand)


async def type_target(t: Terminal, flow: str) -> Pan:
    """Ask for the number of the target card twice, until both are the same and its check digit holds.

    Raises: Cancelled - also after some tries; TimedOut, Tampered.
    """
    for _ in range(TRIES):
        first = await enter(t, "target_card", CardNumberEditor(*PAN_DIGITS), flow=flow)
        second = await enter(t, "target_card_again", CardNumberEditor(*PAN_DIGITS), flow=flow)
        if first.digits == second.digits and luhn_holds(first.digits):
            return first.value
        await tell(t, "target_wrong", Beep.ERROR, flow=flow)
    raise Cancelled("the target card was not typed twice alike")
