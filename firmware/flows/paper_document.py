"""Putting a document that belongs to no record on paper, such as the slip of a settlement.

Owned here: what it tells is in the journal, so one that did not come out is printed again from the menu.
"""

from __future__ import annotations

from firmware.flows.dialogue import linger
from firmware.flows.paper import ATTEMPTS_MAX, FINISH_MS, PRINT_JOBS, Told, printer_mended
from firmware.hal.errors import NotPrintable, PrinterError, PrinterOffline
from firmware.log import LogEvent, log
from firmware.surfaces import Document
from firmware.terminal import Terminal


async def print_document(t: Terminal, document: Document, number: int, told: Told) -> None:
    """Print `document` while the result stands on the screen; `number` tells its job from others. Raises: Tampered."""
    printed = await _printed(t, document, PRINT_JOBS - 1 - number % (PRINT_JOBS // 2), told)
    told.show(t, "printed" if printed else "receipt_pending")
    await linger(t)


async def _printed(t: Terminal, document: Document, job: int, told: Told) -> bool:
    give_up_ms = t.devices.clock.elapsed_ms() + t.parameters.waits.paper
    started = False
    for _ in range(ATTEMPTS_MAX):
        told.show(t, "printing")
        try:
            if started:
                await t.devices.printer.finish(job, FINISH_MS)
            else:
                await t.devices.printer.print(document, job)
        except PrinterError as error:
            lost = error.started and isinstance(error, PrinterOffline)
            started = (started or error.started) and not lost
            log.warning(LogEvent.RECEIPT_FAILED, fact=type(error).__name__, copy=document.copy, started=error.started)
            if isinstance(error, NotPrintable) or not await printer_mended(t, error, told, give_up_ms):
                return False
        else:
            return True
    return False
