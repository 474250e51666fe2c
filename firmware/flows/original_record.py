"""Finding the earlier record that an errand is about: by its voucher number, or typed from a slip."""

from __future__ import annotations

from typing import Final

from firmware.errors import TillberryError
from firmware.flows.dialogue import Cancelled, choose, enter, show, tell
from firmware.flows.in_the_way import freed
from firmware.flows.steps import kind_name
from firmware.hal import Beep, Key
from firmware.journal import Kind, Record
from firmware.screens.entry import DigitsEditor
from firmware.terminal import Terminal
from firmware.units import Stan

VOUCHER_DIGITS: Final = 6


class NoOriginal(TillberryError):
    """There is no record that the errand could be about: nothing was done, and the person was told."""


async def voucher_or_slip(t: Terminal, flow: str, kind: Kind) -> Record | None:
    """Ask for a voucher number; None for ENTER alone: the slip is of another batch or terminal, and is typed.

    Raises: Cancelled, TimedOut, Tampered, NoOriginal.
    """

    def check(typed: DigitsEditor) -> str | None:
        return None if typed.empty or int(typed.value) > 0 else "voucher_or_slip"

    typed = await enter(t, "voucher_or_slip", DigitsEditor(1, VOUCHER_DIGITS), check=check, flow=flow)
    if typed.empty:
        return None
    record = t.journal.by_stan(Stan(int(typed.value)))
    if record is not None:
        record = await freed(t, record, flow)
    if record is None or record.completed_at is None or record.kind is not kind or record.voided_by is not None:
        await tell(t, "voucher_unknown", Beep.ERROR, flow=flow, voucher=typed.value)
        raise NoOriginal("there is no such record to be about")
    return record


async def confirm_about(t: Terminal, flow: str, original: Record) -> None:
    """Show the record that the errand is about, until ENTER confirms it. Raises: Cancelled, TimedOut, Tampered."""
    when = original.opened_at.astimezone(t.parameters.zone).strftime("%m-%d %H:%M:%S")
    t.events.discard_keys()
    show(
        t,
        "confirm_errand",
        flow=flow,
        kind=kind_name(t, original),
        amount=original.approved.decimal(),
        voucher=str(original.stan),
        time=when,
    )
    if await choose(t, (Key.ENTER, Key.CANCEL)) is Key.CANCEL:
        raise Cancelled("the errand was not confirmed")
