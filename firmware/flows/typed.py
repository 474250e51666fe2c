"""What a merchant types for an errand by card: its amount, and what a slip says of the original transaction."""

from __future__ import annotations

from typing import Final

from firmware.flows.dialogue import enter
from firmware.host.values import Original, Transaction
from firmware.screens.entry import AmountEditor, DateEditor, DigitsEditor
from firmware.terminal import Terminal
from firmware.units import Money

RRN_DIGITS: Final = 12
AUTHORISATION_DIGITS: Final = 6


async def type_amount(t: Terminal, flow: str, limit: Money | None = None) -> Money:
    """Ask for an amount of at most `limit`, by default the shop's. Raises: Cancelled, TimedOut, Tampered."""
    most = t.parameters.amount_limit if limit is None or t.parameters.amount_limit < limit else limit
    typed = await enter(t, "errand_amount", AmountEditor(most.currency, most), flow=flow, limit=most.decimal())
    return typed.value


async def type_by_rrn(t: Terminal, flow: str, transaction: Transaction) -> Original:
    """Ask for the reference number and the date of a slip. Raises: Cancelled, TimedOut, Tampered."""
    rrn = await enter(t, "enter_rrn", DigitsEditor(RRN_DIGITS, RRN_DIGITS), flow=flow)
    date = await enter(t, "enter_date", DateEditor(), flow=flow)
    return Original(date=date.value, rrn=rrn.value, transaction=transaction)


async def type_by_authorisation(t: Terminal, flow: str, transaction: Transaction) -> Original:
    """Ask for the authorisation number and the date of a slip. Raises: Cancelled, TimedOut, Tampered."""
    number = await enter(t, "enter_authorisation", DigitsEditor(AUTHORISATION_DIGITS, AUTHORISATION_DIGITS), flow=flow)
    date = await enter(t, "enter_date", DateEditor(), flow=flow)
    return Original(date=date.value, authorisation=number.value, transaction=transaction)
