"""Cash sale 现金: amount, tendered, change, receipt."""

from __future__ import annotations

from typing import Final

from firmware.flows.dialogue import Hints, enter
from firmware.flows.paper import Told, print_receipt
from firmware.flows.steps import complete, kind_name
from firmware.hal import Beep
from firmware.journal import Kind, Record
from firmware.screens.entry import AmountEditor
from firmware.terminal import Terminal
from firmware.units import Money

TENDERED_FACTOR: Final = 10
"""A customer may hand over more than the largest sale: a note of the next size up, never a slip of the finger."""


async def cash_sale(t: Terminal, amount: Money) -> Record:
    """Take `amount` in cash.

    Raises: Cancelled, TimedOut, Tampered; StorageFailed - nothing was sold; OutcomeUnknown.
    """
    tendered = await _take_tendered(t, amount)
    record = t.journal.open_record(Kind.CASH_SALE, amount, tendered=tendered)
    record = complete(t, record)
    t.devices.panel.beep(Beep.OK)
    t.devices.panel.open_drawer()
    told = Told(
        "approved",
        {
            "change": (tendered - amount).decimal(),
            "kind": kind_name(t, record),
            "amount": amount.decimal(),
        },
    )
    return await print_receipt(t, record, told)


async def _take_tendered(t: Terminal, amount: Money) -> Money:
    """Ask what the customer hands over; ENTER alone means the exact amount."""

    def check(typed: AmountEditor) -> str | None:
        return None if typed.empty or amount <= typed.value else "tendered_short"

    limit = Money(t.parameters.amount_limit.minor * TENDERED_FACTOR, amount.currency)
    typed = await enter(
        t,
        "enter_tendered",
        AmountEditor(limit.currency, limit),
        check=check,
        hints=Hints("tendered_limit", "tendered_point"),
        amount=amount.decimal(),
    )
    return amount if typed.empty else typed.value
