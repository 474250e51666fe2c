"""Reversals that were given up 冲正不成功: a person is told, and a slip says so.

Owned here: nothing more can be done by this terminal, so whoever sells must know that the customer may have paid for
what was declined. Whether the shop wants slips of declined cards does not matter here.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.paper import Told, print_receipt
from firmware.hal import Beep
from firmware.hal.errors import StorageFailed
from firmware.log import LogEvent, log
from firmware.terminal import Acquirer, Terminal

COPIES: Final = ("merchant",)


async def tell_given_up(t: Terminal, acquirer: Acquirer) -> None:
    """Tell of each reversal that was given up, and print its slip. Raises: Tampered."""
    while acquirer.given_up:
        try:
            record = t.journal.record(acquirer.given_up.pop(0))
        except StorageFailed as error:
            log.error(LogEvent.FLOW_FAILED, fact=type(error).__name__)
            continue
        told = Told("reversal_failed", {"amount": record.amount.decimal(), "voucher": str(record.stan)})
        t.devices.panel.beep(Beep.ERROR)
        t.events.discard_keys()
        told.show(t, "")
        await print_receipt(t, record, told, copies=COPIES)
