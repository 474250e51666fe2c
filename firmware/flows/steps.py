"""The steps that several flows share: putting a receipt on paper, and performing the duty of an open record.

Owned here: the payment never depends on the paper. A record is complete before its receipt starts, and whatever the
printer does, the flow goes on and the receipt can be had again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.flows.dialogue import TimedOut, choose, linger, next_key, refuse, show, tell
from firmware.hal import Beep, Key, KeyPressed, Paper
from firmware.hal.errors import CoverOpen, PaperOut, PrinterError, PrinterOffline
from firmware.journal import Duty, Phase, PrintState, Record
from firmware.journal.phases import DUTIES
from firmware.log import LogEvent, log
from firmware.receipts.slips import slip
from firmware.terminal import Terminal
from firmware.units import Millis

POLL_MS: Final = Millis(1_000)
FINISH_MS: Final = Millis(8_000)
"""How long the rest of a slip takes at most, once the printer goes on."""
ATTEMPTS_MAX: Final = 50
PRINT_JOBS: Final = 1_000_000


def kind_name(t: Terminal, record: Record) -> str:
    """What the record is, in the language of the screen."""
    return t.language.words.text("names", record.kind)


@dataclass(frozen=True, slots=True)
class Told:
    """The result that stays on the screen while its receipt is printed; the screen has a place for a {note}."""

    text_id: str
    values: Mapping[str, str]

    def show(self, t: Terminal, note: str) -> None:
        """Show the result with the note `note` of the wording, none for an empty one."""
        show(t, self.text_id, note=t.language.words.text("notes", note) if note else "", **self.values)


async def print_receipt(t: Terminal, record: Record, told: Told, *, duplicate: bool = False) -> Record:
    """Print the copies of a record's receipt while the result stands on the screen; then the record is done.

    A printer that fails is told to the person; the receipt can be printed from the menu later. Raises: Tampered,
    StorageFailed.
    """
    printed = True
    for place, copy in enumerate(t.parameters.copies):
        if place and not await _next_copy_wanted(t, copy, told):
            break
        printed = await _print_copy(t, record, copy, told, duplicate=duplicate)
        if not printed:
            break
    if record.phase is Phase.COMPLETED:
        record = t.journal.advance(record, Phase.DONE)
    told.show(t, "" if printed else "receipt_pending")
    await linger(t)
    return record


async def _next_copy_wanted(t: Terminal, copy: str, told: Told) -> bool:
    """Ask before the next copy, so that the one before can be torn off; silence prints it."""
    if t.parameters.waits.next_copy == 0:
        return True
    told.show(t, f"next_{copy}")
    try:
        key = await next_key(t, t.parameters.waits.next_copy)
    except TimedOut:
        return True
    if key.digits:
        t.events.put_back(KeyPressed(key))
    return key not in (Key.CLEAR, Key.CANCEL)


async def _print_copy(t: Terminal, record: Record, copy: str, told: Told, *, duplicate: bool) -> bool:
    """Put one copy on paper, asking the person for help where the printer needs it; False where it was given up."""
    job = t.journal.queue_print(record, copy, duplicate=duplicate)
    original = None if record.original_id is None else t.journal.record(record.original_id)
    give_up_ms = t.devices.clock.elapsed_ms() + t.parameters.waits.paper
    started = False
    for _ in range(ATTEMPTS_MAX):
        told.show(t, "printing")
        try:
            if started:
                await t.devices.printer.finish(job.id % PRINT_JOBS, FINISH_MS)
            else:
                if job.state is PrintState.QUEUED:
                    job = t.journal.mark_print(job, PrintState.SENT)
                await t.devices.printer.print(
                    slip(record, copy, original, t.parameters, t.language.of, duplicate=duplicate),
                    job.id % PRINT_JOBS,
                )
        except PrinterError as error:
            lost = error.started and isinstance(error, PrinterOffline)
            started = (started or error.started) and not lost
            if lost:
                t.journal.mark_print(job, PrintState.FAILED)
                duplicate = True
                job = t.journal.queue_print(record, copy, duplicate=True)
            log.warning(LogEvent.RECEIPT_FAILED, fact=type(error).__name__, copy=copy, started=error.started)
            if not await _printer_mended(t, error, give_up_ms):
                break
        else:
            t.journal.mark_print(job, PrintState.ACKED)
            log.info(LogEvent.RECEIPT_PRINTED, copy=copy, duplicate=duplicate)
            return True
    t.journal.mark_print(job, PrintState.FAILED)
    return False


def _trouble_screen(error: PrinterError) -> str:
    match error:
        case PaperOut():
            return "printer_out_of_paper"
        case CoverOpen():
            return "printer_cover_open"
        case _:
            return "printer_offline"


async def _printer_mended(t: Terminal, error: PrinterError, give_up_ms: int) -> bool:
    """Tell what the printer lacks, until it has it, a person says retry (True) or later (False), or time is over."""
    show(t, _trouble_screen(error))
    t.devices.panel.beep(Beep.ERROR)
    while t.devices.clock.elapsed_ms() < give_up_ms:
        try:
            key = await next_key(t, POLL_MS)
        except TimedOut:
            status = await t.devices.printer.status()
            if status.online and not status.cover_open and status.paper is not Paper.OUT:
                return True
            continue
        if key in (Key.F1, Key.ENTER):
            return True
        if key in (Key.F4, Key.CANCEL):
            return False
        refuse(t)
    return False


async def perform_duty(t: Terminal, record: Record) -> None:
    """Do what an unfinished record still asks for, after a power cut or a failure. Raises: Tampered, StorageFailed."""
    duty = DUTIES[record.phase]
    match duty:
        case Duty.ABANDON:
            t.journal.advance(record, Phase.ABANDONED)
            await tell(t, "power_failed", Beep.ERROR, kind=kind_name(t, record), amount=record.amount.decimal())
        case Duty.OFFER_RECEIPT:
            await _offer_receipt(t, record)
    log.info(LogEvent.DUTY_DONE, duty=duty, stan=str(record.stan), kind=record.kind)


async def _offer_receipt(t: Terminal, record: Record) -> None:
    """Offer the receipt that may not have come out whole; silence or no leave it to the menu."""
    for job in t.journal.unfinished_prints():
        t.journal.mark_print(job, PrintState.FAILED)
    kind, amount = kind_name(t, record), record.amount.decimal()
    show(t, "offer_receipt", kind=kind, amount=amount, voucher=str(record.stan))
    t.devices.panel.beep(Beep.ATTENTION)
    try:
        key = await choose(t, (Key.F1, Key.ENTER, Key.F4, Key.CANCEL), t.parameters.waits.boot_offer)
    except TimedOut:
        key = Key.F4
    if key in (Key.F1, Key.ENTER):
        await print_receipt(t, record, Told("reprinting", {"kind": kind, "amount": amount}), duplicate=True)
    else:
        t.journal.advance(record, Phase.DONE)
